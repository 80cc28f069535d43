// CIFAR-10 in binary form (Krizhevsky, 2009): the files data_batch_1.bin to data_batch_5.bin and
// test_batch.bin in a folder, or only as many of them as the limits need. Each record is a label
// byte, 0 to 9, and 3 planes (red, green, blue) of 32 x 32 bytes; a sample is 32 x 32 x 3, divided
// by 255. A file is read record by record, so that memory holds no second copy of the images.
#include "learning/data/sources/data_source.hpp"

#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>

namespace adsp::learning {

namespace {

namespace fs = std::filesystem;

constexpr std::ptrdiff_t side = 32;
constexpr std::ptrdiff_t plane = side * side;
constexpr shape image{side, side, 3};
constexpr std::size_t record_bytes = 1 + 3 * plane;
constexpr int classes = 10;
constexpr auto good_copy =
    "; take the files of cifar-10-binary.tar.gz, whose records have 3073 bytes";

/// How many records the file has.
std::uint64_t records_of(const fs::path& file) {
  std::error_code error;
  const auto bytes = fs::is_regular_file(file, error) ? fs::file_size(file, error) : 0;
  if (error || !fs::is_regular_file(file, error))
    throw data_error(file.string() + ": cannot be read; set data.path to the folder of "
                                     "data_batch_1.bin to data_batch_5.bin and test_batch.bin");
  if (bytes == 0 || bytes % record_bytes != 0)
    throw data_error(file.string() + ": has " + counted(bytes, "byte") + ", record " +
                     std::to_string(bytes / record_bytes) + " from byte " +
                     std::to_string(bytes / record_bytes * record_bytes) +
                     " on is cut off or missing, expected a multiple of " +
                     std::to_string(record_bytes) + good_copy);
  return bytes / record_bytes;
}

/// Reads the first `count` records of a file into `into`, from its sample `first` on.
void read_records(const fs::path& file, std::uint64_t count, std::size_t first, dataset& into) {
  std::ifstream in(file, std::ios::binary);
  std::array<char, record_bytes> record;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto place = [&] {
      return file.string() + ": record " + std::to_string(i) + " at byte " +
             std::to_string(i * record_bytes) + ": ";
    };
    if (!in.read(record.data(), record.size()))
      throw data_error(place() + "found " +
                       counted(static_cast<std::uint64_t>(in.gcount()), "byte") + ", expected " +
                       std::to_string(record_bytes) + "; the file has changed while it was read");
    const auto* bytes = reinterpret_cast<const unsigned char*>(record.data());
    if (bytes[0] >= classes)
      throw data_error(place() + "found label " + std::to_string(bytes[0]) + ", expected 0 to 9" +
                       good_copy);
    into.labels[first + i] = bytes[0];
    auto* sample = into.features.col(static_cast<Eigen::Index>(first + i)).data();
    for (std::ptrdiff_t channel = 0; channel < 3; ++channel)
      for (std::ptrdiff_t pixel = 0; pixel < plane; ++pixel)
        sample[3 * pixel + channel] =
            static_cast<float>(bytes[1 + channel * plane + pixel]) / 255.0F;
  }
}

dataset read_files(const std::vector<fs::path>& files, std::uint32_t limit) {
  std::vector<std::uint64_t> counts;
  std::uint64_t total = 0;
  for (const auto& file : files) {
    const auto left = limit == 0 ? records_of(file) : limit - total;
    counts.push_back(left == 0 ? 0 : std::min(left, records_of(file)));
    total += counts.back();
  }
  dataset result;
  result.classes = classes;
  result.input = image;
  result.features.resize(image.size(), static_cast<Eigen::Index>(total));
  result.labels.resize(total);
  std::size_t first = 0;
  for (std::size_t i = 0; i < files.size(); ++i) {
    read_records(files[i], counts[i], first, result);
    first += counts[i];
  }
  return result;
}

dataset load_test_batch(const data_options& x) {
  return read_files({fs::path(x.path) / "test_batch.bin"}, x.test_limit);
}

train_and_test load_batches(const data_options& options, parts which) {
  std::vector<fs::path> training;
  for (int i = 1; i <= 5; ++i)
    training.push_back(fs::path(options.path) / ("data_batch_" + std::to_string(i) + ".bin"));
  train_and_test result;
  result.train = read_files(training, options.train_limit);
  if (which == parts::both)
    result.test = load_test_batch(options);
  return result;
}

std::string batches(const data_options& x) {
  return (fs::path(x.path) / "data_batch_1.bin").string() + " and the others";
}

} // namespace

data_source cifar10_source() {
  return {.name = "cifar10",
          .path = "the folder of CIFAR-10's binary version",
          .keys = {"path", "train_limit", "test_limit", "class_weights", "augment"},
          .rows = row_kind::pixels,
          .load = load_batches,
          .load_test = [](const data_options& x, const fitted_data&) { return load_test_batch(x); },
          .training_file = batches};
}

} // namespace adsp::learning

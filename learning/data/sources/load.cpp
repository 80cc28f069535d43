// Reads data sets: finds the four IDX files of one and turns them into samples and labels; files of
// numbers are read elsewhere.
#include "learning/data/sources/load.hpp"

#include "learning/data/augmentation.hpp"
#include "learning/data/class_weights.hpp"
#include "learning/data/sources/cifar.hpp"
#include "learning/data/sources/idx.hpp"
#include "learning/data/sources/number_sets.hpp"
#include "learning/data/sources/quadratic_draws.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <filesystem>

namespace adsp::learning {

namespace {

namespace fs = std::filesystem;

constexpr auto package_folder = "/usr/share/datasets/fashion-mnist";

/// Where a data set's files are, and how to get them when they are not.
struct location {
  fs::path folder;
  std::string remedy;
};

location locate(const data_options& x) {
  if (x.source == "fashion-mnist")
    return {x.path.empty() ? fs::path(package_folder) : fs::path(x.path),
            "`apt-get install dataset-fashion-mnist`, or set data.path to the folder of its files"};
  if (x.source != "idx")
    throw data_error("data.source is \"" + x.source +
                     "\", expected \"fashion-mnist\", \"idx\", \"cifar10\", \"csv\", \"libsvm\", "
                     "\"series\" or \"quadratic\"");
  if (x.path.empty())
    throw data_error("data.path is empty; set it to the folder of the four IDX files, which "
                     "data.source = \"idx\" needs");
  return {x.path, "set data.path to a folder with the four IDX files"};
}

/// The file `name` of the folder, or the compressed one.
fs::path find_file(const location& from, const std::string& name) {
  for (auto suffix : {"", ".gz"}) {
    auto file = from.folder / (name + suffix);
    std::error_code ignored;
    if (fs::exists(file, ignored))
      return file;
  }
  throw data_error((from.folder / name).string() + ": found neither it nor " + name + ".gz; " +
                   from.remedy);
}

/// Reads one half of a data set. `classes` of 0 means as many as its labels show.
dataset read_half(const location& from, const std::string& prefix, std::uint32_t limit,
                  std::int32_t classes) {
  auto labels_file = find_file(from, prefix + "-labels-idx1-ubyte");
  auto images_file = find_file(from, prefix + "-images-idx3-ubyte");
  // All labels, whatever the limit: they are small, and they show the number of classes.
  auto labels = read_idx(labels_file, 1);
  auto images = read_idx(images_file, 3, limit);
  if (labels.announced != images.announced)
    throw data_error(labels_file.string() + ": has " + std::to_string(labels.announced) +
                     " labels, expected " + std::to_string(images.announced) +
                     ", one for each image of " + images_file.string() +
                     "; take both files from the same data set");
  dataset result;
  result.classes =
      classes != 0 ? classes : *std::max_element(labels.bytes.begin(), labels.bytes.end()) + 1;
  const auto wrong = std::find_if(labels.bytes.begin(), labels.bytes.end(),
                                  [&](int label) { return label >= result.classes; });
  if (wrong != labels.bytes.end())
    throw data_error(
        labels_file.string() + ": item " + std::to_string(wrong - labels.bytes.begin()) +
        " (from 0): found label " + std::to_string(*wrong) + ", expected 0 to " +
        std::to_string(result.classes - 1) + "; take all files from the same data set");
  result.labels.assign(labels.bytes.begin(), labels.bytes.begin() + images.items);
  Eigen::Map<const Eigen::Matrix<std::uint8_t, Eigen::Dynamic, Eigen::Dynamic>> pixels(
      images.bytes.data(), static_cast<Eigen::Index>(images.item_bytes()), images.items);
  result.features = pixels.cast<float>() / 255.0F;
  result.input = {images.item_shape[0], images.item_shape[1], 1};
  return result;
}

train_and_test load_source(const data_options& x, parts which) {
  if (x.source == "quadratic")
    return quadratic_data(x.samples, x.dimensions, x.noise);
  if (x.source == "cifar10")
    return load_cifar10(x, which);
  if (x.train_share == 0 && (x.source == "csv" || x.source == "libsvm" || x.source == "series"))
    throw data_error("data.train_share is 0, expected a number above 0 and below 1");
  if (x.source == "csv")
    return load_csv(x);
  if (x.source == "libsvm")
    return load_libsvm(x);
  if (x.source == "series")
    return load_series(x);
  auto from = locate(x);
  auto classes = x.source == "fashion-mnist" ? 10 : 0;
  train_and_test result;
  result.train = read_half(from, "train", x.train_limit, classes);
  if (which == parts::both)
    result.test = read_half(from, "t10k", x.test_limit, result.train.classes);
  if (result.train.classes < 2)
    throw data_error(from.folder.string() +
                     ": all training labels are 0, expected at least two classes; " + from.remedy);
  if (which == parts::both && result.train.input != result.test.input)
    throw data_error(from.folder.string() + ": test images have " + to_string(result.test.input) +
                     " pixels, expected " + to_string(result.train.input) +
                     " as the training images; take all files from the same data set");
  return result;
}

/// Where the classes of the training samples stand.
std::string training_file(const data_options& x) {
  if (x.source == "fashion-mnist" || x.source == "idx")
    return find_file(locate(x), "train-labels-idx1-ubyte").string();
  return x.source == "cifar10"
             ? (fs::path(x.path) / "data_batch_1.bin").string() + " and the others"
             : x.path;
}

/// Classes that the files have are to be learnt; bins may be empty.
void check_classes(const data_options& x, const train_and_test& data) {
  const auto& train = data.train;
  if (x.source == "quadratic" || data.prepared.task == "bins" || train.classes == 0)
    return;
  std::vector<bool> seen(static_cast<std::size_t>(train.classes));
  for (auto label : train.labels)
    seen[static_cast<std::size_t>(label)] = true;
  for (std::int32_t label = 0; label < train.classes; ++label)
    if (!seen[static_cast<std::size_t>(label)])
      throw data_error(
          training_file(x) + ": found no sample of class " + shown(data.prepared.name_of(label)) +
          " among the " + std::to_string(train.size()) +
          " training samples, expected at least one of each of " + std::to_string(train.classes) +
          " classes; raise data.train_limit or take files that have them");
}

/// Nothing is fitted to images.
dataset load_test_images(const data_options& x, std::int32_t classes) {
  auto result = x.source == "cifar10" ? load_cifar10_test(x)
                                      : read_half(locate(x), "t10k", x.test_limit, classes);
  if (const auto side = parse_augmentation(x.augment).crop; side > 0)
    crop_to_middle(side, result);
  return result;
}

/// What was saved is of the task, and makes samples that the model takes.
void check_saved(const data_options& x, const preprocessing& saved, const shape& input) {
  const bool table = x.source == "csv";
  const auto columns = saved.columns.size();
  if (saved.task != task_of(x) || (saved.task == "bins" && saved.bins != x.bins) ||
      (table && (columns == 0 || saved.width() != static_cast<std::size_t>(input.size()))) ||
      (x.source == "series" && columns != 1))
    throw data_error("the model does not say how its data were prepared; train it again");
}

} // namespace

dataset load_test(const data_options& x, const preprocessing& saved, const shape& input,
                  std::int32_t classes) {
  if (x.source == "quadratic")
    return load(x).test;
  if (x.source != "csv" && x.source != "libsvm" && x.source != "series")
    return load_test_images(x, classes);
  check_saved(x, saved, input);
  if (x.source == "csv")
    return load_csv_test(x, saved);
  return x.source == "series"
             ? load_series_test(x, saved)
             : load_libsvm_test(x, saved, static_cast<std::uint64_t>(input.size()));
}

train_and_test load(const data_options& x, parts which) {
  auto result = load_source(x, which);
  check_classes(x, result);
  if (const auto side = parse_augmentation(x.augment).crop; side > 0) {
    crop_at_random(side, result.train);
    if (result.test.size() > 0) // it may not have been read
      crop_to_middle(side, result.test);
  }
  if (x.class_weights == "balanced" && result.train.classes > 0)
    result.train.class_weights = balanced_weights(result.train);
  return result;
}

} // namespace adsp::learning

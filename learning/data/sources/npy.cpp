// NumPy arrays: x_train.npy and y_train.npy, x_test.npy and y_test.npy in a folder. An x with two
// extents holds samples x numbers, with three samples x height x width, with four also channels;
// its y holds a label or a number for each sample. Unsigned bytes of images are pixels, divided by
// 255.
#include "learning/data/npy_header.hpp"
#include "learning/data/sources/data_source.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <type_traits>

namespace adsp::learning {

namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "the numbers of an .npy are copied");

/// 4 GiB of floats.
constexpr std::uint64_t max_array_numbers = std::uint64_t{1} << 30;

/// The same limit as for the classes of a table.
constexpr double max_label = 65535;

/// A type of NumPy's numbers.
struct number_type {
  std::string_view name;
  std::size_t bytes;
  bool whole;
  double (*read)(const char*);
};

template <class T>
double read_as(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return static_cast<double>(value);
}

template <class T>
constexpr number_type type_of(std::string_view name) {
  return {name, sizeof(T), std::is_integral_v<T>, read_as<T>};
}

constexpr std::array types = {type_of<float>("'<f4'"),         type_of<double>("'<f8'"),
                              type_of<std::uint8_t>("'|u1'"),  type_of<std::int8_t>("'|i1'"),
                              type_of<std::uint16_t>("'<u2'"), type_of<std::int16_t>("'<i2'"),
                              type_of<std::uint32_t>("'<u4'"), type_of<std::int32_t>("'<i4'"),
                              type_of<std::uint64_t>("'<u8'"), type_of<std::int64_t>("'<i8'")};

/// One array, read from its first number on. Its size is checked before any of it is read, so that
/// memory grows with the file's content, not with what its header says.
class npy_file {
public:
  explicit npy_file(fs::path path) : path_(std::move(path)), in_(path_, std::ios::binary) {
    std::error_code error;
    if (!in_ || !fs::is_regular_file(path_, error))
      fail("cannot be read; set data.path to the folder of x_train.npy, y_train.npy, x_test.npy "
           "and y_test.npy");
    const auto header = read_npy_header([this](char* into, std::size_t size) { take(into, size); },
                                        [this](const std::string& what) { fail(what); });
    read_type(npy_value(header, "descr"));
    if (const auto order = npy_value(header, "fortran_order"); order != "False")
      fail("has the fortran_order " + shown_npy_value(order) +
           ", expected False; use numpy.ascontiguousarray(x)");
    read_shape(npy_value(header, "shape"), fs::file_size(path_));
  }

  const std::vector<std::uint64_t>& shape() const { return shape_; }
  const number_type& type() const { return *type_; }
  std::string name() const { return path_.string(); }
  [[noreturn]] void fail(const std::string& what) const { throw data_error(name() + ": " + what); }

  /// Calls use(number) for the next `count` numbers, which the array has.
  template <class Use>
  void read(std::uint64_t count, const Use& use) {
    std::array<char, std::size_t{1} << 16> buffer;
    while (count > 0) {
      const auto part = std::min<std::uint64_t>(count, buffer.size() / type_->bytes);
      take(buffer.data(), part * type_->bytes);
      for (std::size_t i = 0; i < part; ++i) {
        const auto number = type_->read(buffer.data() + i * type_->bytes);
        ++read_;
        if (!std::isfinite(number) || std::abs(number) > std::numeric_limits<float>::max())
          fail("holds " + std::to_string(number) + " as number " + std::to_string(read_) +
               ", expected numbers that a float can hold");
        use(number);
      }
      count -= part;
    }
  }

private:
  void take(char* into, std::size_t size) {
    if (!in_.read(into, static_cast<std::streamsize>(size)))
      fail("ends too early");
  }

  void read_type(const std::string& found) {
    type_ = std::ranges::find(types, found, &number_type::name);
    if (type_ != types.end())
      return;
    std::string known;
    for (const auto& type : types)
      known += (known.empty() ? "" : ", ") + std::string(type.name);
    fail("has the descr " + shown_npy_value(found) + ", expected one of " + known +
         "; use x.astype(\"float32\")");
  }

  void read_shape(const std::string& found, std::uint64_t file_bytes) {
    const auto extents = npy_extents(found);
    if (!extents || extents->empty() || std::ranges::find(*extents, 0U) != extents->end())
      fail("has the shape " + shown_npy_value(found) +
           ", expected at least one extent, and none of 0");
    shape_ = *extents;
    const auto left = file_bytes - static_cast<std::uint64_t>(in_.tellg());
    auto room = left / type_->bytes; // divided by each extent, so that no product can wrap
    for (const auto extent : shape_)
      room /= extent;
    std::uint64_t bytes = type_->bytes;
    for (const auto extent : shape_)
      bytes *= extent;
    if (room != 1 || bytes != left)
      fail("has " + std::to_string(left) + " bytes after its header, which are not those of " +
           std::to_string(type_->bytes) + "-byte numbers of the shape " + shown_npy_value(found));
  }

  fs::path path_;
  std::ifstream in_;
  const number_type* type_ = nullptr;
  std::vector<std::uint64_t> shape_;
  std::uint64_t read_ = 0;
};

/// The training samples, or the test samples.
struct half {
  dataset data;
  bool pixels = false;
};

shape shape_of_sample(const npy_file& file) {
  std::array<std::ptrdiff_t, 4> sides = {1, 1, 1, 1};
  const auto& extents = file.shape();
  if (extents.size() < 2 || extents.size() > 4)
    file.fail("has " + counted(extents.size(), "extent") +
              ", expected samples x numbers, samples x height x width or samples x height "
              "x width x channels");
  for (std::size_t i = 0; i < extents.size(); ++i)
    sides[i] = static_cast<std::ptrdiff_t>(extents[i]);
  return extents.size() == 2 ? flat(sides[1]) : shape{sides[1], sides[2], sides[3]};
}

/// How a number of the file is scaled.
table_column pixel_column() {
  table_column column;
  column.name = "pixel";
  column.divisor = 255;
  return column;
}

half read_samples(npy_file& file, std::uint32_t limit) {
  half result;
  auto& data = result.data;
  data.input = shape_of_sample(file);
  result.pixels = file.shape().size() > 2 && file.type().name == "'|u1'";
  const auto column = result.pixels ? pixel_column() : table_column{};
  const auto samples =
      limit == 0 ? file.shape().front() : std::min<std::uint64_t>(limit, file.shape().front());
  const auto numbers = static_cast<std::uint64_t>(data.input.size());
  if (samples > max_array_numbers / numbers)
    file.fail("holds " + counted(samples, "sample") + " of " + std::to_string(numbers) +
              " numbers, expected at most " + std::to_string(max_array_numbers) +
              " numbers in all; set data.train_limit and data.test_limit");
  data.features.resize(data.input.size(), static_cast<Eigen::Index>(samples));
  auto* into = data.features.data();
  file.read(samples * numbers, [&](double number) { *into++ = column.scaled(number); });
  return result;
}

std::string whole_text(double number) {
  const bool fits = std::abs(number) < 9e15;
  return fits ? std::to_string(static_cast<std::int64_t>(number)) : std::to_string(number);
}

/// Reads the labels of `data`, at least 0 and below data.classes; if that is 0, sets it to what the
/// labels show.
void read_labels(npy_file& file, std::uint64_t count, dataset& data) {
  if (!file.type().whole)
    file.fail("has the descr " + std::string(file.type().name) +
              ", expected whole numbers, the labels of classes; use y.astype(\"int64\"), or set "
              "data.task = \"regression\"");
  std::int32_t classes = 0;
  std::uint64_t item = 0;
  file.read(count, [&](double number) {
    const auto most = data.classes == 0 ? max_label : data.classes - 1.0;
    if (number < 0 || number > most)
      file.fail("item " + std::to_string(item) + " (from 0): found label " + whole_text(number) +
                ", expected 0 to " + whole_text(most));
    const auto label = static_cast<std::int32_t>(number);
    classes = std::max(classes, label + 1);
    if (++item <= data.size())
      data.labels.push_back(label);
  });
  if (data.classes == 0)
    data.classes = classes; // of all labels, regardless of the limit
}

/// Reads x_PART.npy and y_PART.npy. `classes` of 0 means as many as the labels show.
half read_half(const data_options& options, const std::string& part, std::uint32_t limit,
               std::int32_t classes) {
  npy_file samples(fs::path(options.path) / ("x_" + part + ".npy"));
  shape_of_sample(samples); // before the other file is compared with it
  npy_file targets(fs::path(options.path) / ("y_" + part + ".npy"));
  const auto& extents = targets.shape();
  if (extents.size() > 2 || (extents.size() == 2 && extents[1] != 1))
    targets.fail("has " + std::to_string(extents.size()) +
                 " extents, expected one: a label or number for each sample");
  if (extents.front() != samples.shape().front())
    targets.fail("has " + counted(extents.front(), "label") + ", expected " +
                 std::to_string(samples.shape().front()) + ", one for each sample of " +
                 samples.name());
  auto result = read_samples(samples, limit);
  auto& data = result.data;
  if (task_of(options) == "regression") {
    targets.read(data.size(),
                 [&](double number) { data.values.push_back(static_cast<float>(number)); });
    return result;
  }
  data.classes = classes;
  read_labels(targets, extents.front(), data);
  return result;
}

std::string labels_file(const data_options& x) {
  return (fs::path(x.path) / "y_train.npy").string();
}

std::string test_file(const data_options& x) {
  return (fs::path(x.path) / "x_test.npy").string();
}

/// Reads the test samples, which must be of the same kind as the training samples.
half read_test(const data_options& options, bool pixels, std::int32_t classes) {
  auto result = read_half(options, "test", options.test_limit, classes);
  if (result.pixels != pixels)
    throw data_error(test_file(options) + ": holds " + (pixels ? "no pixels" : "pixels") +
                     ", expected samples like those of training, which are " +
                     (pixels ? "images of unsigned bytes" : "other numbers"));
  return result;
}

train_and_test load_arrays(const data_options& options, parts which) {
  auto train = read_half(options, "train", options.train_limit, 0);
  train_and_test result;
  result.train = std::move(train.data);
  if (task_of(options) == "classification" && result.train.classes < 2)
    throw data_error(labels_file(options) + ": all labels are 0, expected at least two classes");
  if (which == parts::both)
    result.test = read_test(options, train.pixels, result.train.classes).data;
  if (which == parts::both && result.test.input != result.train.input)
    throw data_error(test_file(options) + ": holds samples of " + to_string(result.test.input) +
                     ", expected " + to_string(result.train.input) + " as those of training");
  result.prepared.task = task_of(options);
  if (train.pixels)
    result.prepared.columns = {pixel_column()};
  return result;
}

dataset load_test_arrays(const data_options& x, const fitted_data& fitted) {
  return read_test(x, !fitted.prepared.columns.empty(), fitted.classes).data;
}

} // namespace

data_source npy_source() {
  return {.name = "npy",
          .path = "the folder of x_train.npy, y_train.npy, x_test.npy and y_test.npy",
          .keys = {"path", "train_limit", "test_limit", "class_weights", "task", "augment"},
          .tasks = {"classification", "regression"},
          .tokens = true,
          .load = load_arrays,
          .load_test = load_test_arrays,
          .training_file = labels_file};
}

} // namespace adsp::learning

// Images in the four IDX files of a folder: Fashion-MNIST, which comes as a package, or others.
#include "learning/data/sources/data_source.hpp"
#include "learning/data/sources/idx.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <filesystem>

namespace adsp::learning {

namespace {

namespace fs = std::filesystem;

constexpr auto package_folder = "/usr/share/datasets/fashion-mnist";

/// Where a data set's files are, and how to get them if they are missing.
struct location {
  fs::path folder;
  std::string remedy;
};

location locate_package(const data_options& options) {
  return {options.path.empty() ? fs::path(package_folder) : fs::path(options.path),
          "`apt-get install dataset-fashion-mnist`, or set data.path to the folder of its files"};
}

location locate_folder(const data_options& x) {
  return {x.path, "set data.path to a folder with the four IDX files"};
}

/// The file `name` of the folder, or its compressed form.
fs::path find_file(const location& from, const std::string& name) {
  for (auto suffix : {"", ".gz"}) {
    auto file = from.folder / (name + suffix);
    std::error_code ignored;
    if (fs::exists(file, ignored))
      return file;
  }
  throw data_error((from.folder / name).string() + ": found neither this file nor " + name +
                   ".gz; " + from.remedy);
}

/// Reads one half of a data set. `classes` of 0 means as many as its labels show.
dataset read_half(const location& from, const std::string& prefix, std::uint32_t limit,
                  std::int32_t classes) {
  auto labels_file = find_file(from, prefix + "-labels-idx1-ubyte");
  auto images_file = find_file(from, prefix + "-images-idx3-ubyte");
  // All labels, regardless of the limit: they are small, and give the number of classes.
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

/// `classes` of 0 means as many as the training labels show.
train_and_test load_images(const location& from, const data_options& options, parts which,
                           std::int32_t classes) {
  train_and_test result;
  result.train = read_half(from, "train", options.train_limit, classes);
  if (which == parts::both)
    result.test = read_half(from, "t10k", options.test_limit, result.train.classes);
  if (result.train.classes < 2)
    throw data_error(from.folder.string() +
                     ": all training labels are 0, expected at least two classes; " + from.remedy);
  if (which == parts::both && result.train.input != result.test.input)
    throw data_error(from.folder.string() + ": test images have " + to_string(result.test.input) +
                     " pixels, expected " + to_string(result.train.input) +
                     " as the training images; take all files from the same data set");
  return result;
}

/// What both sources have in common; `Locate` says where the files are.
template <location (*Locate)(const data_options&), std::int32_t Classes>
data_source of_images() {
  return {.keys = {"path", "train_limit", "test_limit", "class_weights", "augment"},
          .rows = row_kind::pixels,
          .load = [](const data_options& x,
                     parts which) { return load_images(Locate(x), x, which, Classes); },
          .load_test =
              [](const data_options& x, const fitted_data& fitted) {
                return read_half(Locate(x), "t10k", x.test_limit, fitted.classes);
              },
          .training_file =
              [](const data_options& x) {
                return find_file(Locate(x), "train-labels-idx1-ubyte").string();
              }};
}

} // namespace

data_source fashion_mnist_source() {
  auto result = of_images<locate_package, 10>();
  result.name = "fashion-mnist";
  return result;
}

data_source idx_source() {
  auto result = of_images<locate_folder, 0>();
  result.name = "idx";
  result.path = "the folder of the four IDX files";
  return result;
}

} // namespace adsp::learning

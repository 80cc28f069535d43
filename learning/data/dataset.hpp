// Labelled samples in memory, and the error every loader throws.
#pragma once

#include "learning/data/preprocessing.hpp"
#include "learning/shape.hpp"

#include <Eigen/Core>

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace adsp::learning {

/// A data set that cannot be read or does not fit; the text names the file, what was found, what
/// was expected and what to do.
class data_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Samples as columns, so that a sample is contiguous.
struct dataset {
  Eigen::MatrixXf features;         ///< features x samples, a sample laid out as `input` says
  std::vector<std::int32_t> labels; ///< classification: one a sample, 0 <= label < classes
  std::vector<float> values;        ///< regression: the number to predict, one a sample
  std::int32_t classes = 0;         ///< 0: regression
  shape input;                      ///< of a sample; its size is features.rows(), or
  shape image = {0, 0,
                 0}; ///< features are such images: samples are parts of them, of shape `input`
  std::vector<float> class_weights; ///< of the loss, one a class; empty: 1 each

  std::size_t size() const { return static_cast<std::size_t>(features.cols()); }
};

/// Some samples gathered for one step.
struct minibatch {
  Eigen::MatrixXf features;             ///< features x batch_size
  std::vector<std::int32_t> labels;     ///< batch_size, or empty
  std::vector<float> values;            ///< batch_size, or empty
  std::span<const float> class_weights; ///< those of the data set, which lives as long
  std::uint64_t draw = 0;               ///< seeds what is random in a step, such as dropout
};

/// Copies the samples `rows` of `from` into `into`; allocates only when `into` has another shape.
/// Samples that are parts of images: `draw_samples` (learning/data/augmentation.hpp).
void gather(const dataset& from, std::span<const std::uint32_t> rows, minibatch& into);

/// The same of their labels, values and weights only.
void gather_targets(const dataset& from, std::span<const std::uint32_t> rows, minibatch& into);

/// The data of a job: what to read.
struct data_options {
  /// "fashion-mnist", "idx", "cifar10", "csv" (a table), "libsvm" (sparse rows), "series" (a list
  /// of numbers) or "quadratic" (draws around a known optimum)
  std::string source = "fashion-mnist";
  /// Folder of the IDX files (empty: the package's folder) or of CIFAR-10's, else the file.
  std::string path;
  std::string partition = "iid";  ///< "iid" or "dirichlet"
  double alpha = 0.5;             ///< Dirichlet concentration: the smaller, the more skewed
  std::uint32_t samples = 10'000; ///< quadratic: training samples
  std::uint32_t dimensions = 16;  ///< quadratic: parameters
  double noise = 1;               ///< quadratic: standard deviation of a sample in each dimension
  std::uint32_t train_limit = 0;  ///< use the first n training samples; 0: all
  std::uint32_t test_limit = 0;   ///< use the first n test samples; 0: all
  std::string target = {};        ///< csv: name of the column to predict
  std::vector<std::string> features = {}; ///< csv: names of the other columns to use; empty: all
  bool header = true;          ///< csv: the first row has names; else they are "1", "2", ...
  std::string delimiter = ","; ///< csv: one character
  /// "bins" (classes of the density of a real-valued target), "classification" or "regression";
  /// empty: "classification" for libsvm, else "bins"
  std::string task = {};
  std::string missing = "error";         ///< csv: "error", "mean" or "drop" (the row)
  std::vector<std::string> one_hot = {}; ///< csv: features of categories
  std::string scale = "standard";        ///< csv, series: "standard", "minmax" or "none"
  bool scale_target = false;             ///< csv, series: regression: scale the target too
  std::string test_path = {}; ///< libsvm: file of the test samples; empty: part of `path`
  std::uint32_t window = 10;  ///< series: values that predict
  std::uint32_t horizon = 1;  ///< series: the value predicted is so many after the window's last
  std::uint32_t bins = 10;    ///< csv, series: even number of classes of the real-valued target
  double train_share =
      6.0 / 7; ///< csv, libsvm, series: share of the rows or values that trains; 0 < it < 1
  std::string class_weights = "none"; ///< or "balanced": a class weighs as all others in the loss
  /// Of images: "crop:N" (the model sees N x N pixels); of their minibatches "flip" and "shift:N"
  /// (pixels).
  std::vector<std::string> augment = {};
};

struct train_and_test {
  dataset train;
  dataset test;
  preprocessing prepared; ///< what made samples of the rows of a table
};

/// What of a data set is wanted.
enum class parts : std::uint8_t {
  both,
  training, ///< the test part may be left empty, and files that hold nothing else need not be there
};

/// Reads what `x` names. Throws `data_error`.
train_and_test load(const data_options& x, parts which = parts::both);

/// The test part of what `x` names, its samples made as those of training were: nothing is fitted,
/// `saved`, `input` and `classes` are what was then. Files that hold training samples only need not
/// be there. Throws `data_error`, also where the file that was split is another one now.
dataset load_test(const data_options& x, const preprocessing& saved, const shape& input,
                  std::int32_t classes);

} // namespace adsp::learning

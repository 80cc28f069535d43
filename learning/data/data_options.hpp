// What a job trains on, as the config's [data] table says it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

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

} // namespace adsp::learning

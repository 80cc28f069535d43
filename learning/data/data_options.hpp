// The data that a job trains on; the config's [data] table.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace adsp::learning {

/// What to read.
struct data_options {
  /// A name from `data_sources` (learning/data/sources/data_source.hpp), which also lists the
  /// sources that read each of the other members.
  std::string source = "fashion-mnist";
  std::string path;               ///< the file, or the folder of several files
  std::string partition = "iid";  ///< "iid" or "dirichlet"
  double alpha = 0.5;             ///< Dirichlet concentration: the smaller, the more skewed
  std::uint32_t samples = 10'000; ///< quadratic: training samples
  std::uint32_t dimensions = 16;  ///< quadratic: parameters
  double noise = 1;               ///< quadratic: standard deviation of a sample in each dimension
  std::uint32_t train_limit = 0;  ///< use the first n training samples; 0: all
  std::uint32_t test_limit = 0;   ///< use the first n test samples; 0: all
  std::string target = {};        ///< name of the column to predict
  std::vector<std::string> features = {}; ///< names of the other columns to use; empty: all
  bool header = true;                     ///< the first row has names; else they are "1", "2", ...
  std::string delimiter = ",";            ///< between cells; one character
  /// "bins" (a real-valued target sorted into classes by its density), "classification" or
  /// "regression"; empty: what `task_of` says
  std::string task = {};
  std::string missing = "error";         ///< "error", "mean" or "drop" (the row)
  std::vector<std::string> one_hot = {}; ///< features that are categories
  std::string scale = "standard";        ///< "standard", "minmax" or "none"
  bool scale_target = false;             ///< regression: scale the target too
  std::string test_path = {};            ///< file of the test samples; empty: part of `path`
  std::uint32_t window = 10;             ///< numbers of a series to predict from
  std::uint32_t horizon = 1; ///< the number to predict is this many places after the window
  std::uint32_t bins = 10;   ///< even number of classes of the real-valued target
  double train_share =
      6.0 / 7; ///< share of the rows, lines or numbers used for training; above 0, below 1
  std::string class_weights =
      "none"; ///< "none" or "balanced": all classes weigh the same in the loss
  /// Changes of images: "crop:N" (the model sees N x N pixels), "flip" and "shift:N" (pixels).
  std::vector<std::string> augment = {};
};

} // namespace adsp::learning

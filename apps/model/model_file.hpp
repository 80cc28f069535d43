// A trained model on disk: what it is, what it was trained on, its parameters. Magic, version,
// length and checksum stand before the payload and are verified before any of it is decoded. The
// payload consists of parts with names: the options as TOML text, so that a new one does not make
// old models unreadable, what was fitted to the data, and each tensor of the parameters.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/preprocessing.hpp"
#include "learning/models/model.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace adsp::apps {

struct saved_model {
  learning::model_options model;
  learning::data_options data;
  learning::preprocessing prepared; ///< makes samples of the rows of a table
  learning::shape input;            ///< of a sample
  std::int32_t classes = 0;         ///< 0: regression
  std::uint64_t steps = 0;          ///< of all workers together
  double loss = 0;                  ///< of the last evaluation
  double accuracy = 0;              ///< of the last evaluation
  std::vector<float> parameters;

  /// What the parameters are, in their order; empty: unknown, as in files of version 4.
  std::vector<learning::tensor> tensors = {};
};

/// Throws std::runtime_error.
void save_model(const std::filesystem::path& path, const saved_model& saved);

/// Throws std::runtime_error naming the file and what is wrong with it.
saved_model load_model(const std::filesystem::path& path);

/// The model whose parameters they are. Throws std::runtime_error or std::invalid_argument where
/// `saved` does not fit together; `path` names it.
std::unique_ptr<learning::model> make_model(const saved_model& saved, const std::string& path);

/// Throws std::runtime_error where one of `outputs`, which `model` has made of `samples`, is NaN or
/// infinite. If the model's output for the same sample, scaled down, is finite, the error names the
/// sample (`place` of its column); otherwise it names the model (`path`), whose training diverged.
void require_finite(learning::model& model, const saved_model& saved,
                    const Eigen::MatrixXf& samples, const Eigen::MatrixXf& outputs,
                    const std::string& path, const std::function<std::string(Eigen::Index)>& place);

} // namespace adsp::apps

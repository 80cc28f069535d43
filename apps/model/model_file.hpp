// A trained model on disk: its structure, the data it was trained on, its parameters. Magic,
// version, length and checksum precede the payload and are verified before it is decoded. The
// payload consists of named parts: the options as TOML text, so that a new option does not make old
// models unreadable, what was fitted to the data, and each tensor of the parameters.
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
  learning::preprocessing prepared; ///< turns rows of a table into samples
  learning::shape input;            ///< of a sample
  std::int32_t classes = 0;         ///< 0: regression
  std::uint64_t steps = 0;          ///< of all workers together
  double loss = 0;                  ///< of the last evaluation
  double accuracy = 0;              ///< of the last evaluation
  std::vector<float> parameters;

  /// The tensors of the parameters, in order; empty: unknown, as in files of version 4.
  std::vector<learning::tensor> tensors = {};
};

/// Throws std::runtime_error.
void save_model(const std::filesystem::path& path, const saved_model& saved);

/// Throws std::runtime_error naming the file and what is wrong with it.
saved_model load_model(const std::filesystem::path& path);

/// Makes the model for the saved parameters. Throws std::runtime_error or std::invalid_argument if
/// the parts of `saved` do not fit together; errors name `path`.
std::unique_ptr<learning::model> make_model(const saved_model& saved, const std::string& path);

/// Throws std::runtime_error if one of `outputs`, which `model` computed from `samples`, is NaN or
/// infinite. If the output for the same sample, scaled down, is finite, the error names the sample
/// (`place` of its column); otherwise it names the model (`path`), whose training has diverged.
void require_finite(learning::model& model, const saved_model& saved,
                    const Eigen::MatrixXf& samples, const Eigen::MatrixXf& outputs,
                    const std::string& path, const std::function<std::string(Eigen::Index)>& place);

} // namespace adsp::apps

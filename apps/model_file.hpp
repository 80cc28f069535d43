// A trained model on disk: what it is, what it was trained on, its parameters. Magic, version, length and
// checksum stand before the payload and are verified before any of it is decoded.
#pragma once

#include "learning/dataset.hpp"
#include "learning/model.hpp"

#include <cstdint>
#include <filesystem>
#include <vector>

namespace adsp::apps {

struct saved_model {
  learning::model_options model;
  learning::data_options data;
  std::uint64_t features = 0;
  std::int32_t classes = 0;
  std::uint64_t steps = 0; ///< of all workers together
  double loss = 0;         ///< of the last evaluation
  double accuracy = 0;     ///< of the last evaluation
  std::vector<float> parameters;
};

/// Throws std::runtime_error.
void save_model(const std::filesystem::path& path, const saved_model& x);

/// Throws std::runtime_error naming the file and what is wrong with it.
saved_model load_model(const std::filesystem::path& path);

} // namespace adsp::apps

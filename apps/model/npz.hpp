// Named tensors in NumPy's .npz format, a zip with one .npy for each; float32, C order.
#pragma once

#include "learning/layers/layer.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace adsp::apps {

/// Writes the tensors, whose numbers are consecutive in `values`. Throws std::runtime_error.
void write_npz(const std::filesystem::path& path, std::span<const learning::tensor> tensors,
               std::span<const float> values);

/// The numbers of exactly these tensors, in order. Throws std::runtime_error naming the file, the
/// array, what was found and what was expected. Takes no more memory than the tensors need.
std::vector<float> read_npz(const std::filesystem::path& path,
                            std::span<const learning::tensor> tensors);

} // namespace adsp::apps

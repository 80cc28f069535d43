// Named tensors as NumPy keeps them: an .npz, which is a zip of one .npy each; float32, C order.
#pragma once

#include "learning/layers/layer.hpp"

#include <filesystem>
#include <span>
#include <vector>

namespace adsp::apps {

/// Writes the tensors, whose numbers follow each other in `values`. Throws std::runtime_error.
void write_npz(const std::filesystem::path& path, std::span<const learning::tensor> tensors,
               std::span<const float> values);

/// The numbers of exactly these tensors, in their order. Throws std::runtime_error naming the file,
/// the array, what was found and what was expected; takes no more memory than the tensors need.
std::vector<float> read_npz(const std::filesystem::path& path,
                            std::span<const learning::tensor> tensors);

} // namespace adsp::apps

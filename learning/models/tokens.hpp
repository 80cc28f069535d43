// Checks the data for an embedding: whole numbers that stand for words.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"
#include "learning/models/model.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace adsp::learning {

/// The vocabulary of the embedding that the model begins with; 0: the model has none and takes any
/// number.
std::uint32_t vocabulary_of(const model_options& options);

/// A description of a token, for an error message.
std::string expected_token(std::uint32_t vocabulary);

/// Whether all of the numbers are tokens.
bool are_tokens(std::span<const float> values, std::uint32_t vocabulary);

/// Throws data_error when the model begins with an embedding and a sample of `data`, which was
/// loaded as `from` says, holds anything but tokens of its vocabulary. Names the file, the line
/// and the column, or the sample and the number where the data is not text.
void check_tokens(const model_options& options, const data_options& from,
                  const train_and_test& data);

/// The same for test data alone, prepared with what was `saved` in training.
void check_tokens(const model_options& options, const data_options& from,
                  const preprocessing& saved, const dataset& test);

} // namespace adsp::learning

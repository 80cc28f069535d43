// Data for an embedding: whole numbers that name words.
#pragma once

#include "learning/data/data_options.hpp"
#include "learning/data/dataset.hpp"
#include "learning/models/model.hpp"

#include <cstdint>
#include <span>
#include <string>

namespace adsp::learning {

/// Tokens of the embedding that the model begins with are below it; 0: it has none, and takes any
/// number.
std::uint32_t vocabulary_of(const model_options& x);

/// What a token is, for an error message.
std::string expected_token(std::uint32_t vocabulary);

/// Whether all of these are.
bool are_tokens(std::span<const float> x, std::uint32_t vocabulary);

/// Throws data_error when the model begins with an embedding and a sample of `data`, which was
/// loaded as `from` says, holds something else than tokens of its vocabulary. Names the file, the
/// line and the column; the sample and the number where the data is no text.
void check_tokens(const model_options& x, const data_options& from, const train_and_test& data);

/// The same for test data alone, made with what was `saved` of the training.
void check_tokens(const model_options& x, const data_options& from, const preprocessing& saved,
                  const dataset& test);

} // namespace adsp::learning

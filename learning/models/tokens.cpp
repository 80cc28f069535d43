// Samples are checked in memory, which is fast. Only if one is wrong, its file is read again to
// find the place.
#include "learning/models/tokens.hpp"

#include "learning/data/sources/data_source.hpp"
#include "learning/data_error.hpp"
#include "learning/layers/embedding_layer.hpp"

#include <algorithm>

namespace adsp::learning {

namespace {

void check_half(const data_options& from, const preprocessing& prepared, const dataset& samples,
                bool test, std::uint32_t vocabulary) {
  const auto* begin = samples.features.data();
  const std::span numbers{begin, static_cast<std::size_t>(samples.features.size())};
  if (vocabulary == 0 || are_tokens(numbers, vocabulary))
    return;
  const auto fits = [&](float each) { return is_token(static_cast<double>(each), vocabulary); };
  const auto wrong = std::ranges::find_if_not(numbers, fits);
  // Numbers of the file are rounded to floats in samples.
  const auto fits_in_text = [&](double each) { return fits(static_cast<float>(each)); };
  if (const auto refuse = source_of(from).refuse_number; refuse != nullptr)
    refuse(from, prepared, test ? tested_file(from) : from.path,
           {*wrong, fits_in_text, expected_token(vocabulary)});
  // Either the file has only tokens and scaling has changed them, or it is not text and has no
  // lines.
  const auto at = wrong - numbers.begin();
  throw data_error("sample " + std::to_string(at / samples.features.rows() + 1) + " of the " +
                   (test ? "test" : "training") + " data: number " +
                   std::to_string(at % samples.features.rows() + 1) + " is " +
                   std::to_string(*wrong) + ", expected " + expected_token(vocabulary) +
                   "; tokens need data.scale = \"none\"");
}

} // namespace

std::uint32_t vocabulary_of(const model_options& options) {
  const bool embeds = options.kind == "layers" && !options.layers.empty() &&
                      options.layers.front().kind == "embedding";
  return embeds ? options.layers.front().vocabulary : 0;
}

std::string expected_token(std::uint32_t vocabulary) {
  return "a token for the embedding, a whole number from 0 to " + std::to_string(vocabulary - 1);
}

bool are_tokens(std::span<const float> values, std::uint32_t vocabulary) {
  return std::ranges::all_of(
      values, [&](float each) { return is_token(static_cast<double>(each), vocabulary); });
}

void check_tokens(const model_options& options, const data_options& from,
                  const train_and_test& data) {
  check_half(from, data.prepared, data.train, false, vocabulary_of(options));
  check_half(from, data.prepared, data.test, true, vocabulary_of(options));
}

void check_tokens(const model_options& x, const data_options& from, const preprocessing& saved,
                  const dataset& test) {
  check_half(from, saved, test, true, vocabulary_of(x));
}

} // namespace adsp::learning

// Samples are checked in memory, where it is quick; only when one is wrong is its file read again,
// for the place.
#include "learning/models/tokens.hpp"

#include "learning/data/sources/number_sets.hpp"
#include "learning/data/sources/table_file.hpp"
#include "learning/data/text/sparse_lines.hpp"
#include "learning/data_error.hpp"
#include "learning/layers/embedding_layer.hpp"

#include <algorithm>

namespace adsp::learning {

namespace {

/// As it is once it has been read into a sample.
bool is_token_in_text(double x, std::uint32_t vocabulary) {
  return is_token(static_cast<double>(static_cast<float>(x)), vocabulary);
}

void find_in_table(const data_options& from, std::uint32_t vocabulary) {
  table_file file(from);
  const auto columns = file.columns();
  while (file.next())
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].one_hot)
        continue;
      const auto cell = file.feature(i);
      const auto value = number_of(cell);
      if (!value || !is_token_in_text(*value, vocabulary))
        file.fail_at(columns[i].name, cell, expected_token(vocabulary).c_str());
    }
}

void find_in_lines(const std::string& path, std::uint32_t vocabulary) {
  for (sparse_lines lines(path); lines.next();)
    while (const auto x = lines.next_feature())
      if (!is_token_in_text(x->value, vocabulary))
        lines.fail_at_feature(expected_token(vocabulary));
}

/// Not every number of a series is in a sample: the last ones are only predicted, and may be
/// anything.
void find_in_series(const std::string& path, float wrong, std::uint32_t vocabulary) {
  text_lines lines(path);
  while (const auto line = lines.next()) {
    const auto text = trimmed(*line);
    if (const auto value = number_of(text); value && static_cast<float>(*value) == wrong)
      lines.fail("found " + shown(text) + ", expected " + expected_token(vocabulary));
  }
}

/// Throws with the place in the file of text; returns where there is none. `wrong` is in a sample
/// of its.
void find_in_file(const data_options& from, bool test, float wrong, std::uint32_t vocabulary) {
  const auto& path = test && !from.test_path.empty() ? from.test_path : from.path;
  if (from.source == "csv")
    find_in_table(from, vocabulary);
  else if (from.source == "libsvm")
    find_in_lines(path, vocabulary);
  else if (from.source == "series")
    find_in_series(path, wrong, vocabulary);
}

void check_half(const data_options& from, const dataset& x, bool test, std::uint32_t vocabulary) {
  const auto* begin = x.features.data();
  const std::span numbers{begin, static_cast<std::size_t>(x.features.size())};
  if (vocabulary == 0 || are_tokens(numbers, vocabulary))
    return;
  const auto wrong = std::ranges::find_if_not(
      numbers, [&](float each) { return is_token(static_cast<double>(each), vocabulary); });
  find_in_file(from, test, *wrong, vocabulary);
  // The file has tokens, or is none of text: what was made of it is wrong.
  const auto at = wrong - numbers.begin();
  throw data_error("sample " + std::to_string(at / x.features.rows() + 1) + " of the " +
                   (test ? "test" : "training") + " data: number " +
                   std::to_string(at % x.features.rows() + 1) + " is " + std::to_string(*wrong) +
                   ", expected " + expected_token(vocabulary) +
                   "; tokens need data.scale = \"none\"");
}

} // namespace

std::uint32_t vocabulary_of(const model_options& x) {
  const bool embeds =
      x.kind == "layers" && !x.layers.empty() && x.layers.front().kind == "embedding";
  return embeds ? x.layers.front().vocabulary : 0;
}

std::string expected_token(std::uint32_t vocabulary) {
  return "a token for the embedding, a whole number from 0 to " + std::to_string(vocabulary - 1);
}

bool are_tokens(std::span<const float> x, std::uint32_t vocabulary) {
  return std::ranges::all_of(
      x, [&](float each) { return is_token(static_cast<double>(each), vocabulary); });
}

void check_tokens(const model_options& x, const data_options& from, const train_and_test& data) {
  check_half(from, data.train, false, vocabulary_of(x));
  check_half(from, data.test, true, vocabulary_of(x));
}

void check_tokens(const model_options& x, const data_options& from, const preprocessing& saved,
                  const dataset& test) {
  check_half(from.source == "csv" ? with_columns_of(saved, from) : from, test, true,
             vocabulary_of(x));
}

} // namespace adsp::learning

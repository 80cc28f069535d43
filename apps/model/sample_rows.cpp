#include "apps/model/sample_rows.hpp"

#include "learning/data/sources/data_source.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data/text/table_header.hpp"
#include "learning/data_error.hpp"
#include "learning/models/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <stdexcept>
#include <system_error>

namespace adsp::apps {

namespace {

/// What is expected in place of a number that scaling makes infinite.
constexpr auto nearer = "a number closer to the training values";

bool are_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float each) { return std::isfinite(each); });
}

/// Rows for a model of a table: finds columns by name, in any order.
class table_rows : public sample_rows {
public:
  table_rows(const saved_model& saved, const std::string& path)
      : prepared_{saved.prepared}, vocabulary_{learning::vocabulary_of(saved.model)},
        rows_{path, saved.data.delimiter[0]}, header_{saved.data.header
                                                          ? learning::read_header(rows_)
                                                          : learning::count_columns(
                                                                path, saved.data.delimiter[0])} {
    for (const auto& column : prepared_.columns)
      positions_.push_back(learning::column_position(rows_, header_, column.name));
  }

  bool next(std::span<float> into) override {
    if (!learning::next_row(rows_, header_, cells_))
      return false;
    used_.clear();
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      used_.push_back(cells_[positions_[i]]);
      if (prepared_.missing != "mean" && learning::is_missing(used_.back()))
        learning::fail_at_cell(rows_, header_, prepared_.columns[i].name, used_.back(), "a value");
    }
    try {
      prepared_.sample_of(used_, into);
    } catch (const learning::data_error& error) {
      fail(error);
    }
    if (vocabulary_ > 0)
      check_tokens(into);
    check_finite(into);
    return true;
  }

  std::size_t line() const override { return rows_.line(); }

private:
  /// Throws an error that names the cell that is not a number.
  [[noreturn]] void fail(const learning::data_error& error) const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const auto& column = prepared_.columns[i];
      if (!column.one_hot && !learning::is_missing(used_[i]) && !learning::number_of(used_[i]))
        learning::fail_at_cell(rows_, header_, column.name, used_[i], learning::readable_number);
    }
    rows_.fail(error.what());
  }

  void check_tokens(std::span<const float> sample) const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const auto width = prepared_.columns[i].width();
      if (!learning::are_tokens(sample.first(width), vocabulary_))
        learning::fail_at_cell(rows_, header_, prepared_.columns[i].name, used_[i],
                               learning::expected_token(vocabulary_));
      sample = sample.subspan(width);
    }
  }

  void check_finite(std::span<const float> sample) const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const auto width = prepared_.columns[i].width();
      if (!are_finite(sample.first(width)))
        learning::fail_at_cell(rows_, header_, prepared_.columns[i].name, used_[i], nearer);
      sample = sample.subspan(width);
    }
  }

  const learning::preprocessing& prepared_;
  std::uint32_t vocabulary_; ///< of the model's embedding; 0: none
  learning::text_rows rows_;
  std::vector<std::string> header_;
  std::vector<std::size_t> positions_; ///< of the model's columns
  std::vector<std::string_view> cells_;
  std::vector<std::string_view> used_;
};

/// Whether the cell is a name: neither a number (not even an infinite one or one out of range) nor
/// a word for a missing value.
bool is_name(std::string_view cell) {
  if (learning::is_missing(cell) || learning::number_of(cell))
    return false;
  const auto* begin = cell.data() + (cell.front() == '+' ? 1 : 0);
  const auto* end = cell.data() + cell.size();
  double ignored = 0;
  const auto [stop, error] = std::from_chars(begin, end, ignored);
  return error == std::errc::invalid_argument || stop != end;
}

/// Rows for any other model: as many numbers as a sample has.
class number_rows : public sample_rows {
public:
  number_rows(const saved_model& saved, const std::string& path)
      : model_{saved}, are_pixels_{learning::source_of(saved.data).rows ==
                                   learning::row_kind::pixels},
        vocabulary_{learning::vocabulary_of(saved.model)}, rows_{path, ','} {}

  bool next(std::span<float> into) override {
    const bool first = rows_.line() == 0;
    if (!rows_.next(cells_)) {
      if (first)
        throw learning::data_error(rows_.name() + ": is empty, expected rows");
      return false;
    }
    if (first && is_header(into.size()) && !rows_.next(cells_))
      return false;
    if (cells_.size() != into.size())
      rows_.fail(fmt::format("has {}, expected {}: a sample of {}",
                             learning::counted(cells_.size(), "cell"),
                             learning::counted(into.size(), "number"), to_string(model_.input)));
    for (std::size_t i = 0; i < into.size(); ++i) {
      const auto value = learning::number_of(cells_[i]);
      if (!value)
        fail_at(i, learning::readable_number);
      into[i] = scaled(i, *value);
      if (!std::isfinite(into[i]))
        fail_at(i, nearer);
      if (vocabulary_ > 0 && !learning::are_tokens(into.subspan(i, 1), vocabulary_))
        fail_at(i, learning::expected_token(vocabulary_));
    }
    return true;
  }

  std::size_t line() const override { return rows_.line(); }

private:
  /// Whether the first row is a header: as many names as a sample has numbers.
  bool is_header(std::size_t numbers) const {
    return cells_.size() == numbers && std::ranges::all_of(cells_, is_name);
  }

  /// The value scaled as in training.
  float scaled(std::size_t i, double value) const {
    if (!model_.prepared.columns.empty())
      return model_.prepared.columns.front().scaled(value);
    if (!are_pixels_)
      return static_cast<float>(value);
    if (value < 0 || value > 255)
      fail_at(i, "a pixel from 0 to 255");
    return static_cast<float>(value) / 255.0F;
  }

  [[noreturn]] void fail_at(std::size_t i, const std::string& expected) const {
    rows_.fail(fmt::format("column {}: found {}, expected {}", i + 1, learning::shown(cells_[i]),
                           expected));
  }

  const saved_model& model_;
  bool are_pixels_;
  std::uint32_t vocabulary_;
  learning::text_rows rows_;
  std::vector<std::string_view> cells_;
};

/// Throws if the preprocessing in a model file cannot make the model's samples.
void check_parts(const saved_model& saved, const std::string& model) {
  const auto& source = learning::source_of(saved.data);
  const auto& names = saved.prepared.class_names;
  const auto columns = saved.prepared.columns.size();
  const bool table = source.rows == learning::row_kind::columns;
  if ((table && (!learning::is_delimiter(saved.data.delimiter) ||
                 saved.prepared.width() != static_cast<std::size_t>(saved.input.size()))) ||
      (!table && (source.reads("scale") ? columns != 1 : columns > 1)) ||
      (!names.empty() && names.size() != static_cast<std::size_t>(saved.classes)))
    throw std::runtime_error{model + ": damaged: its columns do not make its samples"};
}

} // namespace

std::unique_ptr<sample_rows> open_rows(const saved_model& saved, const std::string& model,
                                       const std::string& path) {
  if (saved.model.kind == "quadratic")
    throw std::runtime_error{model + ": a quadratic predicts nothing, expected another kind"};
  check_parts(saved, model);
  if (learning::source_of(saved.data).rows == learning::row_kind::columns)
    return std::make_unique<table_rows>(saved, path);
  return std::make_unique<number_rows>(saved, path);
}

} // namespace adsp::apps

#include "learning/data/preprocessing.hpp"

#include "learning/data/density_bins.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>

namespace adsp::learning {

namespace {

[[noreturn]] void fail(const table_column& column, std::string_view cell, const char* expected) {
  throw data_error("column " + shown(column.name) + ": found " + shown(cell) + ", expected " +
                   expected);
}

double number_in(const table_column& column, std::string_view cell) {
  const auto value = number_of(cell);
  if (!value)
    fail(column, cell, readable_number);
  return *value;
}

} // namespace

std::size_t preprocessing::width() const {
  std::size_t result = 0;
  for (const auto& x : columns)
    result += x.width();
  return result;
}

void preprocessing::sample_of(std::span<const std::string_view> cells,
                              std::span<float> into) const {
  if (cells.size() != columns.size() || into.size() != width())
    throw data_error("has " + counted(cells.size(), "cell") + ", expected " +
                     std::to_string(columns.size()));
  auto* out = into.data();
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    const bool gone = missing == "mean" && is_missing(cells[i]);
    if (column.one_hot) {
      if (!gone && is_missing(cells[i]))
        fail(column, cells[i], "a category");
      std::fill_n(out, column.width(), 0.0F);
      const auto at =
          std::lower_bound(column.categories.begin(), column.categories.end(), cells[i]);
      if (!gone && at != column.categories.end() && *at == cells[i])
        out[at - column.categories.begin()] = 1;
    } else {
      *out = column.scaled(gone ? column.fill : number_in(column, cells[i]));
    }
    out += column.width();
  }
}

std::int32_t preprocessing::label_of(std::string_view cell) const {
  if (task == "bins")
    return density_bins{{target.offset, target.divisor}, bins}(number_in(target, cell));
  const auto at = std::find(class_names.begin(), class_names.end(), cell);
  if (at == class_names.end())
    fail(target, cell, "one of the classes of the training rows");
  return static_cast<std::int32_t>(at - class_names.begin());
}

float preprocessing::value_of(std::string_view cell) const {
  return target.scaled(number_in(target, cell));
}

std::string preprocessing::name_of(std::int32_t label) const {
  const auto at = static_cast<std::size_t>(label);
  return at < class_names.size() ? class_names[at] : std::to_string(label);
}

} // namespace adsp::learning

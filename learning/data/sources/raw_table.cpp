#include "learning/data/sources/raw_table.hpp"

#include "learning/data/sources/data_source.hpp"
#include "learning/data/sources/split.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>

#include <sys/mman.h>

namespace adsp::learning {

using Eigen::Index;

namespace {

/// Asks for pages of 2 MB before the memory is touched, because they are cleared at once. Only a
/// hint.
void use_large_pages(void* begin, std::size_t bytes) {
  constexpr std::size_t page = std::size_t{1} << 21;
  if (bytes < 2 * page)
    return;
  auto* first = begin;
  auto space = bytes;
  if (std::align(page, page, first, space) != nullptr)
    ::madvise(first, space / page * page, MADV_HUGEPAGE);
}

} // namespace

template <class Scalar>
raw_table<Scalar>::raw_table(const data_options& data, std::uint64_t rows,
                             const preprocessing* saved)
    : options(data), file(data), training(training_part(data, rows)),
      testing(limited(rows - training, data.test_limit)) {
  prepared.task = task_of(data);
  prepared.missing = data.missing;
  prepared.columns = file.columns();
  prepared.target.name = data.target;
  if (saved != nullptr)
    prepared = *saved;
  const auto width = prepared.columns.size();
  codes.resize(width);
  origins_.assign(width, std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < width; ++i)
    if (std::is_same_v<Scalar, double> || prepared.columns[i].one_hot)
      origins_[i] = 0;
  has_categories_ = std::any_of(prepared.columns.begin(), prepared.columns.end(),
                                [](const auto& column) { return column.one_hot; });
  train.resize(static_cast<Index>(width), static_cast<Index>(training));
  test.resize(static_cast<Index>(width), static_cast<Index>(testing));
  for (auto* part : {&train, &test})
    use_large_pages(part->data(), static_cast<std::size_t>(part->size()) * sizeof(Scalar));
  targets.resize(rows);
  unused_.resize(static_cast<Index>(width));
}

template <class Scalar>
void raw_table<Scalar>::read() {
  const auto places = split_places(options, targets.size());
  std::size_t row = 0;
  bool more = file.next();
  for (; more && row < places.size(); more = file.next(), ++row) {
    targets[places[row]] = target_cell();
    auto* into = destination(places[row]);
    if (row == 0 || has_categories_ || !read_plain_features(into))
      read_features(into);
  }
  if (row != places.size() || more)
    throw data_error(options.path + ": does not have the " + std::to_string(places.size()) +
                     " rows counted before; the file has changed while it was read");
}

/// Where the features of a row go, given its place in the split.
template <class Scalar>
Scalar* raw_table<Scalar>::destination(std::size_t place) {
  if (place < training)
    return train.col(static_cast<Index>(place)).data();
  if (place - training < testing)
    return test.col(static_cast<Index>(place - training)).data();
  return unused_.data(); // rows beyond the limit are read, too, to find mistakes in them
}

template <class Scalar>
double raw_table<Scalar>::target_cell() {
  if (prepared.task != "classification")
    return file.target_number();
  if (is_missing(file.target()))
    file.fail_at_target("a class");
  const auto code = target_codes.code_of(file.target(), file.line());
  if (code == max_categories)
    file.fail_at_target("one of at most 65536 classes");
  return code;
}

/// Reads a row of plain numbers, but not the first row; false if a cell is not a plain number.
template <class Scalar>
bool raw_table<Scalar>::read_plain_features(Scalar* into) const {
  const auto* origins = origins_.data();
  const auto width = origins_.size();
  bool plain = true;
  for (std::size_t i = 0; i < width; ++i) {
    const auto value = file.plain_feature(i) - origins[i];
    plain = plain && !std::isnan(value);
    into[i] = static_cast<Scalar>(value);
  }
  return plain;
}

template <class Scalar>
void raw_table<Scalar>::read_features(Scalar* into) {
  const auto& columns = prepared.columns;
  const bool may_miss = options.missing == "mean";
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto cell = file.feature(i);
    if (may_miss && is_missing(cell)) {
      into[i] = std::numeric_limits<Scalar>::quiet_NaN();
    } else if (columns[i].one_hot) {
      if (is_missing(cell))
        file.fail_at(columns[i].name, cell, "a category; set data.missing for cells without one");
      into[i] = static_cast<Scalar>(codes[i].code_of(cell, file.line()));
      if (codes[i].size() > max_categories)
        file.fail(file.line(), "column " + shown(columns[i].name) + ": found category " +
                                   shown(cell) + ", expected at most 65536 different ones");
    } else {
      const auto value = file.feature_number(i, columns[i].name);
      if (std::isnan(origins_[i]))
        origins_[i] = value;
      into[i] = static_cast<Scalar>(value - origins_[i]);
    }
  }
}

template class raw_table<float>;
template class raw_table<double>;

} // namespace adsp::learning

// A table in text: predicts the class or value in column data.target from data.features. A seeded
// shuffle, the same for every job, decides which rows train.
//
// Two passes over the file: the first counts the rows, so that the second can put each of them
// where the split assigns it, and the floats are the only copy. Small tables are held in double
// precision until they are scaled, larger ones in single precision, relative to the first value of
// a column.
#include "learning/data/column_fit.hpp"
#include "learning/data/density_bins.hpp"
#include "learning/data/sources/data_source.hpp"
#include "learning/data/sources/raw_table.hpp"
#include "learning/data/sources/split.hpp"
#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

namespace adsp::learning {

namespace {

using Eigen::Index;

/// Cells of a table that is held in double precision until it is scaled: 32 MB.
constexpr std::uint64_t max_exact_cells = std::uint64_t{1} << 22;

/// 4 GiB of floats.
constexpr std::uint64_t max_widened_numbers = std::uint64_t{1} << 30;

/// Makes samples of the rows of a table, with preprocessing fitted to the training rows, or saved
/// before.
template <class Scalar>
class table_set {
public:
  /// `saved`: the preprocessing fitted before, to be used again; or null.
  table_set(const data_options& x, std::uint64_t rows, const preprocessing* saved)
      : saved_(saved != nullptr), raw_(x, rows, saved) {}

  train_and_test load() {
    raw_.read();
    result_.prepared = std::move(raw_.prepared);
    check_rows();
    const auto& x = raw_.options;
    if (saved_) {
      use_saved();
    } else {
      if (result_.prepared.task == "classification")
        fit_classes();
      else
        fit_target(x, std::span<const double>(raw_.targets).first(raw_.training), result_.prepared);
      fit_features();
      finish(raw_.train, limited(raw_.training, x.train_limit), result_.train);
    }
    finish(raw_.test, raw_.testing, result_.test);
    return std::move(result_);
  }

private:
  using matrix = typename raw_table<Scalar>::matrix;

  void check_rows() const {
    const auto rows = raw_.options.path + ": has " + counted(raw_.targets.size(), "row") + ", ";
    if (saved_ && raw_.testing == 0)
      throw data_error(rows + "none of them to test, expected at least 1");
    if (!saved_ && (raw_.training < 2 || raw_.training == raw_.targets.size()))
      throw data_error(rows + "expected at least 2 to train and 1 to test, with data.train_share " +
                       std::to_string(raw_.options.train_share));
  }

  void fit_classes() {
    std::vector<bool> used(raw_.target_codes.size());
    for (std::size_t i = 0; i < raw_.training; ++i)
      used[static_cast<std::size_t>(raw_.targets[i])] = true;
    auto& names = result_.prepared.class_names;
    names = raw_.target_codes.sorted(used, true, class_of_code_);
    if (names.size() < 2)
      throw data_error(raw_.options.path + ": all training rows are of class " +
                       shown(names.at(0)) + ", expected at least two classes");
    check_test_classes();
  }

  void use_saved() {
    const auto& fitted = result_.prepared;
    class_of_code_ = raw_.target_codes.places(fitted.class_names);
    for (std::size_t i = 0; i < raw_.codes.size(); ++i)
      position_of_code_.push_back(raw_.codes[i].places(fitted.columns[i].categories));
    if (fitted.task == "classification")
      check_test_classes();
    check_width();
  }

  void check_test_classes() const {
    const auto& names = result_.prepared.class_names;
    for (std::size_t i = raw_.training; i < raw_.training + raw_.testing; ++i) {
      const auto code = static_cast<std::uint32_t>(raw_.targets[i]);
      if (class_of_code_[code] < 0)
        raw_.file.fail(raw_.target_codes.line(code),
                       "column " + shown(raw_.options.target) + ": found class " +
                           shown(raw_.target_codes.text(code)) +
                           ", which no training row has; expected one of " +
                           std::to_string(names.size()) + " classes; remove its rows" +
                           (saved_ ? "" : " or raise data.train_share"));
    }
  }

  void fit_features() {
    auto& columns = result_.prepared.columns;
    std::vector<column_fit> fits(columns.size());
    raw_.for_training([&](std::size_t i, double x) { fits[i].add(x); });
    for (auto& x : fits)
      x.prepare();
    if (raw_.options.scale == "standard")
      raw_.for_training([&](std::size_t i, double x) { fits[i].add_square(x); });
    position_of_code_.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (fits[i].empty())
        throw data_error(raw_.options.path + ": column " + shown(columns[i].name) +
                         ": no training row has a value, expected at least one; leave it out of "
                         "data.features");
      if (columns[i].one_hot)
        fit_categories(i);
      else
        fits[i].fit(raw_.options.scale, columns[i]);
    }
    check_width();
  }

  /// Only categories make a table wider than its file; without them each number has a cell.
  void check_width() const {
    const auto width = result_.prepared.width();
    const auto rows = limited(raw_.training, raw_.options.train_limit) + raw_.testing;
    if (width > result_.prepared.columns.size() && rows > max_widened_numbers / width)
      throw data_error(raw_.options.path + ": data.one_hot makes " + std::to_string(width) +
                       " numbers of each of " + std::to_string(rows) + " rows, expected at most " +
                       std::to_string(max_widened_numbers) +
                       " in all; leave out columns of many categories, or set data.train_limit");
  }

  void fit_categories(std::size_t i) {
    std::vector<bool> used(raw_.codes[i].size());
    for (Index row = 0; row < raw_.train.cols(); ++row)
      if (const auto cell = raw_.train(static_cast<Index>(i), row); !std::isnan(cell))
        used[static_cast<std::size_t>(cell)] = true;
    result_.prepared.columns[i].categories =
        raw_.codes[i].sorted(used, false, position_of_code_[i]);
  }

  /// Scales the first `samples` rows of `from` into `into`.
  void finish(matrix& from, std::size_t samples, dataset& into) {
    const auto& fitted = result_.prepared;
    const auto first = &into == &result_.train ? 0 : raw_.training;
    into.input = flat(static_cast<Index>(fitted.width()));
    (fitted.task == "regression" ? into.values.reserve(samples) : into.labels.reserve(samples));
    for (std::size_t i = first; i < first + samples; ++i)
      if (fitted.task == "regression")
        into.values.push_back(fitted.target.scaled(raw_.targets[i]));
      else if (fitted.task == "classification")
        into.labels.push_back(class_of_code_[static_cast<std::size_t>(raw_.targets[i])]);
      else
        into.labels.push_back(density_bins{{fitted.target.offset, fitted.target.divisor},
                                           fitted.bins}(raw_.targets[i]));
    into.classes = fitted.task == "regression" ? 0
                   : fitted.task == "classification"
                       ? static_cast<std::int32_t>(fitted.class_names.size())
                       : static_cast<std::int32_t>(fitted.bins);
    from.conservativeResize(Eigen::NoChange, static_cast<Index>(samples));
    scale(from, into.features);
    check_finite(raw_.options, into);
  }

  void scale(matrix& from, Eigen::MatrixXf& into) const {
    const auto& columns = result_.prepared.columns;
    const bool widened =
        std::any_of(columns.begin(), columns.end(), [](const auto& x) { return x.one_hot; });
    const bool in_place = std::is_same_v<Scalar, float> && !widened;
    if (!in_place)
      into.setZero(static_cast<Index>(result_.prepared.width()), from.cols());
    for (Index row = 0; row < from.cols(); ++row) {
      auto* cells = from.col(row).data();
      auto* out = in_place ? reinterpret_cast<float*>(cells) : into.col(row).data();
      for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto cell = cells[i];
        if (!columns[i].one_hot)
          *out = columns[i].scaled(std::isnan(cell) ? columns[i].fill : raw_.number(i, cell));
        else if (!std::isnan(cell))
          if (const auto at = position_of_code_[i][static_cast<std::size_t>(cell)]; at >= 0)
            out[at] = 1;
        out += columns[i].width();
      }
    }
    if constexpr (std::is_same_v<Scalar, float>)
      if (in_place)
        into.swap(from);
    from.resize(0, 0);
  }

  bool saved_; ///< whether what was fitted before is used
  raw_table<Scalar> raw_;
  std::vector<std::vector<std::int32_t>> position_of_code_;
  std::vector<std::int32_t> class_of_code_;
  train_and_test result_;
};

train_and_test load_rows(const data_options& options, const preprocessing* saved) {
  check_table_options(options);
  const auto width = table_file(options).columns().size();
  const auto file = mark_of(options);
  if (saved != nullptr)
    check_same_file(options, saved->file, file);
  auto result = file.rows <= max_exact_cells / width
                    ? table_set<double>(options, file.rows, saved).load()
                    : table_set<float>(options, file.rows, saved).load();
  result.prepared.file = file;
  return result;
}

train_and_test load_table(const data_options& x, parts) {
  return load_rows(x, nullptr);
}

/// The options, their columns replaced by those that `saved` was fitted to.
data_options with_columns_of(const preprocessing& saved, data_options options) {
  options.features.clear();
  options.one_hot.clear();
  for (const auto& column : saved.columns) {
    options.features.push_back(column.name);
    if (column.one_hot)
      options.one_hot.push_back(column.name);
  }
  return options;
}

dataset load_test_rows(const data_options& options, const fitted_data& fitted) {
  const auto& saved = fitted.prepared;
  if (saved.columns.empty() || saved.width() != static_cast<std::size_t>(fitted.input.size()))
    throw data_error(not_prepared);
  return load_rows(with_columns_of(saved, options), &saved).test;
}

void refuse_cell(const data_options& data, const preprocessing& prepared, const std::string&,
                 const wrong_number& wrong) {
  const auto options = with_columns_of(prepared, data);
  table_file file(options);
  const auto columns = file.columns();
  while (file.next())
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].one_hot)
        continue;
      const auto cell = file.feature(i);
      const auto value = number_of(cell);
      if (!value || !wrong.fits(*value))
        file.fail_at(columns[i].name, cell, wrong.expected.c_str());
    }
}

} // namespace

data_source csv_source() {
  return {.name = "csv",
          .path = "the file of the numbers",
          .keys = {"path", "train_limit", "test_limit", "class_weights", "task", "bins",
                   "train_share", "target", "features", "header", "delimiter", "missing", "one_hot",
                   "scale", "scale_target"},
          .tasks = {"bins", "classification", "regression"},
          .tokens = true,
          .rows = row_kind::columns,
          .load = load_table,
          .load_test = load_test_rows,
          .refuse_number = refuse_cell};
}

} // namespace adsp::learning

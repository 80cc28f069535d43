// Two passes over the file: the first counts the rows, so that the second can put each of them where the
// split wants it, and the floats are the only copy. Small tables are held in double precision until
// they are scaled, larger ones in single precision, relative to the first value of a column.
#include "learning/column_fit.hpp"
#include "learning/number_sets.hpp"
#include "learning/table_file.hpp"
#include "learning/text_codes.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <type_traits>

#include <sys/mman.h>

namespace adsp::learning {

namespace {

using Eigen::Index;

/// Cells of a table that is held in double precision until it is scaled: 32 MB.
constexpr std::uint64_t max_exact_cells = std::uint64_t{1} << 22;

/// What is brought near before it is written.
constexpr std::size_t rows_ahead = 8;
constexpr std::size_t max_bytes_ahead = 1024;

/// 4 GiB of floats.
constexpr std::uint64_t max_widened_numbers = std::uint64_t{1} << 30;

/// Asks for pages of 2 MB, before the memory is touched: rows are written all over it. A wish only.
void use_large_pages(void* begin, std::size_t bytes) {
  constexpr std::size_t page = std::size_t{1} << 21;
  if (bytes < 2 * page)
    return;
  auto* first = begin;
  auto space = bytes;
  if (std::align(page, page, first, space) != nullptr)
    ::madvise(first, space / page * page, MADV_HUGEPAGE);
}

/// Numbers before they are scaled. A cell of a category is its code, a missing one NaN.
template <class Scalar>
class raw_table {
public:
  using matrix = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

  /// `saved`: what was fitted before and is to be used; or null.
  raw_table(const data_options& x, std::uint64_t rows, const preprocessing* saved)
      : options_(x), saved_(saved), file_(x), training_(training_part(x, rows)),
        testing_(limited(rows - training_, x.test_limit)) {
    result_.prepared.task = task_of(x);
    result_.prepared.missing = x.missing;
    result_.prepared.columns = file_.columns();
    result_.prepared.target.name = x.target;
    if (saved_ != nullptr)
      result_.prepared = *saved_;
    const auto width = result_.prepared.columns.size();
    codes_.resize(width);
    origins_.assign(width, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < width; ++i)
      if (std::is_same_v<Scalar, double> || result_.prepared.columns[i].one_hot)
        origins_[i] = 0;
    has_categories_ = std::any_of(result_.prepared.columns.begin(), result_.prepared.columns.end(),
                                  [](const auto& column) { return column.one_hot; });
    train_.resize(static_cast<Index>(width), static_cast<Index>(training_));
    test_.resize(static_cast<Index>(width), static_cast<Index>(testing_));
    use_large_pages(train_.data(), static_cast<std::size_t>(train_.size()) * sizeof(Scalar));
    targets_.resize(rows);
    unused_.resize(static_cast<Index>(width));
  }

  train_and_test load() {
    read();
    check_rows();
    if (saved_ != nullptr) {
      use_saved();
    } else {
      fit_target();
      fit_features();
      finish(train_, limited(training_, options_.train_limit), result_.train);
    }
    finish(test_, testing_, result_.test);
    return std::move(result_);
  }

private:
  void check_rows() const {
    const auto rows = options_.path + ": has " + std::to_string(targets_.size()) + " rows, ";
    if (saved_ != nullptr && testing_ == 0)
      throw data_error(rows + "none of them to test, expected at least 1");
    if (saved_ == nullptr && (training_ < 2 || training_ == targets_.size()))
      throw data_error(rows + "expected at least 2 to train and 1 to test, with data.train_share " +
                       std::to_string(options_.train_share));
  }

  void read() {
    const auto places = split_places(targets_.size());
    std::size_t row = 0;
    bool more = file_.next();
    for (; more && row < places.size(); more = file_.next(), ++row) {
      if (row + rows_ahead < places.size())
        bring_near(places[row + rows_ahead]);
      targets_[places[row]] = target_cell();
      auto* into = destination(places[row]);
      if (row == 0 || has_categories_ || !read_plain_features(into))
        read_features(into);
    }
    if (row != places.size() || more)
      throw data_error(options_.path + ": has another number of rows than the " +
                       std::to_string(places.size()) +
                       " counted before; the file has changed while it was read");
  }

  /// Where the features of a row go, given its place in the split.
  Scalar* destination(std::size_t place) {
    if (place < training_)
      return train_.col(static_cast<Index>(place)).data();
    if (place - training_ < testing_)
      return test_.col(static_cast<Index>(place - training_)).data();
    return unused_.data(); // read all the same: a mistake is a mistake
  }

  /// The split scatters the rows over the memory: without it, every one of them waits for it.
  void bring_near(std::size_t place) {
    const auto* begin = reinterpret_cast<const char*>(destination(place));
    const auto bytes = std::min(origins_.size() * sizeof(Scalar), max_bytes_ahead);
    for (std::size_t i = 0; i < bytes + 63; i += 64)
      __builtin_prefetch(begin + std::min(i, bytes - 1), 1);
    __builtin_prefetch(&targets_[place], 1);
  }

  double target_cell() {
    if (result_.prepared.task != "classification")
      return file_.target_number();
    if (is_missing(file_.target()))
      file_.fail_at_target("a class");
    const auto code = target_codes_.code_of(file_.target(), file_.line());
    if (code == max_categories)
      file_.fail_at_target("one of at most 65536 classes");
    return code;
  }

  /// A row of plain numbers only, after the first; false if it is none.
  bool read_plain_features(Scalar* into) const {
    const auto* origins = origins_.data();
    const auto width = origins_.size();
    bool plain = true;
    for (std::size_t i = 0; i < width; ++i) {
      const auto value = file_.plain_feature(i) - origins[i];
      plain = plain && !std::isnan(value);
      into[i] = static_cast<Scalar>(value);
    }
    return plain;
  }

  void read_features(Scalar* into) {
    const auto& columns = result_.prepared.columns;
    const bool may_miss = options_.missing == "mean";
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const auto cell = file_.feature(i);
      if (may_miss && is_missing(cell)) {
        into[i] = std::numeric_limits<Scalar>::quiet_NaN();
      } else if (columns[i].one_hot) {
        if (is_missing(cell))
          file_.fail_at(columns[i].name, cell,
                        "a category; set data.missing for cells without one");
        into[i] = static_cast<Scalar>(codes_[i].code_of(cell, file_.line()));
        if (codes_[i].size() > max_categories)
          file_.fail(file_.line(), "column " + shown(columns[i].name) + ": found category " +
                                       shown(cell) + ", expected at most 65536 different ones");
      } else {
        const auto value = file_.feature_number(i, columns[i].name);
        if (std::isnan(origins_[i]))
          origins_[i] = value;
        into[i] = static_cast<Scalar>(value - origins_[i]);
      }
    }
  }

  void fit_target() {
    auto& fitted = result_.prepared;
    const auto part = std::span<const double>(targets_).first(training_);
    if (fitted.task == "classification") {
      fit_classes();
      return;
    }
    if (fitted.task == "regression") {
      if (options_.scale_target)
        fit(part, fitted.target);
      return;
    }
    const auto normal = moments::of(part);
    if (normal.deviation == 0)
      throw data_error(options_.path + ": all training values of the target are equal; expected "
                                       "values to tell apart");
    fitted.target.offset = normal.mean;
    fitted.target.divisor = normal.deviation;
    fitted.bins = options_.bins;
  }

  void fit(std::span<const double> values, table_column& into) const {
    column_fit x;
    for (auto value : values)
      x.add(value);
    x.prepare();
    for (auto value : values)
      x.add_square(value);
    x.fit(options_.scale, into);
    if (into.divisor == 0)
      throw data_error(options_.path + ": all training values of the target are equal; expected "
                                       "values to tell apart");
  }

  void fit_classes() {
    std::vector<bool> used(target_codes_.size());
    for (std::size_t i = 0; i < training_; ++i)
      used[static_cast<std::size_t>(targets_[i])] = true;
    auto& names = result_.prepared.class_names;
    names = target_codes_.sorted(used, true, class_of_code_);
    if (names.size() < 2)
      throw data_error(options_.path + ": all training rows are of class " + shown(names.at(0)) +
                       ", expected at least two classes");
    check_test_classes();
  }

  void use_saved() {
    const auto& fitted = result_.prepared;
    class_of_code_ = target_codes_.places(fitted.class_names);
    for (std::size_t i = 0; i < codes_.size(); ++i)
      position_of_code_.push_back(codes_[i].places(fitted.columns[i].categories));
    if (fitted.task == "classification")
      check_test_classes();
    check_width();
  }

  void check_test_classes() const {
    const auto& names = result_.prepared.class_names;
    for (std::size_t i = training_; i < training_ + testing_; ++i) {
      const auto code = static_cast<std::uint32_t>(targets_[i]);
      if (class_of_code_[code] < 0)
        file_.fail(target_codes_.line(code),
                   "column " + shown(options_.target) + ": found class " +
                       shown(target_codes_.text(code)) +
                       ", which no training row has; expected one of " +
                       std::to_string(names.size()) + " classes; remove its rows" +
                       (saved_ == nullptr ? " or raise data.train_share" : ""));
    }
  }

  void fit_features() {
    auto& columns = result_.prepared.columns;
    std::vector<column_fit> fits(columns.size());
    for_training([&](std::size_t i, double x) { fits[i].add(x); });
    for (auto& x : fits)
      x.prepare();
    if (options_.scale == "standard")
      for_training([&](std::size_t i, double x) { fits[i].add_square(x); });
    position_of_code_.resize(columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (fits[i].empty())
        throw data_error(options_.path + ": column " + shown(columns[i].name) +
                         ": no training row has a value, expected at least one; leave it out of "
                         "data.features");
      if (columns[i].one_hot)
        fit_categories(i);
      else
        fits[i].fit(options_.scale, columns[i]);
    }
    check_width();
  }

  /// Categories widen a table beyond what its file has; without them it has a cell for each number.
  void check_width() const {
    const auto width = result_.prepared.width();
    const auto rows = limited(training_, options_.train_limit) + testing_;
    if (width > result_.prepared.columns.size() && rows > max_widened_numbers / width)
      throw data_error(options_.path + ": data.one_hot makes " + std::to_string(width) +
                       " numbers of each of " + std::to_string(rows) + " rows, expected at most " +
                       std::to_string(max_widened_numbers) +
                       " in all; leave out columns of many categories, or set data.train_limit");
  }

  /// Calls body(column, number) for every cell of the training rows.
  template <class Body>
  void for_training(const Body& body) const {
    const auto width = origins_.size();
    for (std::size_t row = 0; row < training_; ++row) {
      const auto* cells = train_.col(static_cast<Index>(row)).data();
      for (std::size_t i = 0; i < width; ++i)
        body(i, number(i, cells[i]));
    }
  }

  double number(std::size_t column, Scalar cell) const { return origins_[column] + cell; }

  void fit_categories(std::size_t i) {
    std::vector<bool> used(codes_[i].size());
    for (Index row = 0; row < train_.cols(); ++row)
      if (const auto cell = train_(static_cast<Index>(i), row); !std::isnan(cell))
        used[static_cast<std::size_t>(cell)] = true;
    result_.prepared.columns[i].categories = codes_[i].sorted(used, false, position_of_code_[i]);
  }

  /// Scales the first `samples` rows of `from` into the data set.
  void finish(matrix& from, std::size_t samples, dataset& into) {
    const auto& fitted = result_.prepared;
    const auto first = &into == &result_.train ? 0 : training_;
    into.input = flat(static_cast<Index>(fitted.width()));
    for (std::size_t i = first; i < first + samples; ++i)
      if (fitted.task == "regression")
        into.values.push_back(fitted.target.scaled(targets_[i]));
      else if (fitted.task == "classification")
        into.labels.push_back(class_of_code_[static_cast<std::size_t>(targets_[i])]);
      else
        into.labels.push_back(
            density_bins{{fitted.target.offset, fitted.target.divisor}, fitted.bins}(targets_[i]));
    into.classes = fitted.task == "regression" ? 0
                   : fitted.task == "classification"
                       ? static_cast<std::int32_t>(fitted.class_names.size())
                       : static_cast<std::int32_t>(fitted.bins);
    from.conservativeResize(Eigen::NoChange, static_cast<Index>(samples));
    scale(from, into.features);
    check_finite(options_, into);
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
          *out = columns[i].scaled(std::isnan(cell) ? columns[i].fill : number(i, cell));
        else if (!std::isnan(cell))
          if (const auto at = position_of_code_[i][static_cast<std::size_t>(cell)]; at >= 0)
            out[at] = 1;
        out += columns[i].width();
      }
    }
    if constexpr (std::is_same_v<Scalar, float>)
      if (in_place)
        into = std::move(from);
    from.resize(0, 0);
  }

  const data_options& options_;
  const preprocessing* saved_;
  table_file file_;
  std::size_t training_; ///< rows that train, whatever the limit
  std::size_t testing_;  ///< rows that are kept for testing
  matrix train_;
  matrix test_;
  Eigen::Matrix<Scalar, Eigen::Dynamic, 1> unused_;
  std::vector<double> origins_; ///< what a column's cells are relative to; NaN: no cell yet
  bool has_categories_ = false;
  std::vector<double> targets_;   ///< numbers or codes, training rows first
  std::vector<text_codes> codes_; ///< of the features
  text_codes target_codes_;
  std::vector<std::vector<std::int32_t>> position_of_code_;
  std::vector<std::int32_t> class_of_code_;
  train_and_test result_;
};

train_and_test load_table(const data_options& x, const preprocessing* saved) {
  check_table_options(x);
  const auto width = table_file(x).columns().size();
  const auto rows = rows_of(x);
  if (rows <= max_exact_cells / width)
    return raw_table<double>(x, rows, saved).load();
  return raw_table<float>(x, rows, saved).load();
}

} // namespace

train_and_test load_csv(const data_options& x) {
  return load_table(x, nullptr);
}

dataset load_csv_test(data_options x, const preprocessing& saved) {
  x.features.clear();
  x.one_hot.clear();
  for (const auto& column : saved.columns) {
    x.features.push_back(column.name);
    if (column.one_hot)
      x.one_hot.push_back(column.name);
  }
  return load_table(x, &saved).test;
}

} // namespace adsp::learning

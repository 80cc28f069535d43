// `adsp predict`: a saved model on the rows of a table.
#include "apps/atomic_file.hpp"
#include "apps/commands.hpp"
#include "apps/inputs.hpp"
#include "apps/model_file.hpp"

#include "learning/table_header.hpp"
#include "learning/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace adsp::apps {

namespace {

/// Rows predicted at once.
constexpr Eigen::Index slice_size = 1000;

/// As RFC 4180 wants it.
std::string csv_cell(const std::string& x) {
  if (x.find_first_of(",\"\r\n") == std::string::npos)
    return x;
  std::string text = "\"";
  for (const char c : x)
    text += c == '"' ? std::string{"\"\""} : std::string{c};
  return text + "\"";
}

/// Makes samples of the rows of a file as training made them.
class sample_rows {
public:
  sample_rows(const saved_model& x, const std::string& path)
      : prepared_{x.prepared}, vocabulary_{learning::vocabulary_of(x.model)},
        rows_{path, x.data.delimiter[0]}, header_{x.data.header ? learning::read_header(rows_)
                                                                : learning::count_columns(
                                                                      path, x.data.delimiter[0])} {
    for (const auto& column : prepared_.columns)
      positions_.push_back(learning::column_position(rows_, header_, column.name));
  }

  bool next(std::span<float> into) {
    if (!learning::next_row(rows_, header_, cells_))
      return false;
    used_.clear();
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      used_.push_back(cells_[positions_[i]]);
      if (prepared_.missing != "mean" && learning::is_missing(used_.back()))
        learning::fail_at_cell(rows_, prepared_.columns[i].name, used_.back(), "a value");
    }
    try {
      prepared_.sample_of(used_, into);
    } catch (const learning::data_error& error) {
      rows_.fail(error.what());
    }
    if (vocabulary_ > 0)
      check_tokens(into);
    return true;
  }

private:
  void check_tokens(std::span<const float> sample) const {
    for (std::size_t i = 0; i < used_.size(); ++i) {
      const auto width = prepared_.columns[i].width();
      if (!learning::are_tokens(sample.first(width), vocabulary_))
        learning::fail_at_cell(rows_, prepared_.columns[i].name, used_[i],
                               learning::expected_token(vocabulary_));
      sample = sample.subspan(width);
    }
  }

  const learning::preprocessing& prepared_;
  std::uint32_t vocabulary_; ///< of the model's embedding; 0: it has none
  learning::text_rows rows_;
  std::vector<std::string> header_;
  std::vector<std::size_t> positions_; ///< of the model's columns
  std::vector<std::string_view> cells_;
  std::vector<std::string_view> used_;
};

/// What the model says of a sample, given its outputs.
std::string prediction(const saved_model& x, const Eigen::VectorXf& outputs) {
  if (x.classes == 0)
    return fmt::format("{}", x.prepared.restored(outputs[0]));
  Eigen::Index best = 0;
  outputs.maxCoeff(&best);
  return csv_cell(x.prepared.name_of(static_cast<std::int32_t>(best)));
}

std::string predictions(const saved_model& x, learning::model& model, sample_rows& rows,
                        const std::string& path) {
  std::string text = "prediction\n";
  Eigen::MatrixXf samples;
  Eigen::MatrixXf outputs;
  for (Eigen::Index count = slice_size; count == slice_size;) {
    samples.resize(x.input.size(), slice_size);
    for (count = 0; count < slice_size; ++count)
      if (!rows.next({samples.col(count).data(), static_cast<std::size_t>(samples.rows())}))
        break;
    samples.conservativeResize(Eigen::NoChange, count);
    if (count > 0) {
      model.predict(x.parameters, samples, outputs);
      require_finite(outputs.allFinite(), path);
    }
    for (Eigen::Index i = 0; i < count; ++i)
      text += prediction(x, outputs.col(i)) + "\n";
  }
  return text;
}

/// Throws where the model takes no rows of a table.
void check_table(const saved_model& x, const std::string& path) {
  if (x.data.source != "csv")
    throw std::runtime_error{
        fmt::format("{}: was trained on data.source = \"{}\", expected a model "
                    "of a table, \"csv\"",
                    path, x.data.source)};
  if (x.data.delimiter.size() != 1 ||
      x.prepared.width() != static_cast<std::size_t>(x.input.size()) ||
      (!x.prepared.class_names.empty() &&
       x.prepared.class_names.size() != static_cast<std::size_t>(x.classes)))
    throw std::runtime_error{path + ": damaged: its columns do not make its samples"};
}

} // namespace

int predict_command(const predict_arguments& x) {
  std::string text;
  try {
    const auto saved = load_model(x.model);
    check_table(saved, x.model);
    const auto model = make_model(saved, x.model);
    sample_rows rows{saved, x.rows};
    text = predictions(saved, *model, rows, x.model);
  } catch (const std::exception& error) {
    print_error(error.what());
    return bad_input;
  }
  try {
    if (x.out)
      write_atomically(*x.out, text);
    else
      fmt::print("{}", text);
  } catch (const std::exception& error) {
    print_error(error.what());
    return failed;
  }
  return success;
}

} // namespace adsp::apps

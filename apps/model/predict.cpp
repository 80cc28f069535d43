// `adsp predict`: a saved model on the rows of a CSV file.
#include "apps/cli/atomic_file.hpp"
#include "apps/cli/commands.hpp"
#include "apps/cli/lines.hpp"
#include "apps/config/inputs.hpp"
#include "apps/model/model_file.hpp"
#include "apps/model/sample_rows.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace adsp::apps {

namespace {

/// Rows predicted at once.
constexpr Eigen::Index rows_at_once = 1000;

/// The word as a cell, quoted as in RFC 4180.
std::string csv_cell(const std::string& word) {
  if (word.find_first_of(",\"\r\n") == std::string::npos)
    return word;
  std::string text = "\"";
  for (const char c : word)
    text += c == '"' ? std::string{"\"\""} : std::string{c};
  return text + "\"";
}

/// The model's prediction for a sample, given its outputs.
std::string prediction(const saved_model& saved, const Eigen::VectorXf& outputs) {
  if (saved.classes == 0)
    return fmt::format("{}", saved.prepared.restored(outputs[0]));
  Eigen::Index best = 0;
  outputs.maxCoeff(&best);
  return csv_cell(saved.prepared.name_of(static_cast<std::int32_t>(best)));
}

std::string predictions(const saved_model& saved, learning::model& model, sample_rows& rows,
                        const predict_arguments& arguments) {
  std::string text = "prediction\n";
  Eigen::MatrixXf samples;
  Eigen::MatrixXf outputs;
  std::vector<std::size_t> lines; // of the slice
  for (Eigen::Index count = rows_at_once; count == rows_at_once;) {
    samples.resize(saved.input.size(), rows_at_once);
    lines.clear();
    for (count = 0; count < rows_at_once; ++count) {
      if (!rows.next({samples.col(count).data(), static_cast<std::size_t>(samples.rows())}))
        break;
      lines.push_back(rows.line());
    }
    samples.conservativeResize(Eigen::NoChange, count);
    if (count > 0) {
      model.predict(saved.parameters, samples, outputs);
      require_finite(model, saved, samples, outputs, arguments.model, [&](auto i) {
        return fmt::format("{}:{}", arguments.rows, lines[static_cast<std::size_t>(i)]);
      });
    }
    for (Eigen::Index i = 0; i < count; ++i)
      text += prediction(saved, outputs.col(i)) + "\n";
  }
  return text;
}

} // namespace

int predict_command(const predict_arguments& arguments) {
  std::string text;
  try {
    for (const auto& in : {arguments.model, arguments.rows})
      if (arguments.out)
        refuse_same_file(in, *arguments.out);
    const auto saved = load_model(arguments.model);
    const auto model = make_model(saved, arguments.model);
    const auto rows = open_rows(saved, arguments.model, arguments.rows);
    text = predictions(saved, *model, *rows, arguments);
  } catch (const std::exception& error) {
    log_line(error.what());
    return bad_input;
  }
  if (!arguments.out) {
    fmt::print("{}", text);
    return success;
  }
  try {
    write_atomically(*arguments.out, text);
  } catch (const std::exception& error) {
    log_line(error.what());
    return failed;
  }
  return success;
}

} // namespace adsp::apps

// `adsp export` and `adsp import`: the weights of a saved model as a NumPy .npz, and back.
#include "apps/cli/commands.hpp"
#include "apps/cli/lines.hpp"
#include "apps/config/inputs.hpp"
#include "apps/model/model_file.hpp"
#include "apps/model/npz.hpp"

#include <fmt/format.h>

#include <limits>

namespace adsp::apps {

int export_command(const export_arguments& arguments) {
  saved_model saved;
  std::vector<learning::tensor> tensors;
  try {
    refuse_same_file(arguments.model, arguments.out);
    saved = load_model(arguments.model);
    tensors = make_model(saved, arguments.model)->tensors();
  } catch (const std::exception& error) {
    log_line(error.what());
    return bad_input;
  }
  try {
    write_npz(arguments.out, tensors, saved.parameters);
  } catch (const std::exception& error) {
    log_line(error.what());
    return failed;
  }
  fmt::print("{} arrays, {} parameters in {}\n", tensors.size(), saved.parameters.size(),
             arguments.out);
  return success;
}

int import_command(const import_arguments& arguments) {
  saved_model saved;
  try {
    refuse_same_file(arguments.model, arguments.out);
    refuse_same_file(arguments.weights, arguments.out);
    saved = load_model(arguments.model);
    saved.tensors = make_model(saved, arguments.model)->tensors();
    saved.parameters = read_npz(arguments.weights, saved.tensors);
  } catch (const std::exception& error) {
    log_line(error.what());
    return bad_input;
  }
  // The imported parameters have been neither trained nor evaluated.
  saved.steps = 0;
  saved.loss = saved.accuracy = std::numeric_limits<double>::quiet_NaN();
  try {
    save_model(arguments.out, saved);
  } catch (const std::exception& error) {
    log_line(error.what());
    return failed;
  }
  fmt::print("{} parameters in {}\n", saved.parameters.size(), arguments.out);
  return success;
}

} // namespace adsp::apps

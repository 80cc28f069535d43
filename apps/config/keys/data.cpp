// The keys of [data]. Each source lists those it reads (learning/data/sources/data_source.hpp).
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"
#include "learning/data/augmentation.hpp"
#include "learning/data/sources/data_source.hpp"
#include "learning/data/text/text_rows.hpp"
#include "learning/data_error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace adsp::apps {

namespace {

using data_options = learning::data_options;

std::vector<std::string> source_names() {
  std::vector<std::string> names;
  for (const auto& source : learning::data_sources())
    names.emplace_back(source.name);
  return names;
}

/// Restricts the key to the sources that read it.
key<data_options> of_sources(key<data_options> one) {
  std::vector<std::string> readers;
  for (const auto& source : learning::data_sources())
    if (source.reads(one.name))
      readers.emplace_back(source.name);
  one.when.insert(one.when.begin(), {"source", readers});
  return one;
}

std::string wrong_path(const data_options& options) {
  const auto* source = learning::find_source(options.source);
  if (source == nullptr || !options.path.empty() || source->path.empty())
    return "";
  return fmt::format("is empty; data.source = \"{}\" needs {}: write it here or add --set "
                     "data.path=PATH to the command",
                     source->name, source->path);
}

std::string wrong_target(const data_options& options) {
  const auto* source = learning::find_source(options.source);
  return source != nullptr && options.target.empty() && source->reads("target")
             ? fmt::format("data.source = \"{}\" needs the name of the column to predict",
                           source->name)
             : "";
}

std::string wrong_task(const data_options& options) {
  const auto* source = learning::find_source(options.source);
  if (source == nullptr || source->tasks.empty() || options.task.empty() ||
      std::ranges::find(source->tasks, options.task) != source->tasks.end())
    return "";
  return fmt::format("found '{}', expected {} for data.source = \"{}\"", options.task,
                     alternatives({source->tasks.begin(), source->tasks.end()}), source->name);
}

/// Whether the task is a regression, which has no classes.
bool regression(const data_options& options) {
  const auto* source = learning::find_source(options.source);
  return source != nullptr && !source->tasks.empty() && options.task == "regression";
}

std::string wrong_partition(const data_options& options) {
  return regression(options) && options.partition == "dirichlet"
             ? "found 'dirichlet', which needs classes; expected \"iid\" for data.task = "
               "\"regression\""
             : "";
}

std::string wrong_class_weights(const data_options& options) {
  return regression(options) && options.class_weights != "none"
             ? "found 'balanced', which needs classes; expected \"none\" for data.task = "
               "\"regression\""
             : "";
}

std::string wrong_delimiter(const data_options& options) {
  return learning::is_delimiter(options.delimiter)
             ? ""
             : "expected one character, such as \",\", \";\" or \"\\t\"";
}

std::string wrong_bins(const data_options& options) {
  return options.bins % 2 == 0
             ? ""
             : fmt::format("found {}, expected an even number: half of the bins are below the mean",
                           options.bins);
}

std::string wrong_augment(const data_options& options) try {
  learning::parse_augmentation(options.augment);
  return "";
} catch (const learning::data_error& error) {
  return error.what();
}

key<data_options> task_key() {
  auto x = keys::word("task", &data_options::task, {"bins", "classification", "regression"},
                      "Classes of a number's density, the labels as classes, or the number itself.")
               .checked(wrong_task)
               .left_out("the first that the source knows");
  x.write = [](const data_options& from) { return toml_text(learning::task_of(from)); };
  return x;
}

/// Keys that only some sources read.
std::vector<key<data_options>> source_keys() {
  using namespace keys;
  return {
      whole("samples", &data_options::samples, {1, 1e8}, "Number of training samples."),
      whole("dimensions", &data_options::dimensions, {1, 1e6}, "Number of parameters."),
      number("noise", &data_options::noise, any,
             "Standard deviation of a sample around the optimum, in each dimension."),
      whole("train_limit", &data_options::train_limit, count_of_32_bits,
            "Use only this many of the training samples, the first ones; 0: all."),
      whole("test_limit", &data_options::test_limit, count_of_32_bits,
            "The same for test samples."),
      text("target", &data_options::target, "The column to predict.").checked(wrong_target),
      text_list("features", &data_options::features,
                "The columns to predict from; []: all except the target."),
      flag("header", &data_options::header,
           "The first row has the names of the columns; false: they are \"1\", \"2\", ..."),
      text("delimiter", &data_options::delimiter, "The character between cells.")
          .checked(wrong_delimiter),
      task_key(),
      word("missing", &data_options::missing, {"error", "mean", "drop"},
           "What happens to an empty cell: it is an error, becomes the mean of its column, or "
           "its row is dropped."),
      text_list("one_hot", &data_options::one_hot,
                "Columns of categories; each category becomes a number, 0 or 1."),
      word("scale", &data_options::scale, {"standard", "minmax", "none"},
           "How the numbers to predict from are scaled."),
      flag("scale_target", &data_options::scale_target, "Scale the number to predict, too.")
          .only_with("task", {"regression"}),
      text("test_path", &data_options::test_path,
           "A separate file of test samples; empty: a part of `path` is held out."),
      whole("window", &data_options::window, {1, 65536}, "This many numbers predict ..."),
      whole("horizon", &data_options::horizon, {1, 65536},
            "... the number that comes this many places after them."),
      whole("bins", &data_options::bins, {2, 65536}, "Number of classes; must be even.")
          .only_with("task", {"bins"})
          .checked(wrong_bins),
      number("train_share", &data_options::train_share, {0, 1, true, true},
             "Share of the rows or numbers used for training; the rest is for testing.")
          .only_with("test_path", {""}),
      word("class_weights", &data_options::class_weights, {"none", "balanced"},
           "With \"balanced\" every class has the same weight in the loss.")
          .checked(wrong_class_weights),
      text_list("augment", &data_options::augment,
                "Random changes of images: \"crop:24\" (parts of 24 x 24 pixels), \"flip\" and "
                "\"shift:2\" (pixels), drawn anew for every minibatch.")
          .checked(wrong_augment),
  };
}

std::vector<key<data_options>> data_keys() {
  using namespace keys;
  std::vector<key<data_options>> all{
      word("source", &data_options::source, source_names(), "Where the data comes from."),
      of_sources(text("path", &data_options::path, "The file or folder.").checked(wrong_path)),
      word("partition", &data_options::partition, {"iid", "dirichlet"},
           "How samples are divided among the workers: at random, or with skewed labels.")
          .checked(wrong_partition),
      number("alpha", &data_options::alpha, {1e-3, 1e6}, "A smaller value skews more.")
          .only_with("partition", {"dirichlet"}),
  };
  for (auto& each : source_keys())
    all.push_back(of_sources(std::move(each)));
  return all;
}

} // namespace

config_table data_table() {
  return {"data", "What the model learns from, see docs/data.md.",
          within<job>(
              [](auto& plan) -> auto& { return plan.data; }, data_keys())};
}

} // namespace adsp::apps

#include "learning/data/sources/data_source.hpp"

#include "learning/data_error.hpp"

#include <algorithm>

namespace adsp::learning {

// Each is defined in the file named after it; the first two in idx_images.cpp.
data_source fashion_mnist_source();
data_source idx_source();
data_source cifar10_source();
data_source csv_source();
data_source libsvm_source();
data_source series_source();
data_source quadratic_source();
data_source npy_source();

std::span<const data_source> data_sources() {
  static const std::vector<data_source> sources = {
      fashion_mnist_source(), idx_source(),    cifar10_source(),   csv_source(),
      libsvm_source(),        series_source(), quadratic_source(), npy_source()};
  return sources;
}

bool data_source::reads(std::string_view key) const {
  return key == "source" || key == "partition" || key == "alpha" ||
         std::ranges::find(keys, key) != keys.end();
}

const data_source* find_source(std::string_view name) {
  const auto all = data_sources();
  const auto at = std::ranges::find(all, name, &data_source::name);
  return at == all.end() ? nullptr : &*at;
}

const data_source& source_of(const data_options& options) {
  if (const auto* source = find_source(options.source))
    return *source;
  std::string known;
  for (const auto& each : data_sources())
    known += (known.empty() ? "\"" : ", \"") + std::string(each.name) + "\"";
  throw data_error("data.source is \"" + options.source + "\", expected one of " + known);
}

std::string task_of(const data_options& options) {
  if (!options.task.empty())
    return options.task;
  const auto* source = find_source(options.source);
  return source == nullptr || source->tasks.empty() ? "bins" : std::string(source->tasks.front());
}

bool has_test_file(const data_options& x) {
  return !x.test_path.empty() && source_of(x).reads("test_path");
}

const std::string& tested_file(const data_options& x) {
  return has_test_file(x) ? x.test_path : x.path;
}

} // namespace adsp::learning

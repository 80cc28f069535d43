#include "apps/inputs.hpp"

#include "apps/config.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace adsp::apps {

void print_error(std::string_view text) {
  fmt::print(stderr, "adsp: {}\n", text);
}

std::optional<job> job_from(const config_arguments& x) {
  auto read = read_config(x.config, x.overrides);
  for (const auto& error : read.errors)
    print_error(to_string(error));
  if (!read.errors.empty())
    return std::nullopt;
  return std::move(read.value);
}

std::shared_ptr<const learning::train_and_test> data_from(const learning::data_options& x) try {
  return std::make_shared<const learning::train_and_test>(learning::load(x));
} catch (const learning::data_error& error) {
  print_error(error.what());
  return nullptr;
}

} // namespace adsp::apps

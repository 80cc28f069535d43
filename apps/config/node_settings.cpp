#include "apps/config/node_settings.hpp"

#include "apps/config/config.hpp"

#include "security/digest.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>
#include <string>

namespace adsp::apps {

namespace {

/// Keys that each machine may set for itself: the place of its data.
constexpr std::array own_keys{"data.path", "data.test_path"};

void flatten(const toml::node& read, const std::string& path, std::vector<setting>& into) {
  if (const auto* table = read.as_table()) {
    for (const auto& [key, value] : *table)
      flatten(value, path.empty() ? std::string{key.str()} : fmt::format("{}.{}", path, key.str()),
              into);
  } else if (const auto* list = read.as_array(); list != nullptr && list->is_array_of_tables()) {
    for (std::size_t i = 0; i < list->size(); ++i)
      flatten(*list->get(i), fmt::format("{}.{}", path, i), into);
  } else if (std::ranges::find(own_keys, path) == own_keys.end()) {
    std::ostringstream text;
    read.visit([&](const auto& value) { text << value; });
    into.push_back({path, text.str()});
  }
}

} // namespace

std::vector<setting> shared_settings(const job& plan) {
  auto shared = plan;
  shared.cluster.allow.clear(); // only the scheduler's node decides whom it admits
  std::vector<setting> all;
  flatten(toml::parse(to_toml(shared)), "", all);
  std::ranges::sort(all, {}, &setting::key);
  return all;
}

std::uint64_t fingerprint_of(const std::vector<setting>& settings) {
  std::string text; // each part follows its size, so that different lists give different texts
  for (const auto& each : settings)
    text += fmt::format("{}:{}{}:{}", each.key.size(), each.key, each.value.size(), each.value);
  const auto whole = security::sha256(text);
  return std::accumulate(whole.begin(), whole.begin() + 8, std::uint64_t{0},
                         [](std::uint64_t first, std::uint8_t byte) { return first << 8 | byte; });
}

} // namespace adsp::apps

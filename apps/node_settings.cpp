// What the configs of a cluster's nodes have to agree on.
#include "apps/config.hpp"
#include "apps/node.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace adsp::apps {

namespace {

/// What each machine may say for itself: where its data is.
constexpr std::array own_keys{"data.path", "data.test_path"};

void flatten(const toml::node& x, const std::string& path, std::vector<setting>& into) {
  if (const auto* table = x.as_table()) {
    for (const auto& [key, value] : *table)
      flatten(value, path.empty() ? std::string{key.str()} : fmt::format("{}.{}", path, key.str()),
              into);
  } else if (const auto* list = x.as_array(); list != nullptr && list->is_array_of_tables()) {
    for (std::size_t i = 0; i < list->size(); ++i)
      flatten(*list->get(i), fmt::format("{}.{}", path, i), into);
  } else if (std::ranges::find(own_keys, path) == own_keys.end()) {
    std::ostringstream text;
    x.visit([&](const auto& value) { text << value; });
    into.push_back({path, text.str()});
  }
}

} // namespace

std::vector<setting> shared_settings(const job& x) {
  auto shared = x;
  shared.cluster.allow.clear(); // whom the scheduler's node lets in is its own business
  std::vector<setting> all;
  flatten(toml::parse(to_toml(shared)), "", all);
  std::ranges::sort(all, {}, &setting::key);
  return all;
}

} // namespace adsp::apps

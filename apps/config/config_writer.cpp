// The resolved config: every key that is read, in the order of docs/config.md.
#include "apps/config/config.hpp"
#include "apps/config/tables.hpp"

namespace adsp::apps {

std::string to_toml(const job& from) {
  std::string text;
  for (const auto& table : config_tables())
    text += to_toml(table, from) + "\n";
  std::string groups;
  for (const auto& group : from.workers)
    groups +=
        (groups.empty() ? "" : "\n") + ("[[workers]]\n" + written(worker_keys(), group, "workers"));
  return text + groups;
}

} // namespace adsp::apps

// The keys of [cluster].
#include "apps/config/key_forms.hpp"
#include "apps/config/tables.hpp"
#include "security/node_name.hpp"

#include <fmt/format.h>

namespace adsp::apps {

namespace {

std::string wrong_pattern(const allowance& one) {
  if (security::is_name_pattern(one.name))
    return "";
  return fmt::format("found \"{}\", expected a node's name, in which '*' stands for any characters",
                     one.name);
}

std::string wrong_roles(const allowance& one) {
  for (const auto& role : one.roles)
    if (role != "ps" && role != "worker")
      return fmt::format("found \"{}\", expected \"ps\" or \"worker\"", role);
  return one.roles.empty() ? "expected [\"ps\"], [\"worker\"] or both" : "";
}

} // namespace

config_table cluster_table() {
  using namespace keys;
  using options = cluster_options;
  const std::vector<key<allowance>> entries{
      text("name", &allowance::name,
           "Name of a node, as in its certificate; '*' stands for any characters.")
          .checked(wrong_pattern)
          .cannot_be_left_out("\"pi-*\""),
      text_list("roles", &allowance::roles, "The roles it may take: \"ps\", \"worker\".")
          .checked(wrong_roles)
          .cannot_be_left_out("[\"worker\"]"),
  };
  auto allow = tables("allow", &options::allow, entries,
                      "Which node may take which role; if empty, every node any role.");
  allow.example = "[{ name = \"a*\", roles = [\"ps\"] }]";
  const std::vector<key<options>> all{
      whole("ps_nodes", &options::ps_nodes, {1, 1024},
            "Nodes with the role ps, which share the shards."),
      whole("start_with", &options::start_with, {0, 1e6},
            "Workers that must join before training begins; 0: all that do not join later."),
      duration("lease", &options::lease, {1, 3600},
               "A node that is not heard from for this long is lost."),
      duration("wait", &options::wait, time_span,
               "How long nodes wait for each other before they give up."),
      allow,
  };
  return {"cluster", "How the job is spread over several processes, see docs/operations.md.",
          within<job>(
              [](auto& plan) -> auto& { return plan.cluster; }, all)};
}

} // namespace adsp::apps

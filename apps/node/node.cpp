#include "apps/node/node.hpp"

#include "apps/cli/split.hpp"
#include "apps/config/config_parts.hpp"
#include "apps/config/inputs.hpp"
#include "apps/config/node_settings.hpp"

#include "actors/clock/system_config.hpp"
#include "security/node_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace adsp::apps {

namespace {

/// Prints the mistake; bad usage.
std::nullopt_t mistaken(const std::string& text) {
  log_line(text);
  return std::nullopt;
}

/// Where an option says; prints what is wrong with it.
bool read_endpoint(const char* option, const std::optional<std::string>& text,
                   std::optional<transport::endpoint>& into) {
  if (!text)
    return true;
  into = transport::parse_endpoint(*text);
  // A port of 0 means any that is free: one can listen there, nobody can connect.
  if (into && (into->port > 0 || std::string_view{option} == "--listen"))
    return true;
  log_line(fmt::format("{}: found \"{}\", expected HOST:PORT, for instance 10.0.0.1:7000", option,
                       *text));
  return false;
}

bool read_roles(const std::string& roles, node_plan& x) {
  for (const auto& role : split(roles, ',')) {
    if (role == "scheduler")
      x.leads = true;
    else if (role == "ps")
      x.serves = true;
    else if (role == "worker")
      x.works = true;
    else {
      log_line(fmt::format("--role: found \"{}\", expected scheduler, ps, worker or several "
                           "of them, separated by commas",
                           role));
      return false;
    }
  }
  return true;
}

/// Whether the options make sense together; prints what does not.
bool fits(const node_plan& x, const node_arguments& how) {
  if (x.leads && x.join)
    log_line("--join: the node with the role scheduler is the one that others join");
  else if (x.leads && !x.listen)
    log_line("--listen is missing: the other nodes join the scheduler's node there");
  else if (!x.leads && !x.join)
    log_line("--join is missing: expected HOST:PORT of the scheduler's node");
  else if (how.out && !x.leads)
    log_line("--out: the node with the role scheduler writes the run directory");
  else if (how.address && (!x.serves || x.leads))
    log_line("--address: says where workers reach a node with the role ps that is not the "
             "scheduler's, which they join");
  else if (x.serves && !x.listen)
    log_line("--listen is missing: workers connect to a node with the role ps there");
  else if (x.serves && !x.leads && x.address.empty() && transport::is_everywhere(x.listen->host))
    log_line(fmt::format("--address is missing: {} is every address of this machine, expected "
                         "HOST:PORT where workers reach it",
                         x.listen->host));
  else if (!x.leads && !x.serves && x.listen)
    log_line("--listen: nobody connects to a node with the role worker alone");
  else if (x.plan.ps.bandwidth > 0)
    log_line("ps.bandwidth emulates a link; between nodes there is a real one: expected 0");
  else
    return true;
  return false;
}

/// Without certificates anybody who reaches the port could send whatever they like.
bool is_safe(const node_plan& x, bool insecure) {
  if (x.trust.secure)
    return true;
  for (const auto& where : {x.listen, x.join})
    if (where && !transport::is_loopback(where->host)) {
      if (!insecure) {
        log_line(fmt::format(
            "{} is not this machine, and there are no certificates: whoever reaches the port could "
            "take part or break the job. Make certificates with `adsp certs` and give "
            "--certificates DIR; or --insecure in a closed network for tests",
            where->host));
        return false;
      }
      log_line(fmt::format("warning: node={} talks to {} without TLS: whoever reaches the port can "
                           "take part or break the job",
                           x.name, where->host));
      return true;
    }
  return true;
}

std::optional<node_plan> plan_from(const node_arguments& x) {
  node_plan plan;
  plan.name = x.name;
  if (!security::is_node_name(x.name))
    return mistaken(fmt::format("--name: found \"{}\", expected {}", security::printable(x.name),
                                security::node_name_rule));
  std::optional<transport::endpoint> address;
  if (!read_roles(x.roles, plan) || !read_endpoint("--listen", x.listen, plan.listen) ||
      !read_endpoint("--join", x.join, plan.join) ||
      !read_endpoint("--address", x.address, address))
    return std::nullopt;
  plan.address = x.address.value_or("");
  plan.quiet = x.quiet;
  auto read = job_from(x.config);
  if (!read)
    return std::nullopt;
  plan.plan = std::move(*read);
  if (!fits(plan, x))
    return std::nullopt;
  plan.trust = trust_from(plan, x.certificates); // throws what node_command reports
  if (!is_safe(plan, x.insecure))
    return std::nullopt;
  if (plan.leads || plan.works) {
    plan.data = plan.leads ? data_from(plan.plan) : training_data_from(plan.plan);
    if (!plan.data)
      return std::nullopt;
  }
  return plan;
}

} // namespace

void log_progress(bool quiet, std::string_view text) {
  if (!quiet)
    log_line(text);
}

neighbourhood::neighbourhood(caf::actor_system& system, const node_plan& x)
    : rights{std::make_shared<access>(system.node(), log_line, peers)}, gateway{system,
                                                                                x.trust.transport,
                                                                                peers, rights} {}

std::shared_ptr<node_setup> make_node_setup(const node_plan& x, const neighbourhood& around) {
  auto setup = std::make_shared<node_setup>();
  setup->plan = x.plan;
  setup->self.node = x.name;
  setup->self.serves = x.serves;
  setup->self.address = x.leads ? "" : x.address;
  setup->self.settings = shared_settings(x.plan);
  setup->self.fingerprint = fingerprint_of(setup->self.settings);
  if (x.works) {
    setup->workers = workers_of_node(x.plan, x.name);
    for (const auto& worker : setup->workers)
      setup->self.workers.push_back(worker.name);
    setup->train = {x.data, &x.data->train};
  }
  setup->log = [quiet = x.quiet](const std::string& line) { log_progress(quiet, line); };
  setup->rights = around.rights;
  setup->gateway = around.gateway.actor();
  return setup;
}

void log_settings(const node_plan& x) {
  log_line(fmt::format("node={} shared_settings={:016x}", x.name,
                       fingerprint_of(shared_settings(x.plan))));
}

int node_command(const node_arguments& x) try {
  const auto plan = plan_from(x);
  if (!plan)
    return bad_input;
  const signal_guard signals;
  system_config config{drive::real_time};
  transport::configure(config);
  caf::actor_system system{config};
  neighbourhood around{system, *plan};
  return plan->leads ? lead(system, around, *plan, x, signals)
                     : take_part(system, around, *plan, signals);
} catch (...) {
  return exit_code_of_failure();
}

} // namespace adsp::apps

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

bool read_roles(const std::string& roles, node_plan& plan) {
  for (const auto& role : split(roles, ',')) {
    if (role == "scheduler")
      plan.leads = true;
    else if (role == "ps")
      plan.serves = true;
    else if (role == "worker")
      plan.works = true;
    else {
      log_line(fmt::format("--role: found \"{}\", expected scheduler, ps, worker or several "
                           "of them, separated by commas",
                           role));
      return false;
    }
  }
  return true;
}

/// Whether the options make sense together; prints the first that does not.
bool fits(const node_plan& own, const node_arguments& how) {
  if (own.leads && own.join)
    log_line("--join: the node with the role scheduler is the one that others join");
  else if (own.leads && !own.listen)
    log_line("--listen is missing: the other nodes join the scheduler's node there");
  else if (!own.leads && !own.join)
    log_line("--join is missing: expected HOST:PORT of the scheduler's node");
  else if (how.out && !own.leads)
    log_line("--out: the node with the role scheduler writes the run directory");
  else if (how.address && (!own.serves || own.leads))
    log_line("--address: says where workers reach a node with the role ps that is not the "
             "scheduler's, which they join");
  else if (own.serves && !own.listen)
    log_line("--listen is missing: workers connect to a node with the role ps there");
  else if (own.serves && !own.leads && own.address.empty() &&
           transport::is_everywhere(own.listen->host))
    log_line(fmt::format("--address is missing: {} is every address of this machine, expected "
                         "HOST:PORT where workers reach it",
                         own.listen->host));
  else if (!own.leads && !own.serves && own.listen)
    log_line("--listen: nobody connects to a node with the role worker alone");
  else if (own.plan.ps.bandwidth > 0)
    log_line("ps.bandwidth emulates a link; between nodes there is a real one: expected 0");
  else
    return true;
  return false;
}

/// Without certificates anybody who reaches the port could send whatever they like.
bool is_safe(const node_plan& own, bool insecure) {
  if (own.trust.secure)
    return true;
  for (const auto& where : {own.listen, own.join})
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
                           own.name, where->host));
      return true;
    }
  return true;
}

std::optional<node_plan> plan_from(const node_arguments& given) {
  node_plan plan;
  plan.name = given.name;
  if (!security::is_node_name(given.name))
    return mistaken(fmt::format("--name: found \"{}\", expected {}",
                                security::printable(given.name), security::node_name_rule));
  std::optional<transport::endpoint> address;
  if (!read_roles(given.roles, plan) || !read_endpoint("--listen", given.listen, plan.listen) ||
      !read_endpoint("--join", given.join, plan.join) ||
      !read_endpoint("--address", given.address, address))
    return std::nullopt;
  plan.address = given.address.value_or("");
  plan.quiet = given.quiet;
  auto read = job_from(given.config, given.quiet);
  if (!read)
    return std::nullopt;
  plan.plan = std::move(*read);
  if (!fits(plan, given))
    return std::nullopt;
  plan.trust = trust_from(plan, given.certificates); // throws what node_command reports
  if (!is_safe(plan, given.insecure))
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

neighbourhood::neighbourhood(caf::actor_system& system, const node_plan& own)
    : rights{std::make_shared<access>(system.node(), log_line, peers)}, gateway{system,
                                                                                own.trust.transport,
                                                                                peers, rights} {}

std::shared_ptr<node_setup> make_node_setup(const node_plan& own, const neighbourhood& around) {
  auto setup = std::make_shared<node_setup>();
  setup->plan = own.plan;
  setup->self.node = own.name;
  setup->self.serves = own.serves;
  setup->self.address = own.leads ? "" : own.address;
  setup->self.settings = shared_settings(own.plan);
  setup->self.fingerprint = fingerprint_of(setup->self.settings);
  if (own.works) {
    setup->workers = workers_of_node(own.plan, own.name);
    for (const auto& worker : setup->workers)
      setup->self.workers.push_back(worker.name);
    setup->train = {own.data, &own.data->train};
  }
  setup->log = [quiet = own.quiet](const std::string& line) { log_progress(quiet, line); };
  setup->rights = around.rights;
  setup->gateway = around.gateway.actor();
  return setup;
}

void log_settings(const node_plan& own) {
  log_line(fmt::format("node={} shared_settings={:016x}", own.name,
                       fingerprint_of(shared_settings(own.plan))));
}

int node_command(const node_arguments& given) try {
  const auto plan = plan_from(given);
  if (!plan)
    return bad_input;
  const signal_guard signals;
  system_config config{drive::real_time};
  transport::configure(config);
  caf::actor_system system{config};
  neighbourhood around{system, *plan};
  return plan->leads ? lead(system, around, *plan, given, signals)
                     : take_part(system, around, *plan, signals);
} catch (...) {
  return exit_code_of_failure();
}

} // namespace adsp::apps

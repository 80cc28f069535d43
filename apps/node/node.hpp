// `adsp node`: one process of a cluster, by its roles.
#pragma once

#include "actors/cluster/node.hpp"
#include "actors/plan/job.hpp"
#include "actors/rights/access.hpp"
#include "apps/cli/commands.hpp"
#include "apps/cli/lines.hpp"
#include "apps/cli/signals.hpp"
#include "transport/endpoint.hpp"
#include "transport/gateway.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::apps {

/// How this node shows who it is, and knows who the others are.
struct node_trust {
  bool secure = false; ///< with TLS and certificates
  transport::transport_options transport;
};

/// What a node says of itself and knows of the others.
struct node_plan {
  job plan;
  std::string name;
  bool leads = false;  ///< role scheduler
  bool serves = false; ///< role ps
  bool works = false;  ///< role worker
  bool quiet = false;  ///< it logs no progress, see `log_progress`
  std::optional<transport::endpoint> listen;
  std::optional<transport::endpoint> join;
  std::string address; ///< where others reach what listens; empty: where it listens
  std::shared_ptr<const learning::train_and_test> data; ///< scheduler, worker
  node_trust trust;
};

/// Logs a progress line unless the node is --quiet.
void log_progress(bool quiet, std::string_view text);

/// By the files in the directory `certificates`, or without any. Throws std::invalid_argument.
node_trust trust_from(const node_plan& own, const std::optional<std::string>& certificates);

/// What this process knows of the others, and how it reaches them.
struct neighbourhood {
  neighbourhood(caf::actor_system& system, const node_plan& own);

  std::shared_ptr<transport::peers> peers = std::make_shared<transport::peers>();
  std::shared_ptr<access> rights;
  transport::gateway gateway;
};

/// What a node actor is spawned with; the registrar is the caller's.
std::shared_ptr<node_setup> make_node_setup(const node_plan& own, const neighbourhood& around);

/// Publishes an actor where the plan says; where that is, with the port that a 0 stood for. Throws
/// std::runtime_error.
template <class Handle>
transport::endpoint open_port(transport::gateway& gateway, const Handle& published,
                              const node_plan& own) {
  auto at = *own.listen;
  const auto port = gateway.publish(published, at);
  if (!port)
    throw std::runtime_error{"cannot listen on " + to_string(at) + ": " + to_text(port.error())};
  at.port = *port;
  log_line("node=" + own.name + " listening address=" + to_string(at) +
           " tls=" + (own.trust.secure ? "on" : "off"));
  return at;
}

/// Says by which number the configs of nodes can be compared.
void log_settings(const node_plan& own);

/// Runs the scheduler's node to the end of the job.
int lead(caf::actor_system& system, neighbourhood& around, const node_plan& own,
         const node_arguments& how, const signal_guard& signals);

/// Runs another node until the job has ended.
int take_part(caf::actor_system& system, neighbourhood& around, const node_plan& own,
              const signal_guard& signals);

} // namespace adsp::apps

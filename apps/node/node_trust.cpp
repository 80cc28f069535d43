// How the nodes of a cluster know each other: by certificates, or in a closed network not at all.
#include "apps/node/node.hpp"

#include "actors/plan/defaults.hpp"
#include "actors/rights/last_said.hpp"
#include "security/authority.hpp"
#include "security/certificate_folder.hpp"
#include "security/identity.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stdexcept>

namespace adsp::apps {

namespace {

/// What needs the certificates in `folder`. Throws std::invalid_argument, saying which file is
/// wrong and why.
void trust_certificates(const node_plan& plan, const std::filesystem::path& folder,
                        node_trust& trust) try {
  const auto certificate = security::certificate_path(folder, plan.name);
  const auto key = security::key_path(folder, plan.name);
  const auto root = folder / "ca.pem";
  const auto own = security::identity::load(certificate, key);
  if (const auto why = security::authority::load(root).check_certificate(
          own.certificate_pem(), plan.name, std::chrono::system_clock::now()))
    throw std::invalid_argument{certificate.string() + ": " + *why};
  trust.secure = true;
  trust.transport = {true, certificate, key, root, {}};
} catch (const security::security_error& error) {
  throw std::invalid_argument{error.what()};
}

/// A node that has shards waits longer for the scheduler's (`node_state::watch_registrar`): so must
/// its connections.
std::chrono::milliseconds silence_of(const node_plan& plan) {
  const auto leases = plan.serves && !plan.leads ? defaults::shard_leases : 1;
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::duration<double>(leases * plan.plan.cluster.lease));
}

/// Passes lines about connections on, but not what has been said last of a connection with the same
/// host: who is refused tries again and again, each time from another port.
std::function<void(const std::string&)> once_a_host(std::function<void(const std::string&)> log) {
  struct history {
    std::mutex mutex; ///< guards what follows
    last_said last{1024};
  };
  return [said = std::make_shared<history>(), log = std::move(log)](const std::string& line) {
    const auto end = line.find(' '); // of "peer=HOST:PORT"
    const auto host = line.substr(0, line.rfind(':', end));
    {
      const std::lock_guard lock{said->mutex};
      if (!said->last.is_new(host, line.substr(std::min(end, line.size()))))
        return;
    }
    log(line);
  };
}

} // namespace

node_trust trust_from(const node_plan& plan, const std::optional<std::string>& certificates) {
  node_trust trust;
  if (certificates)
    trust_certificates(plan, *certificates, trust);
  trust.transport.log = once_a_host(log_line);
  trust.transport.silence = silence_of(plan);
  return trust;
}

} // namespace adsp::apps

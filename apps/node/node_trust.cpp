// How the nodes of a cluster know each other: by certificates, or in a closed network not at all.
#include "apps/node/node.hpp"

#include "actors/plan/defaults.hpp"
#include "actors/rights/last_said.hpp"
#include "security/allow_list.hpp"
#include "security/authority.hpp"
#include "security/certificate_folder.hpp"
#include "security/identity.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <stdexcept>

namespace adsp::apps {

namespace {

std::string text_of(std::span<const std::uint8_t> x) {
  return {x.begin(), x.end()};
}

std::optional<security::challenge> challenge_of(const std::string& x) {
  security::challenge result;
  if (x.size() != result.size())
    return std::nullopt;
  std::ranges::copy(x, result.begin());
  return result;
}

security::allow_list allow_list_of(const job& x) {
  security::allow_list list;
  for (const auto& each : x.cluster.allow)
    list.rules.push_back({each.name, each.roles});
  return list;
}

/// What needs the certificates in `folder`. Throws std::invalid_argument, saying which file is
/// wrong and why.
void trust_certificates(const node_plan& x, const std::filesystem::path& folder,
                        node_trust& trust) try {
  const auto certificate = security::certificate_path(folder, x.name);
  const auto key = security::key_path(folder, x.name);
  const auto root = folder / "ca.pem";
  auto own = std::make_shared<security::identity>(security::identity::load(certificate, key));
  auto authority = std::make_shared<security::authority>(security::authority::load(root));
  if (const auto why = authority->check_certificate(own->certificate_pem(), x.name,
                                                    std::chrono::system_clock::now()))
    throw std::invalid_argument{certificate.string() + ": " + *why};
  trust.secure = true;
  trust.transport = {true, certificate, key, root, {}};
  trust.certificate = own->certificate_pem();
  trust.sign = [own](const std::string& bytes, const std::string& context) {
    const auto asked = challenge_of(bytes);
    return asked ? text_of(own->sign(*asked, context)) : std::string{};
  };
  trust.distrusts = [authority](const hello& who, const std::string& context,
                                const proof& answer) -> std::optional<std::string> {
    const auto asked = challenge_of(answer.challenge);
    if (!asked)
      return "the challenge is not one";
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(answer.signature.data());
    return authority->check(who.certificate, who.node, context, *asked,
                            {bytes, answer.signature.size()}, std::chrono::system_clock::now());
  };
} catch (const security::security_error& error) {
  throw std::invalid_argument{error.what()};
}

/// A node that has shards waits longer for the scheduler's (`node_state::watch_registrar`): so must
/// its connections.
std::chrono::milliseconds silence_of(const node_plan& x) {
  const auto leases = x.serves && !x.leads ? defaults::shard_leases : 1;
  return std::chrono::ceil<std::chrono::milliseconds>(
      std::chrono::duration<double>(leases * x.plan.cluster.lease));
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

node_trust trust_from(const node_plan& x, const std::optional<std::string>& certificates) {
  node_trust trust;
  trust.allows = [list = allow_list_of(x.plan)](const std::string& name, const std::string& role) {
    return list.rules.empty() || list.allows(name, role);
  };
  trust.make_challenge = [] { return text_of(security::make_challenge()); };
  trust.sign = [](const std::string&, const std::string&) { return std::string{}; };
  trust.distrusts = [](const hello&, const std::string&, const proof&) {
    return std::optional<std::string>{};
  };
  if (certificates)
    trust_certificates(x, *certificates, trust);
  trust.transport.log = once_a_host(log_line);
  trust.transport.silence = silence_of(x);
  return trust;
}

} // namespace adsp::apps

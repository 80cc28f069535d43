#include "actors/clock/system_config.hpp"

#include "actors/clock/virtual_time.hpp"
#include "messages/protocol.hpp"

#include <algorithm>
#include <thread>

namespace adsp {

namespace {

std::string rendered(std::uint8_t code, caf::atom_value category, const caf::message& context) {
  return to_text(caf::error{code, category, context});
}

} // namespace

system_config::system_config(drive kind) {
  add_message_types<caf::id_block::adsp>();
  add_error_category(caf::atom("adsp"), rendered);
  const auto threads = std::max<std::size_t>(2, std::thread::hardware_concurrency());
  set("scheduler.policy", kind == drive::real_time ? caf::atom("sharing") : caf::atom("testing"));
  if (kind == drive::virtual_time)
    module_factories.emplace_back(
        [](caf::actor_system& system) { return new virtual_coordinator{system}; });
  set("scheduler.max-threads", threads);
  set("logger.verbosity", caf::atom("quiet"));
}

} // namespace adsp

#include "messages/skimming.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

#include <vector>

namespace adsp {

bool readable(caf::actor_system& system, std::span<const char> bytes) {
  skimming context{system};
  caf::binary_deserializer source{&context, bytes.data(), bytes.size()};
  std::vector<caf::strong_actor_ptr> stages;
  caf::message found;
  if (source(stages))
    return false;
  // Read as part of something else, a message that ends too early is an empty one to CAF.
  const auto error = found.load(source);
  return !error || error == caf::sec::no_proxy_registry;
}

} // namespace adsp

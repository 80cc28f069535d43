#include "transport/dry_read.hpp"

#include "messages/freight.hpp"
#include "messages/protocol.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/message.hpp>

#include <algorithm>

namespace adsp {

caf::strong_actor_ptr dry_read::make_proxy(caf::node_id node, caf::actor_id id) {
  places_.push_back(id == caf::invalid_actor_id ? caf::node_id{} : std::move(node));
  return nullptr;
}

std::optional<caf::node_id> dry_read::next_place() {
  if (all_seen())
    return std::nullopt;
  return places_[next_++];
}

bool dry_read::takes_freight(std::size_t bytes) {
  if (bytes < least_freight)
    return false;
  freight_.push_back(bytes);
  return true;
}

namespace {

/// Checks the handles in the values of a message, in the order of reading.
class handle_check {
public:
  handle_check(dry_read& context, const caf::node_id& sender)
      : context_{context}, sender_{sender} {}

  bool passes(const caf::message& message) {
    for (std::size_t i = 0; i < message.size(); ++i)
      if (!one_is_good<worker_actor, node_actor, shard_actor, scheduler_actor, registrar_actor>(
              message, i) ||
          !work_is_good(message, i))
        return false;
    return context_.all_seen();
  }

private:
  template <class... Handles>
  bool one_is_good(const caf::message& message, std::size_t i) {
    return ((!message.match_element<Handles>(i) || is_sender_s(message.get_as<Handles>(i))) && ...);
  }

  template <class Handle>
  bool is_sender_s(const Handle& handle) {
    return !handle && context_.next_place() == sender_;
  }

  /// The scheduler must live in the sender; the shards may live in any process.
  bool work_is_good(const caf::message& message, std::size_t i) {
    if (!message.match_element<work>(i))
      return true;
    const auto& found = message.get_as<work>(i);
    return is_sender_s(found.scheduler) &&
           std::ranges::all_of(found.shards, [this](const auto& shard) {
             return shard || context_.next_place().value_or(caf::node_id{});
           });
  }

  dry_read& context_;
  const caf::node_id& sender_;
};

} // namespace

bool readable(caf::actor_system& system, std::span<const char> bytes, const caf::node_id& sender,
              std::vector<std::size_t>& freight) {
  freight.clear();
  dry_read context{system, freight};
  caf::binary_deserializer source{&context, bytes.data(), bytes.size()};
  std::vector<caf::strong_actor_ptr> stages;
  caf::message found;
  // `load`, because CAF otherwise reads a truncated message as an empty one.
  return !source(stages) && !found.load(source) && handle_check{context, sender}.passes(found);
}

} // namespace adsp

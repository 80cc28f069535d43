#include "transport/frame_guard.hpp"

#include "transport/dry_read.hpp"

#include <caf/atom.hpp>
#include <caf/binary_deserializer.hpp>
#include <caf/message_id.hpp>

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace adsp::transport {

namespace {

namespace basp = caf::io::basp;
using kind = basp::message_type;

/// Bytes of a process's id: the kind of id, the process's number, the machine.
constexpr std::size_t node_bytes = 8 + 4 + 20;

/// The process id at the front of `bytes`, if it is of the right kind.
std::optional<caf::node_id> node_in(std::span<const char> bytes) {
  if (bytes.size() < node_bytes)
    return std::nullopt;
  auto kind_of_id = static_cast<caf::atom_value>(0);
  caf::binary_deserializer source{nullptr, bytes.data(), node_bytes};
  if (source(kind_of_id) || kind_of_id != caf::node_id::default_data::class_id)
    return std::nullopt;
  caf::node_id node;
  caf::binary_deserializer again{nullptr, bytes.data(), node_bytes};
  if (again(node) || !node || !node->valid())
    return std::nullopt;
  return node;
}

/// The types of a message, "@<>+first+second", which come before its values; nothing if the bytes
/// differ, or the message is to be forwarded to further actors.
std::optional<std::string_view> types_in(std::span<const char> bytes) {
  constexpr std::array<char, 3> plain{}; // no forwarding; no type by number
  if (bytes.size() <= plain.size() || !std::ranges::equal(bytes.first(plain.size()), plain))
    return std::nullopt;
  bytes = bytes.subspan(plain.size());
  std::size_t size = 0;
  for (unsigned shift = 0;; shift += 7) {
    if (bytes.empty() || shift > 14)
      return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes = bytes.subspan(1);
    size |= static_cast<std::size_t>(byte & 0x7F) << shift;
    if ((byte & 0x80) == 0)
      break;
  }
  if (size > bytes.size())
    return std::nullopt;
  return std::string_view{bytes.data(), size};
}

/// CAF's own types in messages of this project. Types that end, link or monitor actors are not
/// among them.
constexpr std::array<std::string_view, 8> plain_types{"@atom", "@node", "@str",   "@u32",
                                                      "@u64",  "bool",  "double", "@unit"};

} // namespace

frame_guard::frame_guard(caf::node_id here, side which, std::shared_ptr<peers> all,
                         std::shared_ptr<peer_rules> rights, peers::number end,
                         caf::actor_system* system)
    : here_{std::move(here)}, which_{which}, all_{std::move(all)}, rights_{std::move(rights)},
      end_{end}, system_{system} {}

verdict frame_guard::refuse(std::string why) {
  why_ = std::move(why);
  return verdict::refuse;
}

bool frame_guard::settled() {
  if (!settled_ && peer_ && (!rights_ || rights_->admitted(peer_) || all_->chosen(peer_))) {
    settled_ = true;
    all_->settle(end_);
  }
  return settled_;
}

bool frame_guard::too_long(std::size_t payload, std::size_t blocks) {
  if (!settled())
    return payload + blocks > max_greeting_bytes;
  return payload > max_payload_bytes || payload + blocks > max_message_bytes;
}

verdict frame_guard::hear(const basp::header& header, bool with_blocks) {
  header_ = header;
  blocks_.clear();
  if (!basp::valid(header))
    return refuse("it does not speak BASP");
  const auto greets = which_ == side::accepting ? kind::client_handshake : kind::server_handshake;
  if (basp::is_handshake(header) ? header.operation != greets : !peer_)
    return refuse("it does not say who it is");
  if (with_blocks && header.operation != kind::direct_message &&
      header.operation != kind::routed_message)
    return refuse("it sends blocks without a message");
  if (too_long(header.payload_len, 0))
    return refuse("it announces a message of " + std::to_string(header.payload_len) + " bytes");
  if (header.payload_len == 0 && header.operation != kind::heartbeat)
    return refuse("it sends an empty frame");
  return verdict::pass;
}

verdict frame_guard::hear(std::span<const char> payload, std::size_t block_bytes,
                          const channel& known) {
  if (too_long(payload.size(), block_bytes))
    return refuse("it announces blocks of " + std::to_string(block_bytes) + " bytes");
  block_bytes_ = block_bytes;
  switch (header_.operation) {
  case kind::server_handshake:
  case kind::client_handshake:
    return greeting(payload, known);
  case kind::direct_message:
    return message(payload);
  case kind::routed_message:
  case kind::monitor_message:
  case kind::down_message:
    return routed(payload);
  default:
    return refuse("it sends a malformed heartbeat");
  }
}

verdict frame_guard::greeting(std::span<const char> payload, const channel& known) {
  const auto node = node_in(payload);
  if (!node)
    return refuse("it does not say who it is");
  if (*node == here_)
    return refuse("it says that it is this process");
  if (which_ == side::connecting && peer_)
    return refuse("it says who it is twice");
  if (rights_ && rights_->dropped(*node, known.certificate))
    return refuse("it has been dropped before");
  if (auto why = all_->claim(end_, *node, known))
    return refuse(std::move(*why));
  peer_ = *node;
  answers_ = all_->answers_of(end_);
  return answers_ ? verdict::pass : refuse("its connection has ended");
}

verdict frame_guard::routed(std::span<const char> payload) {
  const auto source = node_in(payload);
  const auto target = source ? node_in(payload.subspan(node_bytes)) : std::nullopt;
  if (!target)
    return refuse("it sends data that cannot be read");
  if (*source != peer_)
    return refuse("it speaks in the name of another process");
  // CAF sends such frames for forwarding when it learns of a process that it is not connected to.
  // Here every process connects directly to those it talks to.
  if (*target != here_)
    return verdict::skip;
  return header_.operation == kind::routed_message ? message(payload.subspan(2 * node_bytes))
                                                   : verdict::pass;
}

verdict frame_guard::message(std::span<const char> payload) {
  if (header_.has(basp::header::named_receiver_flag)) {
    // CAF asks every new process for its server of remote spawns, and does not need an answer.
    if (static_cast<caf::atom_value>(header_.dest_actor) == caf::atom("SpawnServ"))
      return verdict::skip;
    return refuse("it asks for an actor by name");
  }
  auto types = types_in(payload);
  if (!types || !types->starts_with("@<>"))
    return refuse("it sends data that cannot be read");
  types->remove_prefix(3);
  if (!answers() && header_.source_actor == 0)
    return refuse("it does not say which of its actors asks");
  if (!may_come(*types))
    return refuse("it sends a message that it may not send");
  if (answers() && !answers_->awaits(header_))
    return strike("an answer that nobody has asked for");
  // CAF would read a malformed message as an empty one.
  if (system_ != nullptr &&
      (!readable(*system_, payload, peer_, blocks_) ||
       std::accumulate(blocks_.begin(), blocks_.end(), std::size_t{0}) != block_bytes_))
    return strike("a message that cannot be read");
  if (!answers() && !settled_ && !answers_->makes_room(header_))
    return refuse("it sends too many messages before it is admitted");
  return verdict::pass;
}

verdict frame_guard::strike(const char* what) {
  if (rights_)
    rights_->strike(peer_, what);
  return verdict::skip;
}

verdict frame_guard::say(std::span<const char> frame, std::size_t waiting) {
  basp::header header;
  if (answers_ && frame.size() >= basp::header_size) {
    caf::binary_deserializer source{nullptr, frame.data(), basp::header_size};
    if (!source(header) &&
        (header.operation == kind::direct_message || header.operation == kind::routed_message))
      answers_->sent(header);
  }
  if (waiting > max_waiting_bytes && !settled())
    return refuse("it does not read what it is sent");
  return verdict::pass;
}

bool frame_guard::may_come(std::string_view types) const {
  if (!answers() && rights_ && !rights_->may_ask(peer_, types))
    return false;
  while (!types.empty()) {
    if (types.front() != '+')
      return false;
    types.remove_prefix(1);
    const auto size = std::min(types.find('+'), types.size());
    if (!may_send(types.substr(0, size)))
      return false;
    types.remove_prefix(size);
  }
  return true;
}

bool frame_guard::may_send(std::string_view type) const {
  // An error that is not an answer would end its receiver.
  if (type == "@error")
    return answers();
  // An exit message ends its receiver, if the sender may ask for that.
  if (type == "@exit")
    return !answers();
  return type.starts_with("adsp::") || std::ranges::find(plain_types, type) != plain_types.end();
}

bool frame_guard::answers() const {
  return caf::make_message_id(header_.operation_data).is_response();
}

} // namespace adsp::transport

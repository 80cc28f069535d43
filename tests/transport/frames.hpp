// Frames of BASP, CAF's protocol, byte by byte: what an honest peer never sends has to be made by
// hand.
#pragma once

#include <caf/atom.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/io/basp/header.hpp>
#include <caf/node_id.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frames {

using kind = caf::io::basp::message_type;

template <class T>
std::string number(T x) {
  std::string bytes;
  for (int shift = 8 * (static_cast<int>(sizeof x) - 1); shift >= 0; shift -= 8)
    bytes += static_cast<char>(static_cast<std::uint64_t>(x) >> shift);
  return bytes;
}

/// A process on some machine.
class somebody {
public:
  /// `machine`: each byte of its id.
  somebody(std::uint32_t process, std::uint8_t machine) {
    caf::node_id::default_data::host_id_type host;
    host.fill(machine);
    id_ = caf::make_node_id(process, host);
  }
  explicit somebody(caf::node_id x) : id_{std::move(x)} {}

  const caf::node_id& id() const { return id_; }
  std::string bytes() const {
    std::vector<char> bytes;
    caf::binary_serializer sink{nullptr, bytes};
    REQUIRE_FALSE(sink(id_));
    return {bytes.begin(), bytes.end()};
  }

private:
  caf::node_id id_;
};

inline caf::io::basp::header header(kind operation, std::size_t payload, std::uint64_t source = 0,
                                    std::uint64_t target = 0, std::uint8_t flags = 0) {
  const bool message = operation == kind::direct_message || operation == kind::routed_message;
  const std::uint64_t data = operation == kind::server_handshake ? 3
                             : message                           ? 0x1000000000000000
                                                                 : 0;
  return {operation, flags, static_cast<std::uint32_t>(payload), data, source, target};
}

inline std::string bytes_of(const caf::io::basp::header& x) {
  std::string bytes;
  bytes += static_cast<char>(x.operation);
  bytes += std::string(2, '\0');
  bytes += static_cast<char>(x.flags);
  return bytes + number(x.payload_len) + number(x.operation_data) + number(x.source_actor) +
         number(x.dest_actor);
}

inline std::string frame(const caf::io::basp::header& x, const std::string& payload) {
  return bytes_of(x) + payload;
}

/// A message for nobody else, of types ("+@atom+@str") and the bytes of their values.
inline std::string message(std::string_view types, const std::string& values = {}) {
  const std::string name = "@<>" + std::string{types};
  return std::string(3, '\0') + static_cast<char>(name.size()) + name + values;
}

inline std::string atom_message(caf::atom_value x) {
  return message("+@atom", number(static_cast<std::uint64_t>(x)));
}

inline std::string client_greeting(const somebody& who) {
  return frame(header(kind::client_handshake, 32), who.bytes());
}

} // namespace frames

// The address at which a process listens.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace adsp::transport {

/// "10.0.0.1:7000", "[::1]:7000"
struct endpoint {
  std::string host;
  std::uint16_t port = 0;
};

/// Nothing if `text` is not HOST:PORT.
std::optional<endpoint> parse_endpoint(std::string_view text);

/// The address as HOST:PORT.
std::string to_string(const endpoint& address);

/// Whether `host` stands for every address of this machine.
bool is_everywhere(const std::string& host);

/// Whether packets to this host stay on this machine.
bool is_loopback(const std::string& host);

} // namespace adsp::transport

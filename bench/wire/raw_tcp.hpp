// What TCP itself takes for bytes there and back: plain sockets, large buffers, no program on top.
#pragma once

#include <cstdint>
#include <vector>

namespace wire {

/// Accepts one connection on a free port of loopback, in a thread of its own, and sends back what
/// comes.
std::uint16_t start_echo();

/// Connects to an echo.
int connect_to_echo(std::uint16_t port);

/// Seconds for so many bytes there and back, both directions at a time.
double echo_once(int socket, const std::vector<char>& bytes);

} // namespace wire

// What the transport asks of the operating system's sockets.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace adsp::transport {

/// A connected, non-blocking TCP socket without delay; -1 with errno when nobody answers within
/// `patience`.
int connect_socket(const std::string& host, std::uint16_t port, std::chrono::milliseconds patience);

/// Makes an accepted socket non-blocking and without delay.
void prepare(int socket);

/// Ends both directions; who waits for it is told.
void shut_down(int socket);

/// "10.0.0.7:51234"
std::string name_of_peer(int socket);

/// As many open files as the system lets this process have: each connection is one.
void raise_file_limit();

} // namespace adsp::transport

// What the transport asks of the operating system's sockets.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <sys/uio.h>

namespace adsp::transport {

/// A connected TCP socket; -1 with errno when nobody answers. Each address of the host is given
/// `patience`.
int connect_socket(const std::string& host, std::uint16_t port, std::chrono::milliseconds patience);

/// Makes a connected socket non-blocking and without delay. The connection fails when the other
/// machine confirms nothing for `silence`; while nothing is sent it is asked whether it is there.
void prepare(int socket, std::chrono::milliseconds silence);

/// Sends as much as the socket takes now, `sent` bytes. False: the connection has failed.
bool send_pieces(int socket, std::span<const iovec> pieces, std::size_t& sent);

/// Ends both directions; who waits for it is told.
void shut_down(int socket);

/// "10.0.0.7:51234"
std::string name_of_peer(int socket);

/// As many open files as the system lets this process have: each connection is one.
void raise_file_limit();

} // namespace adsp::transport

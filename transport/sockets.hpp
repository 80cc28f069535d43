// The transport's functions on sockets of the operating system.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <netdb.h>
#include <span>
#include <string>
#include <sys/uio.h>

namespace adsp::transport {

/// A connected TCP socket; -1 with errno if nobody answers within `patience`. The addresses of the
/// host are tried one after the other.
int connect_socket(const std::string& host, std::uint16_t port, std::chrono::milliseconds patience);

/// The same for a list of addresses. One that is silent takes an equal share of the time that is
/// left, so that all are tried.
int connect_socket(const addrinfo* addresses, std::chrono::milliseconds patience);

/// Makes a connected socket non-blocking and sets TCP_NODELAY. The connection fails if the other
/// machine acknowledges nothing for `silence`; idle connections use keep-alive probes.
void prepare(int socket, std::chrono::milliseconds silence);

/// Sends as much as the socket accepts now; `sent` becomes the number of bytes. False: the
/// connection has failed.
bool send_pieces(int socket, std::span<const iovec> pieces, std::size_t& sent);

/// Shuts down both directions, which wakes whoever waits for the socket.
void shut_down(int socket);

/// "10.0.0.7:51234"
std::string name_of_peer(int socket);

/// Raises the limit of open files as far as the system allows: each connection needs one.
void raise_file_limit();

} // namespace adsp::transport

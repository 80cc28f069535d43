// Closes one connection, from any thread, and logs the reason once.
#pragma once

#include "transport/options.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace adsp::transport {

class connection_closer {
public:
  connection_closer(std::shared_ptr<const transport_options> options, int socket);

  /// Shuts the socket down: its next read ends the connection. Logs `why` unless it is empty.
  void close(const std::string& why);

  /// The socket is about to be closed: its descriptor may then be reused.
  void retire();

  /// Address of the other end: "10.0.0.7".
  std::string host() const;

private:
  std::shared_ptr<const transport_options> options_;
  std::string peer_; ///< with the port
  std::mutex mutex_; ///< guards the members below
  int socket_;       ///< -1: retired
  bool logged_ = false;
};

} // namespace adsp::transport

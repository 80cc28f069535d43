// Ends one connection, from any thread, and tells of it once.
#pragma once

#include "transport/options.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace adsp::transport {

class connection_closer {
public:
  connection_closer(std::shared_ptr<const transport_options> options, int socket);

  /// Shuts the socket down: its next read ends the connection. Tells why, if there is a reason.
  void close(const std::string& why);

  /// The socket is about to be closed: its number will be another's.
  void retire();

  /// "10.0.0.7": where the other end is.
  std::string host() const;

private:
  std::shared_ptr<const transport_options> options_;
  std::string peer_; ///< with the port
  std::mutex mutex_; ///< guards what follows
  int socket_;       ///< -1: retired
  bool told_ = false;
};

} // namespace adsp::transport

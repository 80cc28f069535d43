#include "transport/connection_closer.hpp"

#include "transport/sockets.hpp"

#include <utility>

namespace adsp::transport {

connection_closer::connection_closer(std::shared_ptr<const transport_options> options, int socket)
    : options_{std::move(options)}, peer_{name_of_peer(socket)}, socket_{socket} {}

void connection_closer::close(const std::string& why) {
  const std::lock_guard lock{mutex_};
  if (socket_ >= 0)
    shut_down(socket_);
  if (!std::exchange(logged_, true) && !why.empty())
    options_->log("peer=" + peer_ + " refused reason=\"" + why + "\"");
}

void connection_closer::retire() {
  const std::lock_guard lock{mutex_};
  socket_ = -1;
}

std::string connection_closer::host() const {
  return peer_.substr(0, peer_.rfind(':'));
}

} // namespace adsp::transport

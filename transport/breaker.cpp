#include "transport/breaker.hpp"

#include "transport/sockets.hpp"

#include <utility>

namespace adsp::transport {

breaker::breaker(std::shared_ptr<const transport_options> options, int socket)
    : options_{std::move(options)}, peer_{name_of_peer(socket)}, socket_{socket} {}

void breaker::open(const std::string& why) {
  const std::lock_guard lock{mutex_};
  if (socket_ >= 0)
    shut_down(socket_);
  if (!std::exchange(told_, true) && !why.empty())
    options_->log("peer=" + peer_ + " refused reason=\"" + why + "\"");
}

void breaker::retire() {
  const std::lock_guard lock{mutex_};
  socket_ = -1;
}

std::string breaker::host() const {
  return peer_.substr(0, peer_.rfind(':'));
}

} // namespace adsp::transport

#include "actors/emulation/emulated_path.hpp"

namespace adsp {

hop emulated_path::to_shards(std::uint64_t bytes) {
  to_server_ = true;
  bytes_ = bytes;
  return at_ = hop::device_link;
}

hop emulated_path::to_worker(std::uint64_t bytes) {
  to_server_ = false;
  bytes_ = bytes;
  return at_ = queues() ? hop::server_link : hop::device_link;
}

hop emulated_path::passed() {
  if (to_server_)
    at_ = at_ == hop::device_link && queues() ? hop::server_link : hop::shards;
  else
    at_ = at_ == hop::server_link ? hop::device_link : hop::worker;
  return at_;
}

} // namespace adsp

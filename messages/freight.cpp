#include "messages/freight.hpp"

#include <stdexcept>

namespace adsp {

namespace {

// CAF's serializers cannot carry data of a single message. Thread-local state will do, because each
// message is written or read in one go by one thread.
thread_local std::vector<encoded_block>* loaded = nullptr;
thread_local std::span<const std::shared_ptr<parameter_buffer>> arrived;
thread_local bool reading = false;

} // namespace

void load_freight_into(std::vector<encoded_block>* to) {
  if (to != nullptr && loaded != nullptr)
    throw std::logic_error{"two messages with freight are written at the same time"};
  loaded = to;
}

bool load_freight(const encoded_block& block) {
  if (loaded == nullptr || block.byte_count() < least_freight)
    return false;
  loaded->push_back(block);
  return true;
}

unloading::unloading(std::span<const std::shared_ptr<parameter_buffer>> blocks) {
  if (reading)
    throw std::logic_error{"two messages with freight are read at the same time"};
  arrived = blocks;
  reading = true;
}

unloading::~unloading() {
  arrived = {};
  reading = false;
}

bool comes_as_freight(std::size_t bytes) {
  return reading && bytes >= least_freight;
}

std::shared_ptr<parameter_buffer> unload(std::size_t floats) {
  if (arrived.empty() || arrived.front()->size() != floats)
    return nullptr;
  auto next = arrived.front();
  arrived = arrived.subspan(1);
  return next;
}

} // namespace adsp

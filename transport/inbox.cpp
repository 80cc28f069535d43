#include "transport/inbox.hpp"

#include "messages/blocks/encoded_block.hpp"
#include "transport/framing.hpp"

#include <caf/binary_deserializer.hpp>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace adsp::transport {

namespace {

/// Bytes read ahead: enough for many small frames at a time, and no more than this of a large one
/// is copied.
constexpr std::size_t ahead_bytes = 8192;

} // namespace

inbox::inbox() : ahead_{std::make_unique_for_overwrite<char[]>(ahead_bytes)} {
  await_header();
}

std::span<char> inbox::space() {
  const auto wanted = missing();
  direct_ = wanted.size() >= ahead_bytes;
  return direct_ ? wanted : std::span{ahead_.get(), ahead_bytes};
}

void inbox::received(std::size_t bytes) {
  if (direct_) {
    advance(bytes);
    return;
  }
  first_ = 0;
  last_ = bytes;
  distribute();
}

void inbox::distribute() {
  while (first_ < last_ && left_ > 0) {
    auto taken = std::min(last_ - first_, left_);
    if (const auto to = missing(); !to.empty()) {
      taken = std::min(taken, to.size());
      std::memcpy(to.data(), ahead_.get() + first_, taken);
    }
    first_ += taken;
    advance(taken);
  }
}

std::span<char> inbox::missing() {
  if (awaited_ != part::blocks)
    return std::span{awaited_ == part::header ? header_ : payload_}.subspan(filled_);
  if (block_ == sizes_.size())
    return {};
  auto* const start = reinterpret_cast<char*>(blocks_[block_]->values().data());
  return std::span{start, sizes_[block_]}.subspan(filled_);
}

void inbox::advance(std::size_t bytes) {
  left_ -= bytes;
  filled_ += bytes;
  if (awaited_ == part::blocks && block_ < sizes_.size() && filled_ == sizes_[block_]) {
    ++block_;
    filled_ = 0;
  }
}

void inbox::await(part which, std::size_t bytes) {
  awaited_ = which;
  left_ = bytes;
  filled_ = 0;
  distribute();
}

void inbox::await_header() {
  header_.resize(header_size);
  await(part::header, header_size);
}

bool inbox::read_header(caf::io::basp::header& head) {
  auto& flags = header_[flags_offset];
  announces_blocks_ = (static_cast<std::uint8_t>(flags) & blocks_follow) != 0;
  flags = static_cast<char>(static_cast<std::uint8_t>(flags) & ~blocks_follow);
  caf::binary_deserializer source{nullptr, header_.data(), header_.size()};
  return !source(head);
}

void inbox::await_payload(std::size_t size) {
  const auto bytes = size + (announces_blocks_ ? count_bytes : 0);
  payload_.resize(bytes);
  await(part::payload, bytes);
}

std::size_t inbox::read_block_bytes() {
  if (!announces_blocks_)
    return 0;
  const auto end = payload_.size();
  std::size_t bytes = 0;
  for (auto i = end - count_bytes; i < end; ++i)
    bytes = bytes << 8 | static_cast<std::uint8_t>(payload_[i]);
  payload_.resize(end - count_bytes);
  return bytes;
}

void inbox::await_blocks(std::span<const std::size_t> sizes) {
  sizes_.assign(sizes.begin(), sizes.end());
  blocks_.clear();
  for (const auto size : sizes_)
    blocks_.push_back(std::make_shared<parameter_buffer>(floats_for(size)));
  block_ = 0;
  await(part::blocks, std::accumulate(sizes_.begin(), sizes_.end(), std::size_t{0}));
}

void inbox::pass_over(std::size_t bytes) {
  sizes_.clear();
  block_ = 0;
  await(part::blocks, bytes);
}

} // namespace adsp::transport

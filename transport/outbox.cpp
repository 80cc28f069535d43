#include "transport/outbox.hpp"

#include "messages/freight.hpp"
#include "transport/framing.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace adsp::transport {

outbox::~outbox() {
  if (writing_)
    load_freight_into(nullptr);
}

std::vector<char>& outbox::begin_frame() {
  assert(!writing_);
  frame_ = next_.bytes.size();
  writing_ = true;
  load_freight_into(&freight_);
  return next_.bytes;
}

std::span<const char> outbox::end_frame() {
  if (!std::exchange(writing_, false))
    return {};
  load_freight_into(nullptr);
  auto& bytes = next_.bytes;
  const auto size = bytes.size() - frame_;
  waiting_ += size;
  if (!freight_.empty()) {
    bytes[frame_ + flags_offset] |= static_cast<char>(blocks_follow);
    std::size_t count = 0;
    for (const auto& block : freight_)
      count += block.byte_count();
    for (auto shift = 8 * count_bytes; shift > 0; shift -= 8)
      bytes.push_back(static_cast<char>(count >> (shift - 8)));
    for (auto& block : freight_)
      next_.blocks.push_back({std::move(block), bytes.size()});
    freight_.clear();
    waiting_ += count_bytes + count;
  }
  return std::span{bytes}.subspan(frame_, size);
}

std::size_t outbox::next(std::span<iovec> pieces) {
  end_frame();
  if (bytes_sent_ == going_.bytes.size() && blocks_sent_ == going_.blocks.size()) {
    going_.bytes.clear();
    going_.blocks.clear();
    std::swap(going_, next_);
    bytes_sent_ = blocks_sent_ = 0;
  }
  std::size_t count = 0;
  auto at = bytes_sent_;
  auto skipped = part_sent_;
  const auto add = [&](const void* data, std::size_t size) {
    if (size > 0)
      pieces[count++] = {const_cast<void*>(data), size};
  };
  for (auto block = blocks_sent_; block <= going_.blocks.size() && count + 2 <= pieces.size();
       ++block) {
    const bool last = block == going_.blocks.size();
    const auto end = last ? going_.bytes.size() : going_.blocks[block].place;
    add(going_.bytes.data() + at, end - at);
    at = end;
    if (!last) {
      const auto contents = going_.blocks[block].block.bytes().subspan(std::exchange(skipped, 0));
      add(contents.data(), contents.size());
    }
  }
  return count;
}

void outbox::sent(std::size_t bytes) {
  waiting_ -= bytes;
  while (bytes > 0) {
    const bool last = blocks_sent_ == going_.blocks.size();
    const auto end = last ? going_.bytes.size() : going_.blocks[blocks_sent_].place;
    const auto taken = std::min(bytes, end - bytes_sent_);
    bytes_sent_ += taken;
    bytes -= taken;
    if (last || bytes == 0)
      return;
    auto& block = going_.blocks[blocks_sent_].block;
    const auto part = std::min(bytes, block.byte_count() - part_sent_);
    part_sent_ += part;
    bytes -= part;
    if (part_sent_ == block.byte_count()) {
      block = {}; // so that its memory can be reused
      part_sent_ = 0;
      ++blocks_sent_;
    }
  }
}

void outbox::clear() {
  end_frame();
  going_ = {};
  next_ = {};
  waiting_ = bytes_sent_ = blocks_sent_ = part_sent_ = 0;
}

} // namespace adsp::transport

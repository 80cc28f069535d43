// Passes over updates that several rules make.
#pragma once

#include "actors/server/commit_applier.hpp"
#include "messages/blocks/finite.hpp"
#include "messages/blocks/wire_codec.hpp"

#include <algorithm>
#include <initializer_list>
#include <span>
#include <vector>

namespace adsp {

/// Calls `part(at, chunk)` for the floats of an update from its beginning; `at` is the position of
/// the chunk's first float.
template <class Part>
void for_each_chunk(const encoded_block& update, Part part) {
  std::size_t at = 0;
  for (chunk_reader reader{update}; !reader.done();) {
    const auto chunk = reader.next();
    part(at, chunk);
    at += chunk.size();
  }
}

/// Whether an update may be applied: only those of fp32 are not checked yet.
inline bool sound(const encoded_block& update) {
  return update.format() != wire_format::fp32 || all_finite(update.plain().values());
}

/// w -= eta update, in place.
inline void subtract(std::span<float> to, float eta, std::span<const float> update) {
  float* __restrict w = to.data();
  const float* __restrict u = update.data();
  for (std::size_t i = 0; i < update.size(); ++i)
    w[i] -= eta * u[i];
}

/// Subtracts the values of a topk update at their places.
inline void subtract_kept(std::span<float> w, float eta, const encoded_block& update) {
  const auto values = update.kept_values();
  update.with_places([&](auto places) {
    for (std::size_t i = 0; i < places.size(); ++i)
      w[places[i]] -= eta * values[i];
  });
}

/// sum += factor update, whatever its format. False, and the sum is as it was, if the update is not
/// finite.
inline bool add(std::span<float> sum, float factor, const encoded_block& update) {
  if (update.format() == wire_format::topk) {
    subtract_kept(sum, -factor, update);
    return true;
  }
  if (!sound(update))
    return false;
  for_each_chunk(update, [&](std::size_t at, std::span<const float> chunk) {
    subtract(sum.subspan(at), -factor, chunk);
  });
  return true;
}

/// Copies the blocks of a saved state to where they came from. False, and nothing changes, if the
/// number of blocks, their lengths or the number of numbers differ.
inline bool restore_blocks(const rule_state& kept, std::size_t numbers,
                           std::initializer_list<std::vector<float>*> to) {
  auto block = to.begin();
  const bool fits = kept.blocks.size() == to.size() && kept.numbers.size() == numbers &&
                    std::ranges::all_of(kept.blocks, [&](const auto& each) {
                      return each.size() == (*block++)->size();
                    });
  if (!fits)
    return false;
  block = to.begin();
  for (const auto& each : kept.blocks)
    std::ranges::copy(each.values(), (*block++)->begin());
  return true;
}

} // namespace adsp

#include "actors/worker/update_encoder.hpp"

#include "messages/blocks/finite.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace adsp {

namespace {

/// wanted = (base - now) + residual; false when not finite. `wanted` may be `residual`.
bool add_residual(std::span<const float> base, std::span<const float> now,
                  std::span<const float> residual, std::span<float> exact, float* wanted) {
  finite_check check;
  const float* b = base.data();
  const float* n = now.data();
  const float* r = residual.data();
  for (std::size_t i = 0; i < base.size(); ++i) {
    wanted[i] = (b[i] - n[i]) + r[i];
    check.see(wanted[i]);
  }
  for (std::size_t i = 0; i < exact.size(); ++i)
    exact[i] = b[i] - n[i];
  return check.passed();
}

std::span<float> part_of(std::span<float> all, std::size_t first, std::size_t count) {
  return all.empty() ? all : all.subspan(first, count);
}

/// Moves the floats at `places` to `values`, followed by their places, and leaves zeros behind.
template <class Place>
void move_out(std::span<const std::uint32_t> places, std::span<float> from, float* values) {
  auto* to = reinterpret_cast<Place*>(values + places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    values[i] = std::exchange(from[places[i]], 0.0F);
    to[i] = static_cast<Place>(places[i]);
  }
}

} // namespace

update_encoder::update_encoder(encoding how, std::span<const shard_range> shards) : how_{how} {
  parts_.reserve(shards.size());
  for (const auto& shard : shards)
    parts_.push_back({std::vector<float>(shard.size, 0.0F),
                      buffer_pool{floats_for(encoded_bytes(how, shard.size))}});
}

std::optional<encoded_block> update_encoder::encode(std::size_t shard, std::span<const float> base,
                                                    std::span<const float> now,
                                                    std::span<float> exact) {
  auto& mine = parts_[shard];
  auto buffer = mine.memory.take();
  const bool made = how_.format == wire_format::topk
                        ? encode_largest(mine, base, now, exact, *buffer)
                        : encode_dense(mine, base, now, exact, *buffer);
  mine.memory.retire(buffer);
  if (!made)
    return std::nullopt;
  const auto size = mine.residual.size();
  return encoded_block{how_.format, size, encoded_bytes(how_, size),
                       parameter_block{std::move(buffer)}};
}

bool update_encoder::encode_dense(part& of, std::span<const float> base, std::span<const float> now,
                                  std::span<float> exact, parameter_buffer& to) const {
  const auto size = of.residual.size();
  auto* const memory = to.values().data();
  auto* const levels =
      reinterpret_cast<std::int8_t*>(memory + (size + chunk_size - 1) / chunk_size);
  // A chunk stays in the first-level cache from computing its difference to computing its residual.
  alignas(64) std::array<float, chunk_size> wanted;
  alignas(64) std::array<float, chunk_size> decoded;
  for (std::size_t first = 0; first < size; first += chunk_size) {
    const auto count = std::min(chunk_size, size - first);
    const std::span residual{of.residual.data() + first, count};
    const std::span<const float> values{wanted.data(), count};
    if (!add_residual(base.subspan(first, count), now.subspan(first, count), residual,
                      part_of(exact, first, count), wanted.data()))
      return false;
    if (how_.format == wire_format::fp16) {
      auto* const halves = reinterpret_cast<std::uint16_t*>(memory) + first;
      encode_fp16(values, halves);
      decode_fp16({halves, count}, decoded.data());
    } else {
      memory[first / chunk_size] = encode_int8(values, levels + first);
      decode_int8(memory[first / chunk_size], {levels + first, count}, decoded.data());
    }
    for (std::size_t i = 0; i < count; ++i)
      residual[i] = wanted[i] - decoded[i];
  }
  return true;
}

bool update_encoder::encode_largest(part& of, std::span<const float> base,
                                    std::span<const float> now, std::span<float> exact,
                                    parameter_buffer& to) {
  const std::span<float> wanted = of.residual;
  if (!add_residual(base, now, wanted, exact, wanted.data()))
    return false;
  const auto places = finder_.find(wanted, kept_count(how_.share, wanted.size()));
  if (place_bytes(wanted.size()) == 2)
    move_out<std::uint16_t>(places, wanted, to.values().data());
  else
    move_out<std::uint32_t>(places, wanted, to.values().data());
  return true;
}

void update_encoder::forget() {
  for (auto& each : parts_)
    std::ranges::fill(each.residual, 0.0F);
}

} // namespace adsp

// A run of floats as sent between workers and shards: as it is, or compressed. Immutable and shared
// like the block it was made from.
#pragma once

#include "messages/blocks/parameter_block.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace adsp {

/// How floats are encoded. The numbers are part of the wire format.
enum class wire_format : std::uint8_t {
  fp32 = 0, ///< as they are
  fp16 = 1, ///< IEEE half precision, 2 bytes each
  int8 = 2, ///< a scale (float) for every 256 floats, then a byte for each
  topk = 3, ///< only the largest: their values (floats), then their places, increasing
};

/// A format and its parameter.
struct encoding {
  wire_format format = wire_format::fp32;
  double share = 0; ///< topk: share of the floats that is sent, 0 < share <= 1
  bool operator==(const encoding&) const = default;
};

/// Floats that share a scale in the format int8, and that are decoded together in every format.
inline constexpr std::size_t chunk_size = 256;

/// Bytes of a place in the format topk.
constexpr std::size_t place_bytes(std::size_t size) {
  return size <= 65536 ? 2 : 4;
}

/// Floats that topk keeps of `size`: ceil(share size), at least one.
std::size_t kept_count(double share, std::size_t size);

/// Encoded bytes of `size` floats.
std::size_t encoded_bytes(const encoding& form, std::size_t size);

/// Floats whose memory holds `bytes` bytes.
constexpr std::size_t floats_for(std::size_t bytes) {
  return (bytes + sizeof(float) - 1) / sizeof(float);
}

/// Whether `size` floats of a format can take `bytes` bytes.
bool consistent(wire_format format, std::size_t size, std::size_t bytes);

class encoded_block {
public:
  encoded_block() = default;

  /// The block itself, as fp32.
  encoded_block(parameter_block values)
      : size_{static_cast<std::uint32_t>(values.size())},
        bytes_{size_ * static_cast<std::uint32_t>(sizeof(float))}, storage_{std::move(values)} {}

  /// `size` floats in the first `bytes` bytes of `storage`; they must be `consistent`.
  encoded_block(wire_format format, std::size_t size, std::size_t bytes, parameter_block storage)
      : format_{format}, size_{static_cast<std::uint32_t>(size)},
        bytes_{static_cast<std::uint32_t>(bytes)}, storage_{std::move(storage)} {}

  wire_format format() const { return format_; }
  std::size_t size() const { return size_; } ///< number of floats encoded
  bool empty() const { return size_ == 0; }
  std::size_t byte_count() const { return bytes_; }
  std::span<const std::byte> bytes() const {
    return std::as_bytes(storage_.values()).first(bytes_);
  }

  /// The floats of fp32; empty in other formats.
  const parameter_block& plain() const;

  /// The floats of fp16.
  std::span<const std::uint16_t> fp16_values() const { return view<std::uint16_t>(0, size_); }

  std::span<const float> scales() const { return view<float>(0, scale_count()); } ///< int8
  std::span<const std::int8_t> levels() const {                                   ///< int8
    return view<std::int8_t>(scale_count() * sizeof(float), size_);
  }

  std::size_t kept() const { return bytes_ / (sizeof(float) + place_bytes(size_)); } ///< topk
  std::span<const float> kept_values() const { return view<float>(0, kept()); }      ///< topk

  /// Calls `f` with the places of topk, 16 or 32 bits wide.
  template <class F>
  decltype(auto) with_places(F f) const {
    const auto offset = kept() * sizeof(float);
    return place_bytes(size_) == 2 ? f(view<std::uint16_t>(offset, kept()))
                                   : f(view<std::uint32_t>(offset, kept()));
  }

  /// Equal formats, sizes and bytes.
  friend bool operator==(const encoded_block& x, const encoded_block& y);

private:
  std::size_t scale_count() const { return (size_ + chunk_size - 1) / chunk_size; }

  template <class T>
  std::span<const T> view(std::size_t offset, std::size_t count) const {
    const auto* start = reinterpret_cast<const std::byte*>(storage_.values().data());
    return {reinterpret_cast<const T*>(start + offset), count};
  }

  wire_format format_ = wire_format::fp32;
  std::uint32_t size_ = 0;
  std::uint32_t bytes_ = 0;
  parameter_block storage_; ///< the encoded bytes
};

} // namespace adsp

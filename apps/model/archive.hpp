// The same descriptions under Cereal, for what is written to disk. Containers grow with the bytes
// that really arrive, so that a hostile length is an exception (cereal::Exception) and never a
// large allocation; do not include Cereal's own string and vector headers beside this one.
#pragma once

#include "messages/inspect.hpp"

#include <cereal/archives/portable_binary.hpp>
#include <cereal/cereal.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

namespace adsp {

/// One of Cereal's archives. CAF looks for functions called `serialize` too, and must not find
/// these.
template <class A>
concept cereal_archive = std::is_base_of_v<cereal::detail::InputArchiveBase, A> ||
    std::is_base_of_v<cereal::detail::OutputArchiveBase, A>;

/// A type that has a field description, readable by archive `A`.
template <class T, class A>
concept described = cereal_archive<A> && std::is_class_v<T> && requires(A& archive, T& x) {
  inspect(archive, x);
};

/// Most elements read before the next ones prove that they exist.
inline constexpr std::size_t cereal_chunk = 1 << 16;

namespace detail {

/// Reads `size` elements of binary data into a container piece by piece.
template <class Archive, class Container>
void load_binary(Archive& archive, Container& x, std::uint64_t size) {
  using element = typename Container::value_type;
  x.clear();
  while (size > 0) {
    auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, cereal_chunk));
    auto done = x.size();
    x.resize(done + part);
    archive(cereal::binary_data(x.data() + done, part * sizeof(element)));
    size -= part;
  }
}

} // namespace detail

template <cereal_archive Archive>
void save(Archive& archive, const parameter_block& x) {
  archive(static_cast<std::uint64_t>(x.size()));
  archive(cereal::binary_data(x.values().data(), x.values().size_bytes()));
}

template <cereal_archive Archive>
void load(Archive& archive, parameter_block& x) {
  std::uint64_t size = 0;
  archive(size);
  if (size > parameter_block::max_size)
    throw cereal::Exception("a parameter block announces " + std::to_string(size) + " floats");
  std::vector<float> values;
  detail::load_binary(archive, values, size);
  x = values.empty() ? parameter_block{} : copy_of(values);
}

template <cereal_archive Archive>
void save(Archive& archive, const encoded_block& x) {
  archive(static_cast<std::uint8_t>(x.format()), static_cast<std::uint64_t>(x.size()),
          static_cast<std::uint64_t>(x.byte_count()));
  archive(cereal::binary_data(x.bytes().data(), x.byte_count()));
}

template <cereal_archive Archive>
void load(Archive& archive, encoded_block& x) {
  std::uint8_t format = 0;
  std::uint64_t size = 0;
  std::uint64_t bytes = 0;
  archive(format, size, bytes);
  if (!acceptable(static_cast<wire_format>(format), size, bytes))
    throw cereal::Exception("a block announces " + std::to_string(size) + " floats in " +
                            std::to_string(bytes) + " bytes");
  std::vector<char> read;
  detail::load_binary(archive, read, bytes);
  auto buffer = std::make_shared<parameter_buffer>(floats_for(bytes));
  std::copy(read.begin(), read.end(), reinterpret_cast<char*>(buffer->values().data()));
  x = size == 0 ? encoded_block{}
                : encoded_block{static_cast<wire_format>(format), size, bytes,
                                parameter_block{std::move(buffer)}};
}

template <cereal_archive Archive, described<Archive> T>
requires(!std::is_same_v<T, parameter_block> &&
         !std::is_same_v<T, encoded_block>) void serialize(Archive& archive, T& x) {
  inspect(archive, x);
}

} // namespace adsp

namespace adsp::sync {

template <adsp::cereal_archive Archive, adsp::described<Archive> T>
void serialize(Archive& archive, T& x) {
  inspect(archive, x);
}

} // namespace adsp::sync

namespace cereal {

template <class Archive>
void CEREAL_SAVE_FUNCTION_NAME(Archive& archive, const std::string& x) {
  archive(static_cast<std::uint64_t>(x.size()));
  archive(binary_data(x.data(), x.size()));
}

template <class Archive>
void CEREAL_LOAD_FUNCTION_NAME(Archive& archive, std::string& x) {
  std::uint64_t size = 0;
  archive(size);
  adsp::detail::load_binary(archive, x, size);
}

template <class Archive, class T>
void CEREAL_SAVE_FUNCTION_NAME(Archive& archive, const std::vector<T>& x) {
  archive(static_cast<std::uint64_t>(x.size()));
  if constexpr (std::is_arithmetic_v<T>)
    archive(binary_data(x.data(), x.size() * sizeof(T)));
  else
    for (const auto& element : x)
      archive(element);
}

template <class Archive, class T>
void CEREAL_LOAD_FUNCTION_NAME(Archive& archive, std::vector<T>& x) {
  std::uint64_t size = 0;
  archive(size);
  if constexpr (std::is_arithmetic_v<T>) {
    adsp::detail::load_binary(archive, x, size);
  } else {
    x.clear();
    for (; size > 0; --size)
      archive(x.emplace_back());
  }
}

} // namespace cereal

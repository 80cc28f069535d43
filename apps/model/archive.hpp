// Cereal's archives, as the model file uses them. Containers grow with the bytes that really arrive,
// so that a hostile length is an exception (cereal::Exception) and never a large allocation; do not
// include Cereal's own string and vector headers beside this one.
#pragma once

#include "messages/blocks/parameter_block.hpp"

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

} // namespace adsp

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

// Cereal's archives as the model file uses them. Containers grow with the bytes that are really
// there, so that a hostile length causes a cereal::Exception and never a large allocation. Do not
// include Cereal's own string and vector headers together with this one.
#pragma once

#include "messages/blocks/parameter_block.hpp"

#include <cereal/archives/portable_binary.hpp>
#include <cereal/cereal.hpp>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

namespace adsp {

/// One of Cereal's archives. CAF also looks for functions called `serialize`, and must not find
/// these.
template <class A>
concept cereal_archive = std::is_base_of_v<cereal::detail::InputArchiveBase, A> ||
    std::is_base_of_v<cereal::detail::OutputArchiveBase, A>;

/// Most elements to allocate before they have been read.
inline constexpr std::size_t cereal_chunk = 1 << 16;

namespace detail {

/// Reads `size` elements of binary data into a container, piece by piece.
template <class Archive, class Container>
void load_binary(Archive& archive, Container& values, std::uint64_t size) {
  using element = typename Container::value_type;
  values.clear();
  while (size > 0) {
    auto part = static_cast<std::size_t>(std::min<std::uint64_t>(size, cereal_chunk));
    auto done = values.size();
    values.resize(done + part);
    archive(cereal::binary_data(values.data() + done, part * sizeof(element)));
    size -= part;
  }
}

} // namespace detail

template <cereal_archive Archive>
void save(Archive& archive, const parameter_block& block) {
  archive(static_cast<std::uint64_t>(block.size()));
  archive(cereal::binary_data(block.values().data(), block.values().size_bytes()));
}

template <cereal_archive Archive>
void load(Archive& archive, parameter_block& block) {
  std::uint64_t size = 0;
  archive(size);
  if (size > parameter_block::max_size)
    throw cereal::Exception("a parameter block announces " + std::to_string(size) + " floats");
  std::vector<float> values;
  detail::load_binary(archive, values, size);
  block = values.empty() ? parameter_block{} : copy_of(values);
}

} // namespace adsp

namespace cereal {

template <class Archive>
void CEREAL_SAVE_FUNCTION_NAME(Archive& archive, const std::string& text) {
  archive(static_cast<std::uint64_t>(text.size()));
  archive(binary_data(text.data(), text.size()));
}

template <class Archive>
void CEREAL_LOAD_FUNCTION_NAME(Archive& archive, std::string& text) {
  std::uint64_t size = 0;
  archive(size);
  adsp::detail::load_binary(archive, text, size);
}

template <class Archive, class T>
void CEREAL_SAVE_FUNCTION_NAME(Archive& archive, const std::vector<T>& values) {
  archive(static_cast<std::uint64_t>(values.size()));
  if constexpr (std::is_arithmetic_v<T>)
    archive(binary_data(values.data(), values.size() * sizeof(T)));
  else
    for (const auto& element : values)
      archive(element);
}

template <class Archive, class T>
void CEREAL_LOAD_FUNCTION_NAME(Archive& archive, std::vector<T>& values) {
  std::uint64_t size = 0;
  archive(size);
  if constexpr (std::is_arithmetic_v<T>) {
    adsp::detail::load_binary(archive, values, size);
  } else {
    values.clear();
    for (; size > 0; --size)
      archive(values.emplace_back());
  }
}

} // namespace cereal

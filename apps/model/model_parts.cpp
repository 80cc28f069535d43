#include "apps/model/model_parts.hpp"

#include <bit>
#include <cstring>
#include <stdexcept>

namespace adsp::apps {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers of a model file are copied");

/// No tensor of a layer has more extents.
constexpr std::uint32_t max_rank = 8;

template <class T>
void append(std::string& to, T number) {
  to.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// Removes a number from the beginning of `from`.
template <class T>
T take(std::string_view& from) {
  T number;
  if (from.size() < sizeof number)
    throw std::runtime_error{"a part ends too early"};
  std::memcpy(&number, from.data(), sizeof number);
  from.remove_prefix(sizeof number);
  return number;
}

std::string_view take_bytes(std::string_view& from, std::uint64_t size) {
  if (size > from.size())
    throw std::runtime_error{"a part is longer than the file"};
  const auto bytes = from.substr(0, static_cast<std::size_t>(size));
  from.remove_prefix(bytes.size());
  return bytes;
}

} // namespace

void append_part(std::string& to, std::string_view name, std::string_view bytes) {
  append(to, static_cast<std::uint32_t>(name.size()));
  to += name;
  append(to, static_cast<std::uint64_t>(bytes.size()));
  to += bytes;
}

std::vector<std::pair<std::string_view, std::string_view>> split_parts(std::string_view bytes) {
  std::vector<std::pair<std::string_view, std::string_view>> parts;
  while (!bytes.empty()) {
    const auto name = take_bytes(bytes, take<std::uint32_t>(bytes));
    parts.emplace_back(name, take_bytes(bytes, take<std::uint64_t>(bytes)));
  }
  return parts;
}

std::string tensor_bytes(const learning::tensor& part, std::span<const float> numbers) {
  std::string bytes;
  append(bytes, static_cast<std::uint32_t>(part.extents.size()));
  for (const auto extent : part.extents)
    append(bytes, static_cast<std::uint64_t>(extent));
  bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes());
  return bytes;
}

std::vector<std::ptrdiff_t> read_tensor(std::string_view bytes, std::vector<float>& numbers) {
  const auto rank = take<std::uint32_t>(bytes);
  if (rank > max_rank)
    throw std::runtime_error{"a tensor of " + std::to_string(rank) + " extents"};
  std::vector<std::ptrdiff_t> extents;
  std::uint64_t count = 1;
  const std::uint64_t most = bytes.size() / sizeof(float);
  for (std::uint32_t i = 0; i < rank; ++i) {
    const auto extent = take<std::uint64_t>(bytes);
    if (extent > most || (extent > 0 && count > most / extent))
      throw std::runtime_error{"a tensor has fewer numbers than its extents say"};
    count *= extent;
    extents.push_back(static_cast<std::ptrdiff_t>(extent));
  }
  if (bytes.size() != count * sizeof(float))
    throw std::runtime_error{"a tensor has " + std::to_string(bytes.size()) +
                             " bytes of numbers, expected " +
                             std::to_string(count * sizeof(float))};
  const auto start = numbers.size();
  numbers.resize(start + static_cast<std::size_t>(count));
  if (!bytes.empty())
    std::memcpy(numbers.data() + start, bytes.data(), bytes.size());
  return extents;
}

} // namespace adsp::apps

#include "learning/data/npy_header.hpp"

#include <charconv>

namespace adsp::learning {

namespace {

/// NumPy writes 64 or 128 bytes for plain arrays.
constexpr std::size_t max_header_bytes = 4096;

} // namespace

std::string read_npy_header(const byte_reader& read,
                            const std::function<void(const std::string& what)>& fail) {
  char top[12] = {};
  read(top, 10);
  const auto byte = [&](std::size_t i) { return std::size_t{static_cast<unsigned char>(top[i])}; };
  const auto version = byte(6);
  if (!std::string_view(top, sizeof top).starts_with(npy_magic) || version < 1 || version > 3)
    fail("is not an .npy file of version 1, 2 or 3");
  auto size = byte(8) + (byte(9) << 8);
  if (version > 1) {
    read(top + 10, 2);
    size += (byte(10) << 16) + (byte(11) << 24);
  }
  if (size > max_header_bytes)
    fail("has a header of " + std::to_string(size) + " bytes, expected at most " +
         std::to_string(max_header_bytes));
  std::string text(size, '\0');
  read(text.data(), size);
  return text;
}

std::string npy_value(std::string_view dictionary, std::string_view key) {
  std::string plain;
  for (const char c : dictionary)
    if (c != ' ' && c != '\n')
      plain += c == '"' ? '\'' : c;
  const auto name = "'" + std::string(key) + "':";
  const auto at = plain.find(name);
  if (at == std::string::npos)
    return {};
  const auto begin = at + name.size();
  const auto end =
      plain.find_first_of(begin < plain.size() && plain[begin] == '(' ? ")" : ",}", begin);
  return end == std::string::npos ? std::string{}
                                  : plain.substr(begin, end - begin + (plain[end] == ')' ? 1 : 0));
}

std::optional<std::vector<std::uint64_t>> npy_extents(std::string_view shape) {
  if (!shape.starts_with('(') || !shape.ends_with(')'))
    return std::nullopt;
  shape = shape.substr(1, shape.size() - 2);
  std::vector<std::uint64_t> extents;
  while (!shape.empty()) {
    std::uint64_t extent = 0;
    const auto* end = shape.data() + shape.size();
    const auto [stop, error] = std::from_chars(shape.data(), end, extent);
    if (error != std::errc{} || (stop != end && *stop != ','))
      return std::nullopt;
    extents.push_back(extent);
    shape.remove_prefix(static_cast<std::size_t>(stop - shape.data()) + (stop == end ? 0 : 1));
  }
  return extents;
}

std::string shown_npy_value(std::string value) {
  if (value.empty())
    return "none";
  for (auto& c : value)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e)
      c = '?';
  return value.size() > 60 ? value.substr(0, 57) + "..." : value;
}

} // namespace adsp::learning

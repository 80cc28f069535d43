#include "security/node_name.hpp"

#include <algorithm>

namespace adsp::security {

namespace {

/// Not with <cctype>, whose classes depend on the locale.
bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

} // namespace

bool is_node_name(std::string_view text) {
  return !text.empty() && text.size() <= 63 && text[0] != '-' && text[0] != '.' &&
         std::all_of(text.begin(), text.end(), is_name_character);
}

bool is_name_pattern(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [](char c) { return c == '*' || is_name_character(c); });
}

std::string printable(std::string_view word) {
  constexpr std::size_t most = 64;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : word.substr(0, most)) {
    if (c >= ' ' && c <= '~' && c != '"' && c != '\\') {
      text += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    text += "\\x";
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return word.size() > most ? text + "..." : text;
}

} // namespace adsp::security

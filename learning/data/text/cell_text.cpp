#include "learning/data/text/cell_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace adsp::learning {

namespace {

/// Bytes of the UTF-8 character at the start of `text`, which must not be empty; 0: invalid.
std::size_t character_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80                   ? 1
                           : lead >= 0xc2 && lead < 0xe0 ? 2
                           : lead >= 0xe0 && lead < 0xf0 ? 3
                           : lead >= 0xf0 && lead < 0xf5 ? 4
                                                         : 0;
  if (size > text.size())
    return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xc0) != 0x80)
      return 0;
  return size;
}

/// U+0000 to U+001F, U+007F to U+009F.
bool is_control(std::string_view character) {
  const auto lead = static_cast<unsigned char>(character[0]);
  return lead < 0x20 || lead == 0x7f ||
         (lead == 0xc2 && static_cast<unsigned char>(character[1]) < 0xa0);
}

/// Takes a character off the start of `text`, which is not empty.
std::string_view take_printable(std::string_view& text) {
  const auto size = character_size(text);
  const auto character = text.substr(0, std::max<std::size_t>(size, 1));
  text.remove_prefix(character.size());
  return size == 0 || is_control(character) ? "?" : character;
}

} // namespace

std::string printable(std::string_view word, std::size_t most) {
  std::string text;
  for (; most > 0 && !word.empty(); --most)
    text += take_printable(word);
  return text;
}

std::string shown(std::string_view word) {
  std::string text = "\"";
  for (int i = 0; i < 40 && !word.empty(); ++i)
    text += take_printable(word);
  return text + (word.empty() ? "\"" : "...\"");
}

std::string counted(std::uint64_t count, std::string_view noun) {
  return std::to_string(count) + ' ' + std::string(noun) + (count == 1 ? "" : "s");
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r");
  return first == text.npos ? "" : text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
}

std::optional<double> number_of(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-')
    text.remove_prefix(1);
  const auto* end = text.data() + text.size();
  double value = 0;
  if (pass_number(text.data(), end, value) == end && !std::isnan(value))
    return value;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  // False for NaN as well.
  const bool sound =
      error == std::errc{} && stop == end && std::abs(value) <= std::numeric_limits<float>::max();
  return sound ? std::optional(value) : std::nullopt;
}

bool is_missing(std::string_view cell) {
  constexpr std::array<std::string_view, 8> words = {"",    "NA",   "N/A",  "NaN",
                                                     "nan", "null", "NULL", "?"};
  return cell.size() <= 4 && std::find(words.begin(), words.end(), cell) != words.end();
}

} // namespace adsp::learning

#include "learning/cell_text.hpp"

#include <charconv>
#include <cmath>

namespace adsp::learning {

std::string shown(std::string_view x) {
  std::string text = "\"";
  for (const char c : x.substr(0, 40))
    text += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
  return text + (x.size() > 40 ? "...\"" : "\"");
}

std::string_view trimmed(std::string_view x) {
  const auto first = x.find_first_not_of(" \t\r");
  return first == x.npos ? "" : x.substr(first, x.find_last_not_of(" \t\r") - first + 1);
}

std::optional<double> number_of(std::string_view x) {
  if (x.size() > 1 && x[0] == '+' && x[1] != '-')
    x.remove_prefix(1);
  const auto* end = x.data() + x.size();
  double value = 0;
  if (pass_number(x.data(), end, value) == end && !std::isnan(value))
    return value;
  const auto [stop, error] = std::from_chars(x.data(), end, value);
  // False for NaN as well.
  const bool sound =
      error == std::errc{} && stop == end && std::abs(value) <= std::numeric_limits<float>::max();
  return sound ? std::optional(value) : std::nullopt;
}

} // namespace adsp::learning

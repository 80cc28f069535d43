#include "learning/data/text/text_codes.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace adsp::learning {

namespace {

std::optional<std::int64_t> whole(std::string_view text) {
  if (text.starts_with('+'))
    text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size() ? std::optional(value)
                                                                   : std::nullopt;
}

} // namespace

std::vector<std::string> text_codes::sorted(const std::vector<bool>& used, bool as_numbers,
                                            std::vector<std::int32_t>& positions) const {
  std::vector<std::uint32_t> order;
  for (std::uint32_t code = 0; code < size(); ++code)
    if (used[code])
      order.push_back(code);
  as_numbers = as_numbers && std::all_of(order.begin(), order.end(), [&](std::uint32_t code) {
                 return whole(text(code)).has_value();
               });
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    return as_numbers ? *whole(text(a)) < *whole(text(b)) : text(a) < text(b);
  });
  std::vector<std::string> result;
  positions.assign(size(), -1);
  for (auto code : order) {
    positions[code] = static_cast<std::int32_t>(result.size());
    result.push_back(text(code));
  }
  return result;
}

std::vector<std::int32_t> text_codes::places(const std::vector<std::string>& list) const {
  std::unordered_map<std::string_view, std::int32_t> places;
  for (const auto& text : list)
    places.emplace(text, static_cast<std::int32_t>(places.size()));
  std::vector<std::int32_t> result;
  for (const auto& x : texts_) {
    const auto at = places.find(*x.text);
    result.push_back(at == places.end() ? -1 : at->second);
  }
  return result;
}

} // namespace adsp::learning

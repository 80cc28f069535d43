// Numbers the different texts of a column in the order of their appearance.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace adsp::learning {

/// Most categories or classes of a column.
inline constexpr std::size_t max_categories = 65536;

class text_codes {
public:
  /// The number of `text`; `line` is remembered at its first appearance.
  std::uint32_t code_of(std::string_view text, std::size_t line) {
    if (const auto at = codes_.find(text); at != codes_.end())
      return at->second;
    const auto code = static_cast<std::uint32_t>(texts_.size());
    const auto at = codes_.emplace(std::string(text), code).first;
    texts_.push_back({&at->first, line});
    return code;
  }

  std::size_t size() const { return texts_.size(); }
  bool empty() const { return texts_.empty(); }
  const std::string& text(std::uint32_t code) const { return *texts_[code].text; }
  std::size_t line(std::uint32_t code) const { return texts_[code].line; }

  /// The texts whose codes are `used`, ordered as numbers if `as_numbers` and all are whole
  /// numbers, else by their bytes. `positions` becomes the position of each code among them; -1:
  /// not used.
  std::vector<std::string> sorted(const std::vector<bool>& used, bool as_numbers,
                                  std::vector<std::int32_t>& positions) const;

  /// The position of each code's text in `list`; -1: not in it.
  std::vector<std::int32_t> places(const std::vector<std::string>& list) const;

private:
  struct hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct entry {
    const std::string* text;
    std::size_t line;
  };
  std::unordered_map<std::string, std::uint32_t, hash, std::equal_to<>> codes_;
  std::vector<entry> texts_;
};

} // namespace adsp::learning

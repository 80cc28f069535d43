// The content of a cell or line of text: numbers, and texts as error messages show them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

namespace adsp::learning {

/// For an error message: short, in quotes and in one line.
std::string shown(std::string_view word);

/// At most `most` UTF-8 characters; '?' replaces control characters and what a terminal cannot
/// show.
std::string printable(std::string_view word, std::size_t most);

/// "1 row", "2 rows": a count with its noun, given in the singular.
std::string counted(std::uint64_t count, std::string_view noun);

/// `text` without spaces and tabs around it.
std::string_view trimmed(std::string_view text);

/// What `number_of` reads, in the words of errors: its magnitude is neither above the largest float
/// nor below the smallest double.
inline constexpr auto readable_number = "a number that a float can hold";

/// A decimal number that a float can hold, or nothing.
std::optional<double> number_of(std::string_view text);

/// Whether a cell stands for a missing value: empty, NA, N/A, NaN, nan, null, NULL or ?.
bool is_missing(std::string_view cell);

/// Passes over a sign, digits and a point. `value` becomes their value if they form a plain number
/// of at most 15 digits, else NaN. The digits as a whole number and the power of ten are exact
/// doubles, hence their quotient is the nearest double (Clinger, 1990).
inline const char* pass_number(const char* at, const char* end, double& value) {
  static constexpr double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                      1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
  const bool negative = at != end && *at == '-';
  at += negative ? 1 : 0;
  std::uint64_t digits = 0;
  const auto pass_digits = [&] {
    const auto* begin = at;
    for (unsigned digit = 0; at != end && (digit = static_cast<unsigned>(*at - '0')) <= 9; ++at)
      digits = 10 * digits + digit;
    return at - begin;
  };
  const auto before = pass_digits();
  std::ptrdiff_t after = 0;
  if (at != end && *at == '.') {
    ++at;
    after = pass_digits();
  }
  if (before + after < 1 || before + after > 15) {
    value = std::numeric_limits<double>::quiet_NaN();
    return at;
  }
  value = static_cast<double>(digits) / powers[after];
  value = negative ? -value : value;
  return at;
}

} // namespace adsp::learning

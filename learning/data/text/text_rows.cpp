#include "learning/data/text/text_rows.hpp"

#include "learning/data_error.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace adsp::learning {

namespace {

constexpr auto not_a_number = std::numeric_limits<double>::quiet_NaN();

bool blank(char x) {
  return x == ' ' || x == '\t';
}

bool may_be_of_number(char x) {
  return (x >= '0' && x <= '9') || x == '.' || x == '-';
}

} // namespace

bool is_delimiter(std::string_view x) {
  return x.size() == 1 && x.find_first_of("\"\r\n") == std::string_view::npos;
}

void text_rows::fail(const std::string& what) const {
  fail(line_, what);
}

void text_rows::fail(std::size_t line, const std::string& what) const {
  throw data_error(name() + ":" + std::to_string(line) + ": " + what);
}

/// The end of the row at the beginning of the window: a line end outside quotes, or the end of the
/// file.
char* text_rows::row_end(bool& quotes) {
  std::size_t looked_at = 0;
  bool inside = false;
  quotes = false;
  for (;;) {
    auto* at = blocks_.begin() + looked_at;
    while (auto* end = find_byte(at, blocks_.end(), '\n')) {
      for (auto* quote = at; (quote = find_byte(quote, end, '"')) != nullptr; ++quote) {
        quotes = true;
        inside = !inside;
      }
      if (!inside)
        return end;
      at = end + 1;
    }
    looked_at = static_cast<std::size_t>(at - blocks_.begin());
    if (!blocks_.extend()) {
      quotes = true; // perhaps there are none: the slow path reads both
      return blocks_.end();
    }
  }
}

std::uint64_t text_rows::count() {
  std::uint64_t result = 0;
  for (;;) {
    bool quotes = false;
    auto* end = row_end(quotes);
    const auto* begin = blocks_.begin();
    if (begin == blocks_.end())
      return result;
    result += end - begin > 1 || (end - begin == 1 && *begin != '\r') ? 1 : 0;
    blocks_.use(static_cast<std::size_t>(end - begin) + (end == blocks_.end() ? 0 : 1));
  }
}

bool text_rows::next(std::vector<std::string_view>& cells) {
  while (!read_row(cells))
    if (blocks_.begin() == blocks_.end())
      return false;
  return true;
}

/// Reads the row at the beginning of the window; false if it is empty.
bool text_rows::read_row(std::vector<std::string_view>& cells) {
  cells.clear();
  numbers_.clear();
  const auto delimiter = delimiter_; // a local copy stays in a register
  const bool passable = !may_be_of_number(delimiter);
  bool quotes = false;
  auto* end = row_end(quotes);
  auto* at = blocks_.begin();
  line_ = next_line_;
  const bool last = end == blocks_.end();
  next_line_ += 1 + (quotes ? static_cast<std::size_t>(std::count(at, end, '\n')) : 0);
  blocks_.use(static_cast<std::size_t>(end - at) + (last ? 0 : 1));
  if (end > at && end[-1] == '\r')
    --end;
  if (at == end)
    return false;
  for (;; ++at) {
    auto number = not_a_number;
    const auto* stop = passable ? pass_number(at, end, number) : at;
    if (!std::isnan(number) && (stop == end || *stop == delimiter)) {
      cells.emplace_back(at, static_cast<std::size_t>(stop - at));
      numbers_.push_back(number);
      at += stop - at;
    } else {
      at = other_cell(at, end, quotes, cells);
      numbers_.push_back(not_a_number);
    }
    if (at == end)
      return true;
  }
}

/// Reads a cell that is not a plain number. Returns its end.
char* text_rows::other_cell(char* at, char* end, bool quotes,
                            std::vector<std::string_view>& cells) {
  while (at != end && blank(*at) && *at != delimiter_)
    ++at;
  if (quotes && at != end && *at == '"')
    return quoted_cell(at, end, cells);
  const auto* begin = at;
  while (at != end && *at != delimiter_)
    ++at;
  auto size = static_cast<std::size_t>(at - begin);
  while (size > 0 && blank(begin[size - 1]))
    --size;
  cells.emplace_back(begin, size);
  if (quotes && cells.back().find('"') != std::string_view::npos)
    fail("column " + std::to_string(cells.size()) + ": found " + shown(cells.back()) +
         ", expected quotes only around whole cells");
  return at;
}

/// Reads a cell that begins with a quote; its doubled quotes become one, in place. Returns its end.
char* text_rows::quoted_cell(char* at, char* end, std::vector<std::string_view>& cells) {
  const auto place = "column " + std::to_string(cells.size() + 1) + ": ";
  auto* begin = ++at;
  auto* out = begin;
  for (;;) {
    auto* quote = find_byte(at, end, '"');
    if (quote == nullptr)
      fail(place + "found a quote that is not closed, before " +
           shown({begin, static_cast<std::size_t>(end - begin)}) +
           "; expected a quote at the cell's end");
    const auto size = static_cast<std::size_t>(quote - at);
    std::memmove(out, at, size);
    out += size;
    at = quote + 1;
    if (at == end || *at != '"')
      break;
    *out++ = *at++;
  }
  cells.emplace_back(begin, static_cast<std::size_t>(out - begin));
  while (at != end && blank(*at) && *at != delimiter_)
    ++at;
  if (at != end && *at != delimiter_)
    fail(place + "found " + shown({at, static_cast<std::size_t>(end - at)}) +
         " after a closing quote, expected quotes only around whole cells");
  return at;
}

} // namespace adsp::learning

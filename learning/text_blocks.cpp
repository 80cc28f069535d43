#include "learning/text_blocks.hpp"

#include "learning/dataset.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adsp::learning {

namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18;
constexpr auto not_a_number = std::numeric_limits<double>::quiet_NaN();

char* find(char* from, char* end, char what) {
  return static_cast<char*>(std::memchr(from, what, static_cast<std::size_t>(end - from)));
}

/// Passes over a sign, digits and a point. Their value, if they are the usual number of at most 15 digits:
/// its digits as a whole number and the power of ten are exact doubles, and so their quotient is the nearest
/// double (Clinger, 1990); else NaN.
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
    value = not_a_number;
    return at;
  }
  value = static_cast<double>(digits) / powers[after];
  value = negative ? -value : value;
  return at;
}

bool blank(char x) {
  return x == ' ' || x == '\t';
}

bool may_be_of_number(char x) {
  return (x >= '0' && x <= '9') || x == '.' || x == '-';
}

} // namespace

// -- blocks ---------------------------------------------------------------------------------------

text_blocks::text_blocks(const std::filesystem::path& file) : name_(file.string()) {
  // Opening a pipe would wait for a writer.
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    const std::string why = descriptor_ < 0 ? std::strerror(errno) : "no regular file";
    if (descriptor_ >= 0)
      ::close(descriptor_);
    throw data_error(name_ + ": cannot be read (" + why + "); expected a text file");
  }
  announced_ = static_cast<std::uint64_t>(status.st_size);
  extend();
  if (std::string_view(begin(), last_).starts_with("\xef\xbb\xbf")) // a byte order mark
    use(3);
}

text_blocks::~text_blocks() {
  ::close(descriptor_);
}

bool text_blocks::extend() {
  if (first_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + first_, last_ - first_);
    last_ -= first_;
    first_ = 0;
  }
  if (last_ >= max_row_bytes)
    throw data_error(name_ + ": has a line or row of more than " + std::to_string(max_row_bytes) +
                     " bytes; expected a text file whose quotes are closed");
  if (buffer_.size() < last_ + block_bytes)
    buffer_.resize(std::max(2 * buffer_.size(), last_ + block_bytes));
  const auto size = read(buffer_.data() + last_, buffer_.size() - last_);
  last_ += size;
  found_ += size;
  if (size == 0 && found_ != announced_)
    throw data_error(name_ + ": ends after " + std::to_string(found_) + " bytes, expected " +
                     std::to_string(announced_) +
                     "; the file has changed while it was read, read it again");
  return size > 0;
}

std::size_t text_blocks::read(char* into, std::size_t size) {
  for (;;) {
    const auto got = ::read(descriptor_, into, size);
    if (got >= 0)
      return static_cast<std::size_t>(got);
    if (errno != EINTR)
      throw data_error(name_ + ": cannot be read to its end (" + std::strerror(errno) + ")");
  }
}

// -- lines ----------------------------------------------------------------------------------------

std::optional<std::string_view> text_lines::next() {
  std::size_t looked_at = 0;
  char* end = nullptr;
  while ((end = find(blocks_.begin() + looked_at, blocks_.end(), '\n')) == nullptr) {
    looked_at = static_cast<std::size_t>(blocks_.end() - blocks_.begin());
    if (!blocks_.extend())
      break;
  }
  const bool last = end == nullptr;
  if (last)
    end = blocks_.end();
  if (last && end == blocks_.begin())
    return std::nullopt;
  ++line_;
  const auto size = static_cast<std::size_t>(end - blocks_.begin());
  std::string_view line(blocks_.begin(), size);
  blocks_.use(size + (last ? 0 : 1));
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

void text_lines::fail(const std::string& what) const {
  throw data_error(name() + ":" + std::to_string(line_) + ": " + what);
}

// -- rows -----------------------------------------------------------------------------------------

void text_rows::fail(const std::string& what) const {
  fail(line_, what);
}

void text_rows::fail(std::size_t line, const std::string& what) const {
  throw data_error(name() + ":" + std::to_string(line) + ": " + what);
}

/// The end of the row at the begin of the window: a line end outside quotes, or the end of the file.
char* text_rows::row_end(bool& quotes) {
  std::size_t looked_at = 0;
  bool inside = false;
  quotes = false;
  for (;;) {
    auto* at = blocks_.begin() + looked_at;
    while (auto* end = find(at, blocks_.end(), '\n')) {
      for (auto* quote = at; (quote = find(quote, end, '"')) != nullptr; ++quote) {
        quotes = true;
        inside = !inside;
      }
      if (!inside)
        return end;
      at = end + 1;
    }
    looked_at = static_cast<std::size_t>(at - blocks_.begin());
    if (!blocks_.extend()) {
      quotes = true; // or none: the careful way reads both
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

/// Reads the row at the begin of the window; false when it is empty.
bool text_rows::read_row(std::vector<std::string_view>& cells) {
  cells.clear();
  numbers_.clear();
  const auto delimiter = delimiter_; // a local one stays in a register
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

/// Reads a cell that is no plain number. Returns its end.
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
    auto* quote = find(at, end, '"');
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

// -- cells ----------------------------------------------------------------------------------------

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

// A regular file of text, read in blocks: memory does not grow with the file, and a file that
// changes its size while it is read is an error (a mapped one would be a signal). The text may also
// be in memory already.
#pragma once

#include "learning/data/text/cell_text.hpp"
#include "learning/data/text/content_sum.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace adsp::learning {

/// Longest line or row of a table, bytes.
inline constexpr std::size_t max_row_bytes = std::size_t{64} << 20;

/// The bytes of a file, in a window that moves as they are used.
class text_blocks {
public:
  /// Opens a regular file; skips a byte order mark. Throws `data_error`.
  explicit text_blocks(const std::filesystem::path& file);

  /// Reads a text in memory; `name` is its name in errors.
  text_blocks(std::string name, std::string_view text);
  text_blocks(const text_blocks&) = delete;
  text_blocks& operator=(const text_blocks&) = delete;
  ~text_blocks();

  /// The window: what has been read but not used.
  char* begin() { return buffer_.data() + first_; }
  char* end() { return buffer_.data() + last_; }

  /// Marks the first bytes of the window as used.
  void use(std::size_t bytes) { first_ += bytes; }

  /// Appends another block to the window, which may move in memory; false at the end of the file.
  /// Throws `data_error` when the file's size has changed or the window would hold more than a row
  /// may.
  bool extend();

  const std::string& name() const { return name_; }

  /// The checksum of all bytes read so far, including those in the window.
  std::uint64_t checksum() const { return sum_.value(); }

private:
  void pass_mark(); ///< over a byte order mark
  std::size_t read(char* into, std::size_t size);

  std::string name_;
  int descriptor_ = -1;         ///< -1: all of the text is in the window
  std::uint64_t announced_ = 0; ///< bytes of the file when it was opened
  std::uint64_t found_ = 0;     ///< bytes read so far
  content_sum sum_;
  std::vector<char> buffer_;
  std::size_t first_ = 0;
  std::size_t last_ = 0;
};

/// Lines of a file, without their ends, counted from 1.
class text_lines {
public:
  explicit text_lines(const std::filesystem::path& file) : blocks_(file) {}

  /// The next line, valid until the next call; nothing at the end of the file.
  std::optional<std::string_view> next();

  std::size_t line() const { return line_; }
  const std::string& name() const { return blocks_.name(); }
  std::uint64_t checksum() const { return blocks_.checksum(); }

  /// Throws a `data_error` about the line read last.
  [[noreturn]] void fail(const std::string& what) const;

private:
  text_blocks blocks_;
  std::size_t line_ = 0;
};

/// The first byte `what` in [from, end), or null.
inline char* find_byte(char* from, char* end, char what) {
  // Before the first block is read there is no memory yet, and memchr does not accept null.
  if (from == end)
    return nullptr;
  return static_cast<char*>(std::memchr(from, what, static_cast<std::size_t>(end - from)));
}

} // namespace adsp::learning

#include "learning/data/text/text_blocks.hpp"

#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace adsp::learning {

namespace {

constexpr std::size_t block_bytes = std::size_t{1} << 18;

} // namespace

// -- blocks ---------------------------------------------------------------------------------------

text_blocks::text_blocks(const std::filesystem::path& file) : name_(file.string()) {
  // Opening a pipe would wait for a writer.
  descriptor_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status {};
  if (descriptor_ < 0 || ::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    const std::string why = descriptor_ < 0 ? std::strerror(errno) : "not a regular file";
    if (descriptor_ >= 0)
      ::close(descriptor_);
    throw data_error(name_ + ": cannot be read (" + why + "); expected a text file");
  }
  announced_ = static_cast<std::uint64_t>(status.st_size);
  extend();
  pass_mark();
}

text_blocks::text_blocks(std::string name, std::string_view text)
    : name_(std::move(name)), announced_(text.size()), found_(text.size()),
      buffer_(text.begin(), text.end()), last_(text.size()) {
  sum_.add(text.data(), text.size());
  pass_mark();
}

void text_blocks::pass_mark() {
  if (std::string_view(begin(), last_).starts_with("\xef\xbb\xbf"))
    use(3);
}

text_blocks::~text_blocks() {
  if (descriptor_ >= 0)
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
  sum_.add(buffer_.data() + last_, size);
  last_ += size;
  found_ += size;
  if (size == 0 && found_ != announced_)
    throw data_error(name_ + ": ends after " + counted(found_, "byte") + ", expected " +
                     std::to_string(announced_) +
                     "; the file has changed while it was read, read it again");
  return size > 0;
}

std::size_t text_blocks::read(char* into, std::size_t size) {
  if (descriptor_ < 0)
    return 0;
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
  while ((end = find_byte(blocks_.begin() + looked_at, blocks_.end(), '\n')) == nullptr) {
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

} // namespace adsp::learning

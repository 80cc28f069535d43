// The IDX reader: every number of the header is checked before it is used.
#include "learning/data/sources/idx.hpp"

#include "learning/data/text/cell_text.hpp"
#include "learning/data_error.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <utility>

namespace adsp::learning {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr auto download_again = "; replace the file with a good copy";

/// A file being read; decompressed if it begins with gzip's magic bytes.
class byte_source {
public:
  explicit byte_source(const std::filesystem::path& file)
      : name_(file.string()), file_(std::fopen(file.c_str(), "rb"), std::fclose) {
    if (!file_)
      fail(std::string("cannot be opened (") + std::strerror(errno) +
           "); check that it exists and may be read");
    refill();
    compressed_ = held_ >= 2 && buffer_[0] == 0x1f && buffer_[1] == 0x8b;
    constexpr int gzip = 16;
    if (inflateInit2(&stream_, MAX_WBITS + gzip) != Z_OK)
      throw std::bad_alloc{};
  }
  byte_source(const byte_source&) = delete;
  byte_source& operator=(const byte_source&) = delete;
  ~byte_source() { inflateEnd(&stream_); }

  [[noreturn]] void fail(const std::string& what) const { throw data_error(name_ + ": " + what); }

  /// Reads up to `size` bytes; fewer only at the end of the file, which may be cut off.
  std::size_t read(std::uint8_t* into, std::size_t size) {
    std::size_t done = 0;
    while (done < size && (held_ > 0 || refill()))
      done += compressed_ ? inflated(into + done, size - done) : copied(into + done, size - done);
    return done;
  }

  /// Checks that the file ends here and that a compressed one is complete (its checksum is at the
  /// end).
  void expect_end(std::uint64_t expected) {
    std::uint8_t extra = 0;
    if (read(&extra, 1) != 0)
      fail("has more than the " + std::to_string(expected) + " bytes its header announces" +
           download_again);
    if (compressed_ && !ended_)
      fail(std::string("the compressed stream is cut off before its checksum") + download_again);
  }

private:
  bool refill() {
    at_ = buffer_.data();
    held_ = std::fread(buffer_.data(), 1, buffer_.size(), file_.get());
    if (std::ferror(file_.get()) != 0)
      damaged(std::strerror(errno));
    return held_ > 0;
  }

  [[noreturn]] void damaged(const char* why) const {
    fail("cannot be read or is damaged (" + std::string(why) + ")" + download_again);
  }

  void use(std::size_t bytes) {
    at_ += bytes;
    held_ -= bytes;
  }

  std::size_t copied(std::uint8_t* into, std::size_t size) {
    const auto some = std::min(size, held_);
    std::memcpy(into, at_, some);
    use(some);
    return some;
  }

  /// One stream may follow another.
  std::size_t inflated(std::uint8_t* into, std::size_t size) {
    if (ended_ && *at_ != 0x1f)
      fail(std::string("has bytes after the end of its compressed stream") + download_again);
    if (std::exchange(ended_, false))
      inflateReset(&stream_);
    stream_.next_in = at_;
    stream_.avail_in = static_cast<unsigned>(held_);
    stream_.next_out = into;
    stream_.avail_out = static_cast<unsigned>(size);
    const auto code = inflate(&stream_, Z_NO_FLUSH);
    if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
      damaged(stream_.msg != nullptr ? stream_.msg : zError(code));
    ended_ = code == Z_STREAM_END;
    use(held_ - stream_.avail_in);
    return size - stream_.avail_out;
  }

  std::string name_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file_;
  std::array<std::uint8_t, std::size_t{1} << 17> buffer_;
  std::uint8_t* at_ = nullptr; ///< the unused part of the buffer
  std::size_t held_ = 0;       ///< its bytes
  bool compressed_ = false;
  bool ended_ = false; ///< whether the last compressed stream has ended
  z_stream stream_{};
};

std::uint32_t big_endian(const std::uint8_t* x) {
  return std::uint32_t{x[0]} << 24 | std::uint32_t{x[1]} << 16 | std::uint32_t{x[2]} << 8 | x[3];
}

std::string hexadecimal(std::uint32_t value) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", value);
  return text;
}

/// The sizes in the header, the number of items first.
std::vector<std::uint32_t> read_header(byte_source& source, std::size_t rank) {
  std::vector<std::uint8_t> header(4 + 4 * rank);
  auto found = source.read(header.data(), header.size());
  if (found < header.size())
    source.fail("ends after " + counted(found, "byte") + ", inside the header of " +
                std::to_string(header.size()) + download_again);
  // Two zero bytes, the type 8 (unsigned bytes), and the number of sizes.
  auto expected = 0x800 + static_cast<std::uint32_t>(rank);
  if (auto magic = big_endian(header.data()); magic != expected)
    source.fail("starts with " + hexadecimal(magic) + ", expected " + hexadecimal(expected) +
                " (IDX, unsigned bytes, " + std::to_string(rank) +
                " sizes); check that it is the right IDX file");
  std::vector<std::uint32_t> sizes(rank);
  std::uint64_t total = 1;
  for (std::size_t i = 0; i < rank; ++i) {
    sizes[i] = big_endian(&header[4 + 4 * i]);
    if (sizes[i] == 0)
      source.fail("announces a size of 0, expected at least 1" + std::string(download_again));
    if (sizes[i] > max_idx_bytes / total)
      source.fail("announces more than the " + std::to_string(max_idx_bytes) +
                  " bytes a data file may have; split it or check its header");
    total *= sizes[i];
  }
  return sizes;
}

} // namespace

std::size_t idx_array::item_bytes() const {
  std::size_t result = 1;
  for (auto size : item_shape)
    result *= size;
  return result;
}

idx_array read_idx(const std::filesystem::path& file, std::size_t rank, std::uint32_t limit) {
  byte_source source(file);
  auto sizes = read_header(source, rank);
  idx_array result;
  result.announced = sizes.front();
  result.items = limit == 0 ? result.announced : std::min(limit, result.announced);
  result.item_shape.assign(sizes.begin() + 1, sizes.end());
  auto expected = result.items * result.item_bytes();
  while (result.bytes.size() < expected) {
    auto start = result.bytes.size();
    auto wanted = std::min(chunk_bytes, expected - start);
    result.bytes.resize(start + wanted);
    auto found = source.read(result.bytes.data() + start, wanted);
    if (found < wanted)
      source.fail("ends after " + counted(start + found, "byte") + " of content, expected " +
                  std::to_string(expected) + download_again);
  }
  if (result.items == result.announced)
    source.expect_end(expected);
  return result;
}

} // namespace adsp::learning

// The IDX reader: every number of the header is checked before it is used.
#include "learning/idx.hpp"

#include "learning/dataset.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace adsp::learning {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 20;
constexpr auto download_again = "; replace the file with a good copy";

/// A file being read; zlib passes files that are not compressed through.
class byte_source {
public:
  explicit byte_source(const std::filesystem::path& file)
      : name_(file.string()), file_(gzopen(file.c_str(), "rb"), gzclose) {
    if (!file_)
      fail(std::string("cannot be opened (") + std::strerror(errno) +
           "); check that it exists and may be read");
    gzbuffer(file_.get(), 1 << 17);
  }

  [[noreturn]] void fail(const std::string& what) const { throw data_error(name_ + ": " + what); }

  /// Reads up to `size` bytes; fewer only at the end of the file.
  std::size_t read(std::uint8_t* into, std::size_t size) {
    auto n = gzread(file_.get(), into, static_cast<unsigned>(size));
    int code = Z_OK;
    const char* text = gzerror(file_.get(), &code);
    // A compressed stream cut short is Z_BUF_ERROR, reported by the caller as too few bytes.
    if (n < 0 || (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR))
      fail("cannot be read or is damaged (" +
           std::string(code == Z_ERRNO ? std::strerror(errno) : text) + ")" + download_again);
    return static_cast<std::size_t>(n);
  }

  /// The file ends here, and a compressed one is whole (its checksum is at the end).
  void expect_end(std::uint64_t expected) {
    std::uint8_t extra = 0;
    if (read(&extra, 1) != 0)
      fail("has more than the " + std::to_string(expected) + " bytes its header announces" +
           download_again);
    int code = Z_OK;
    gzerror(file_.get(), &code);
    if (code == Z_BUF_ERROR)
      fail(std::string("the compressed stream is cut off before its checksum") + download_again);
  }

private:
  std::string name_;
  std::unique_ptr<gzFile_s, int (*)(gzFile)> file_;
};

std::uint32_t big_endian(const std::uint8_t* x) {
  return std::uint32_t{x[0]} << 24 | std::uint32_t{x[1]} << 16 | std::uint32_t{x[2]} << 8 | x[3];
}

std::string hexadecimal(std::uint32_t x) {
  char text[11];
  std::snprintf(text, sizeof text, "0x%08x", x);
  return text;
}

/// The sizes the header announces, the number of items first.
std::vector<std::uint32_t> read_header(byte_source& source, std::size_t rank) {
  std::vector<std::uint8_t> header(4 + 4 * rank);
  auto found = source.read(header.data(), header.size());
  if (found < header.size())
    source.fail("ends after " + std::to_string(found) + " bytes, inside the header of " +
                std::to_string(header.size()) + download_again);
  // Two zero bytes, 8 for unsigned bytes, and the number of sizes.
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
      source.fail("ends after " + std::to_string(start + found) + " bytes of content, expected " +
                  std::to_string(expected) + download_again);
  }
  if (result.items == result.announced)
    source.expect_end(expected);
  return result;
}

} // namespace adsp::learning

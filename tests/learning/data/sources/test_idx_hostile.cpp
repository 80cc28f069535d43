// Files that lie: cut short, too long, announcing what they do not have, or noise.
#include "learning/data_error.hpp"
#include "tests/learning/data/sources/idx_files.hpp"

#include "learning/data/sources/idx.hpp"
#include "learning/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include <sys/resource.h>

using namespace adsp::learning;

namespace {

std::string read_error(const std::filesystem::path& file, std::size_t rank,
                       std::uint32_t limit = 0) {
  try {
    read_idx(file, rank, limit);
  } catch (const data_error& error) {
    CHECK(std::string(error.what()).starts_with(file.string() + ": "));
    return error.what();
  }
  return "no error";
}

/// Writes the bytes as they are, whatever the name.
void write_raw(const std::filesystem::path& file, const byte_vector& bytes) {
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(bytes.data()),
            static_cast<std::streamsize>(bytes.size()));
}

byte_vector read_raw(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The most memory the process had so far, in KiB.
long peak_memory() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

} // namespace

TEST_CASE("a file cut off anywhere is refused, plain and compressed") {
  temporary_folder folder;
  for (auto name : {"images", "images.gz"}) {
    auto file = folder.path / name;
    write(file, idx_bytes({3, 2, 2}, byte_vector(12, 9)));
    auto whole = read_raw(file);
    CHECK(read_idx(file, 3).bytes == byte_vector(12, 9));
    for (std::size_t size = 0; size < whole.size(); ++size) {
      CAPTURE(size);
      write_raw(file, byte_vector(whole.begin(), whole.begin() + static_cast<long>(size)));
      CHECK(read_error(file, 3) != "no error");
    }
  }
}

TEST_CASE("a flipped bit in a compressed file is refused") {
  temporary_folder folder;
  auto file = folder.path / "labels.gz";
  byte_vector content;
  for (int i = 0; i < 500; ++i)
    content.push_back(static_cast<std::uint8_t>(i * i % 10));
  write(file, idx_bytes({500}, content));
  auto bytes = read_raw(file);
  bytes[bytes.size() - 6] ^= 1; // of the checksum
  write_raw(file, bytes);
  CHECK(contains(read_error(file, 1), "damaged"));
}

TEST_CASE("bytes after the announced ones are refused") {
  temporary_folder folder;
  auto file = folder.path / "labels";
  write(file, idx_bytes({3}, {1, 2, 3, 4}));
  CHECK(contains(read_error(file, 1), "has more than the 3 bytes"));
}

TEST_CASE("a compressed stream may be followed by another, by nothing else") {
  temporary_folder folder;
  const auto file = folder.path / "labels.gz";
  const auto whole = idx_bytes({3}, {1, 2, 3});
  write(file, byte_vector(whole.begin(), whole.begin() + 9));
  auto bytes = read_raw(file);
  write(file, byte_vector(whole.begin() + 9, whole.end()));
  const auto rest = read_raw(file);
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  write_raw(file, bytes);
  CHECK(read_idx(file, 1).bytes == byte_vector{1, 2, 3});
  bytes.push_back('x');
  write_raw(file, bytes);
  CHECK(contains(read_error(file, 1), "has bytes after the end of its compressed stream"));
  bytes.back() = 0x1f;
  write_raw(file, bytes);
  CHECK(read_error(file, 1) != "no error");
}

TEST_CASE("the wrong kind of file is refused") {
  temporary_folder folder;
  auto file = folder.path / "labels";
  write(file, idx_bytes({3}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  CHECK(contains(read_error(file, 3), "starts with 0x00000801, expected 0x00000803"));
  CHECK(read_error(folder.path, 1) != "no error"); // a folder
}

TEST_CASE("a size of zero is refused") {
  temporary_folder folder;
  auto file = folder.path / "images";
  for (const auto& sizes : {std::vector<std::uint32_t>{0, 2, 2}, {1, 0, 2}, {1, 2, 0}}) {
    write(file, idx_bytes(sizes, {}));
    CHECK(contains(read_error(file, 3), "size of 0"));
  }
}

TEST_CASE("a huge announcement is refused without the memory for it") {
  temporary_folder folder;
  auto file = folder.path / "images";
  auto before = peak_memory();
  auto most = 0xffffffffU;
  for (const auto& sizes : {std::vector<std::uint32_t>{most, most, most},
                            {most, 1, 1},
                            {1, most, 1},
                            {65536, 65536, 65536},
                            {1U << 31, 1U << 31, 4},
                            {1025, 1024, 1024}}) {
    write(file, idx_bytes(sizes, byte_vector(100, 1)));
    CHECK(contains(read_error(file, 3), "announces more than"));
    CHECK(contains(read_error(file, 3, 1), "announces more than")); // whatever the limit
  }
  // Just allowed, and a lie: only what is there is stored.
  write(file, idx_bytes({1024, 1024, 1024}, byte_vector(100, 1)));
  CHECK(contains(read_error(file, 3), "ends after 100 bytes of content"));
  CHECK(peak_memory() - before < 64 * 1024);
}

TEST_CASE("noise never does more than throw data_error") {
  temporary_folder folder;
  auto file = folder.path / "noise";
  for (std::uint64_t seed = 0; seed < 600; ++seed) {
    CAPTURE(seed);
    generator random(seed, "noise");
    byte_vector bytes(random.below(200));
    for (auto& x : bytes)
      x = static_cast<std::uint8_t>(random.below(256));
    // A third is pure noise, a third has a right magic number, a third claims to be gzip.
    byte_vector start;
    if (seed % 3 == 1)
      start = {0, 0, 8, 3, 0, 0};
    else if (seed % 3 == 2)
      start = {0x1f, 0x8b, 8, 0};
    std::copy_n(start.begin(), std::min(start.size(), bytes.size()), bytes.begin());
    write_raw(file, bytes);
    CHECK(read_error(file, 3) != "no error");
  }
}

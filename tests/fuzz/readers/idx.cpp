// IDX files, plain and through gzip.
#include "learning/data/sources/idx.hpp"
#include "learning/data_error.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/targets.hpp"

#include <fstream>
#include <iterator>

#include <zlib.h>

namespace adsp::fuzz {

namespace {

std::string header_of(const std::string& sizes) {
  return std::string{"\0\0\x08", 3} + static_cast<char>(sizes.size() / 4) + sizes;
}

std::string gzipped(const std::string& bytes) {
  const memory_file file{""};
  auto* const out = gzopen(file.path().c_str(), "wb");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
  std::ifstream in{file.path(), std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

} // namespace

const target idx{
    "idx",
    [](std::string_view bytes) {
      const memory_file file{bytes};
      for (const std::size_t rank : {1, 3})
        for (const std::uint32_t limit : {0, 1}) {
          try {
            learning::read_idx(file.path(), rank, limit);
          } catch (const learning::data_error&) {
          }
        }
    },
    [] {
      const auto labels = header_of(std::string{"\0\0\0\3", 4}) + "\1\2\3";
      const auto images = header_of(std::string{"\0\0\0\2\0\0\0\2\0\0\0\2", 12}) + "12345678";
      return std::vector<std::string>{labels, images, gzipped(labels), gzipped(images)};
    }};

} // namespace adsp::fuzz

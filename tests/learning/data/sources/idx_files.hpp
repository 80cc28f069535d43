// Writes IDX files, right and wrong ones, into a folder that is removed with the test.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>
#include <zlib.h>

namespace adsp::learning {

using byte_vector = std::vector<std::uint8_t>;

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A fresh folder for one test case.
struct temporary_folder {
  std::filesystem::path path;

  temporary_folder() {
    auto name = (std::filesystem::temp_directory_path() / "adsp_idx_XXXXXX").string();
    path = mkdtemp(name.data());
  }
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;
  ~temporary_folder() { std::filesystem::remove_all(path); }
};

/// A header for `sizes`, then `content`.
inline byte_vector idx_bytes(const std::vector<std::uint32_t>& sizes, const byte_vector& content) {
  byte_vector result = {0, 0, 8, static_cast<std::uint8_t>(sizes.size())};
  for (auto size : sizes)
    for (int shift = 24; shift >= 0; shift -= 8)
      result.push_back(static_cast<std::uint8_t>(size >> shift));
  result.insert(result.end(), content.begin(), content.end());
  return result;
}

/// Writes `bytes`, through gzip when the name ends in .gz.
inline void write(const std::filesystem::path& file, const byte_vector& bytes) {
  auto out = gzopen(file.c_str(), file.extension() == ".gz" ? "wb" : "wbT");
  gzwrite(out, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(out);
}

/// Four files of 2x2 images, pixel values counting up: 3 for training, 2 for testing.
inline void write_small_set(const std::filesystem::path& folder, const std::string& suffix = "") {
  write(folder / ("train-images-idx3-ubyte" + suffix),
        idx_bytes({3, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255}));
  write(folder / ("train-labels-idx1-ubyte" + suffix), idx_bytes({3}, {0, 2, 1}));
  write(folder / ("t10k-images-idx3-ubyte" + suffix),
        idx_bytes({2, 2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}));
  write(folder / ("t10k-labels-idx1-ubyte" + suffix), idx_bytes({2}, {1, 0}));
}

} // namespace adsp::learning

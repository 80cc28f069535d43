#include "actors/clock/large_pages.hpp"

#include <cstdint>
#include <fstream>
#include <linux/mman.h>
#include <sstream>
#include <string>
#include <sys/mman.h>

namespace adsp {

namespace {

constexpr std::uintptr_t worthwhile = 32U << 20; ///< bytes

} // namespace

void use_large_pages() {
  std::ifstream maps{"/proc/self/maps"};
  for (std::string line; std::getline(maps, line);) {
    if (!line.ends_with("[heap]"))
      continue;
    std::istringstream row{line};
    std::uintptr_t first = 0;
    std::uintptr_t end = 0;
    char dash = 0;
    row >> std::hex >> first >> dash >> end;
    if (end - first >= worthwhile)
      madvise(reinterpret_cast<void*>(first), end - first, MADV_COLLAPSE);
  }
}

} // namespace adsp

// How much memory a process holds, and how much more of it a hostile peer may cost.
#pragma once

#include <fstream>
#include <string>

#include <unistd.h>

namespace memory {

#ifdef __SANITIZE_ADDRESS__
/// The address sanitizer keeps up to 256 MB of freed memory and surrounds what is in use.
inline constexpr long most_growth = 50'000 + 320'000;
#else
inline constexpr long most_growth = 50'000; ///< kilobytes
#endif

/// Kilobytes of memory in use by a process; "self": this one.
inline long resident_kilobytes(const std::string& process = "self") {
  std::ifstream in{"/proc/" + process + "/statm"};
  long all = 0;
  long resident = 0;
  in >> all >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

} // namespace memory

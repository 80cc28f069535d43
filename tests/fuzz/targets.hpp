// The readers of bytes that others have made, each as a function of these bytes. libFuzzer looks for bytes
// that break them (`./dev fuzz`); the test `fuzz_corpus` gives them the examples and what has been found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace adsp::fuzz {

struct target {
  const char* name;

  /// Reads `bytes`, and takes the error that the reader promises for wrong ones. Any other exception, a
  /// crash, a sanitizer's report and more than the memory allowed are mistakes of the reader.
  void (*read)(std::string_view bytes);

  /// Small right inputs to begin from.
  std::vector<std::string> (*examples)();
};

// target_list.inc, made by CMake, has a line TARGET(NAME) for each readers/NAME.cpp.
#define TARGET(name) extern const target name;
#include "target_list.inc"
#undef TARGET

inline std::vector<const target*> all_targets() {
  return {
#define TARGET(name) &(name),
#include "target_list.inc"
#undef TARGET
  };
}

} // namespace adsp::fuzz

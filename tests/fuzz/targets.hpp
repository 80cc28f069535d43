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

extern const target cifar;
extern const target config;
extern const target frames;
extern const target idx;
extern const target libsvm;
extern const target messages;
extern const target model;
extern const target npy;
extern const target npz;
extern const target table;

inline std::vector<const target*> all_targets() {
  return {&cifar, &config, &frames, &idx, &libsvm, &messages, &model, &npy, &npz, &table};
}

} // namespace adsp::fuzz

// Writes the examples of every target into FOLDER/TARGET/, from where libFuzzer begins.
#include "tests/fuzz/targets.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>

int main(int count, char** arguments) {
  if (count != 2) {
    std::fputs("usage: fuzz_examples FOLDER\n", stderr);
    return 2;
  }
  for (const auto* target : adsp::fuzz::all_targets()) {
    const auto folder = std::filesystem::path{arguments[1]} / target->name;
    std::filesystem::create_directories(folder);
    int number = 0;
    for (const auto& bytes : target->examples()) {
      std::ofstream file{folder / ("example-" + std::to_string(number++)), std::ios::binary};
      if (!(file << bytes))
        return 1;
    }
  }
}

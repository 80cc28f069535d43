// What libFuzzer calls: one program a target, which ADSP_FUZZ_TARGET names.
#include "tests/fuzz/targets.hpp"

#include <cstddef>
#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  adsp::fuzz::ADSP_FUZZ_TARGET.read({reinterpret_cast<const char*>(data), size});
  return 0;
}

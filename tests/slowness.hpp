// How much longer tests may take under the sanitizers: as cmake/add_adsp_test.cmake says too.
#pragma once

namespace sanitizers {

#ifdef __SANITIZE_ADDRESS__
inline constexpr int slowness = 4;
#else
inline constexpr int slowness = 1;
#endif

} // namespace sanitizers

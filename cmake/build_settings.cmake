# adsp::settings: what every target of the project is compiled with.
add_library(adsp_settings INTERFACE)
add_library(adsp::settings ALIAS adsp_settings)

target_include_directories(adsp_settings INTERFACE "${PROJECT_SOURCE_DIR}")
target_compile_options(adsp_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
  # Fused operations only where the source asks for them, so that every build type computes the same.
  -ffp-contract=off)

# Every build type uses the same instructions, for the same reason.
if(ADSP_PORTABLE)
  target_compile_options(adsp_settings INTERFACE -march=x86-64-v3)
else()
  target_compile_options(adsp_settings INTERFACE -march=native)
endif()

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # ccache needs it to cache a compilation that uses a precompiled header.
  target_compile_options(adsp_settings INTERFACE -fpch-preprocess)
  # GCC 12 reports these for correct uses of std::string (GCC bug 105651).
  target_compile_options(adsp_settings INTERFACE -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds)
endif()

if(CMAKE_UNITY_BUILD)
  # Files that are compiled as one see each other's names.
  target_compile_options(adsp_settings INTERFACE -Wno-shadow)
endif()

if(ADSP_SANITIZE)
  target_compile_options(adsp_settings INTERFACE
    -fsanitize=${ADSP_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(adsp_settings INTERFACE -fsanitize=${ADSP_SANITIZE})
endif()

if(ADSP_FUZZ)
  # libFuzzer sees which branches an input takes.
  target_compile_options(adsp_settings INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Checks of the standard library's preconditions wherever speed does not matter.
target_compile_definitions(adsp_settings INTERFACE
  $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)

# mold links the many test programs in a fraction of the time.
find_program(MOLD mold)
if(MOLD)
  target_link_options(adsp_settings INTERFACE -fuse-ld=mold)
endif()

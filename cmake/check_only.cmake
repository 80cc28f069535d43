# ADSP_CHECK_ONLY: a build that makes nothing and says what is wrong with the sources; needs clang. An "object" is a
# mark that its source has been looked at. "syntax": by the compiler, each file by itself; "tidy": by clang-tidy.
set(touch "${CMAKE_COMMAND} -E touch")
set(CMAKE_CXX_CREATE_STATIC_LIBRARY "${touch} <TARGET>")
set(CMAKE_CXX_LINK_EXECUTABLE "${touch} <TARGET>")

if(ADSP_CHECK_ONLY STREQUAL "syntax")
  # Precompiled headers are made all the same: their -emit-pch comes later and counts.
  set(CMAKE_CXX_COMPILE_OBJECT
    "<CMAKE_CXX_COMPILER> <DEFINES> <INCLUDES> <FLAGS> -fsyntax-only -Xclang -o -Xclang <OBJECT> -c <SOURCE>"
    "${touch} <OBJECT>")
else()
  find_program(CLANG_TIDY clang-tidy REQUIRED)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
  set(CMAKE_CXX_COMPILE_OBJECT
    "${CLANG_TIDY} --quiet --warnings-as-errors=* <SOURCE> -- <CMAKE_CXX_COMPILER> <DEFINES> <INCLUDES> <FLAGS> -c"
    "${touch} <OBJECT>")
  # clang-tidy does not say which files it has read: after a change `./dev check` begins anew.
endif()

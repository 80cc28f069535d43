# add_adsp_test(NAME sources... [LIBS targets...] [DEFINITIONS NAME=value...] [TIMEOUT seconds] [CAF] [PROGRAM]
#               [RELAY]): one doctest program, one ctest entry.
# CAF: it includes actors' headers, and uses those that adsp_test_main has precompiled.
# PROGRAM: it runs `adsp`, whose path is ADSP_BINARY. RELAY: likewise adsp_test_relay, ADSP_RELAY.
function(add_adsp_test name)
  cmake_parse_arguments(arg "CAF;PROGRAM;RELAY" "TIMEOUT" "LIBS;DEFINITIONS" ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 60)
  endif()
  # It ends a test that hangs, and says nothing of speed: the sanitizers make a test up to eight times slower.
  if(ADSP_SANITIZE)
    math(EXPR arg_TIMEOUT "4 * ${arg_TIMEOUT}")
  endif()
  add_executable(test_${name} ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(test_${name} PRIVATE ${arg_LIBS} adsp_test_main adsp::settings)
  if(arg_CAF)
    target_compile_options(test_${name} PRIVATE ${ADSP_ACTOR_TEST_OPTIONS})
    target_precompile_headers(test_${name} REUSE_FROM adsp_test_main)
  endif()
  target_compile_definitions(test_${name} PRIVATE ${arg_DEFINITIONS})
  if(arg_PROGRAM)
    target_compile_definitions(test_${name} PRIVATE ADSP_BINARY="$<TARGET_FILE:adsp>")
    add_dependencies(test_${name} adsp)
  endif()
  if(arg_RELAY)
    target_compile_definitions(test_${name} PRIVATE ADSP_RELAY="$<TARGET_FILE:adsp_test_relay>")
    add_dependencies(test_${name} adsp_test_relay)
  endif()
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT}
    COST ${arg_TIMEOUT}) # the longest begin first
endfunction()

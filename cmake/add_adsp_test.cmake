# add_adsp_test(NAME sources... [LIBS targets...] [TIMEOUT seconds] [CAF]): one doctest program, one
# ctest entry. CAF: it includes actors' headers, and uses those that adsp_test_main has precompiled.
function(add_adsp_test name)
  cmake_parse_arguments(arg "CAF" "TIMEOUT" "LIBS" ${ARGN})
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
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT}
    COST ${arg_TIMEOUT}) # the longest begin first
endfunction()

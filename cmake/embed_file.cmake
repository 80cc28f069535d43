# embed_file(TARGET NAME FILE): FILE's bytes become `std::string_view adsp::apps::embedded::NAME` in
# TARGET, so that the program needs no file at run time. This file is also the script that writes the
# source: cmake -D NAME=.. -D FILE=.. -D OUT=.. -P embed_file.cmake
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${FILE}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "((0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,)(0x..,))" "\\1\n" bytes "${bytes}")
  file(WRITE "${OUT}" "#include <string_view>\n\n"
    "namespace adsp::apps::embedded {\n\n"
    "static const unsigned char bytes[] = {\n${bytes}0};\n\n"
    "extern const std::string_view ${NAME};\n"
    "const std::string_view ${NAME}{reinterpret_cast<const char*>(bytes), sizeof bytes - 1};\n\n"
    "} // namespace adsp::apps::embedded\n")
  return()
endif()

set(ADSP_EMBED_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")

function(embed_file target name file)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/embedded_${name}.cpp")
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" -D "NAME=${name}" -D "FILE=${file}" -D "OUT=${out}"
      -P "${ADSP_EMBED_SCRIPT}"
    DEPENDS "${file}" "${ADSP_EMBED_SCRIPT}"
    COMMENT "Embedding ${name}"
    VERBATIM)
  target_sources(${target} PRIVATE "${out}")
  set_source_files_properties("${out}" PROPERTIES
    SKIP_PRECOMPILE_HEADERS ON SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

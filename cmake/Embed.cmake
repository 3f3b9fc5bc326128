# SPDX-License-Identifier: Apache-2.0
# seaworthy_embed(TARGET FILES file… NAMESPACE ns HEADER path)
# Compiles files into a target, each as `extern const std::string_view NAME`, where NAME is the file's with `_` for what no name can hold.
# HEADER is where the declarations go, below the build directory's `generated` folder.
function(seaworthy_embed target)
  cmake_parse_arguments(PARSE_ARGV 1 embed "" "NAMESPACE;HEADER" "FILES")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/generated")
  string(REGEX REPLACE "\\.hpp$" ".cpp" source "${embed_HEADER}")
  list(TRANSFORM embed_FILES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/")
  string(REPLACE ";" "|" files "${embed_FILES}")
  add_custom_command(
    OUTPUT "${folder}/${embed_HEADER}" "${folder}/${source}"
    COMMAND ${CMAKE_COMMAND} -D "FILES=${files}" -D "FOLDER=${folder}" -D "HEADER=${embed_HEADER}" -D "SOURCE=${source}" -D "NAMESPACE=${embed_NAMESPACE}"
            -P "${CMAKE_SOURCE_DIR}/cmake/EmbedScript.cmake"
    DEPENDS ${embed_FILES} "${CMAKE_SOURCE_DIR}/cmake/EmbedScript.cmake"
    COMMENT "Embedding ${embed_HEADER}" VERBATIM)
  target_sources(${target} PRIVATE "${folder}/${embed_HEADER}" "${folder}/${source}")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()

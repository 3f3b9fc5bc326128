# SPDX-License-Identifier: Apache-2.0
# seaworthy_module(NAME DEPENDS other… LIBRARIES third-party…)
# A static library of all sources below src/NAME. DEPENDS are modules whose headers it may include, LIBRARIES stay private.
function(seaworthy_module name)
  cmake_parse_arguments(PARSE_ARGV 1 module "" "" "DEPENDS;LIBRARIES;PUBLIC_LIBRARIES")
  string(REPLACE "/" "_" target "seaworthy_${name}")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${name}/*.cpp")
  list(TRANSFORM module_DEPENDS PREPEND "seaworthy_")
  list(TRANSFORM module_DEPENDS REPLACE "/" "_")
  if(NOT sources) # headers alone
    add_library(${target} INTERFACE)
    target_include_directories(${target} INTERFACE
      $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
    target_link_libraries(${target} INTERFACE ${module_DEPENDS} ${module_PUBLIC_LIBRARIES})
    return()
  endif()
  add_library(${target} STATIC ${sources})
  target_include_directories(${target} PUBLIC
    $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include> PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(${target} PUBLIC ${module_DEPENDS} ${module_PUBLIC_LIBRARIES}
    PRIVATE ${module_LIBRARIES} $<BUILD_INTERFACE:seaworthy_warnings> $<BUILD_INTERFACE:seaworthy_hardening>)
endfunction()

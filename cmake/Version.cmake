# SPDX-License-Identifier: Apache-2.0
# The version is the VERSION file's; the revision is git's, or SEAWORTHY_REVISION in the environment where there is no repository.
set(SEAWORTHY_REVISION "$ENV{SEAWORTHY_REVISION}")
if(NOT SEAWORTHY_REVISION)
  find_package(Git QUIET)
  if(GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} rev-parse --short=12 HEAD
      OUTPUT_VARIABLE SEAWORTHY_REVISION OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()

# One source file knows both, so that a new commit compiles one file anew.
set_source_files_properties(${CMAKE_SOURCE_DIR}/src/app/version.cpp TARGET_DIRECTORY seaworthy_app
  PROPERTIES COMPILE_DEFINITIONS "SEAWORTHY_VERSION=\"${SEAWORTHY_VERSION}\";SEAWORTHY_REVISION=\"${SEAWORTHY_REVISION}\"")

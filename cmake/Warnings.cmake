# SPDX-License-Identifier: Apache-2.0
add_library(seaworthy_warnings INTERFACE)
target_compile_options(seaworthy_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 -Wimplicit-fallthrough -Wnon-virtual-dtor -Woverloaded-virtual
  -Wno-missing-field-initializers # tables of designated initialisers leave out what has a default
  $<$<CXX_COMPILER_ID:GNU>:-Wtrampolines -Wbidi-chars=any -Wduplicated-cond -Wlogical-op>
  $<$<BOOL:${SEAWORTHY_WERROR}>:-Werror>)

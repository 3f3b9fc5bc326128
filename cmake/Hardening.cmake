# SPDX-License-Identifier: Apache-2.0
# The flags of the OpenSSF compiler hardening guide that GCC 12 and clang 14 know.
include(CheckCXXCompilerFlag)
add_library(seaworthy_hardening INTERFACE)
foreach(flag IN ITEMS -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard
        -ftrivial-auto-var-init=zero -fno-delete-null-pointer-checks -fno-strict-overflow -fstrict-flex-arrays=3)
  string(MAKE_C_IDENTIFIER "HAVE${flag}" variable)
  check_cxx_compiler_flag("${flag} -Werror" ${variable})
  if(${variable})
    target_compile_options(seaworthy_hardening INTERFACE ${flag})
  endif()
endforeach()
target_compile_options(seaworthy_hardening INTERFACE -Werror=format-security)
if(NOT SEAWORTHY_SANITIZE)
  target_compile_options(seaworthy_hardening INTERFACE
    "$<$<CONFIG:Release,RelWithDebInfo>:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>")
endif()
target_compile_definitions(seaworthy_hardening INTERFACE _GLIBCXX_ASSERTIONS)
set(CMAKE_EXE_LINKER_FLAGS "${CMAKE_EXE_LINKER_FLAGS} -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed")

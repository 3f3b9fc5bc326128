# SPDX-License-Identifier: Apache-2.0
# Run by seaworthy_embed: writes FILES (separated by |) as string literals.
string(REPLACE "|" ";" FILES "${FILES}")
set(declarations "")
set(definitions "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  string(MAKE_C_IDENTIFIER "${name}" name)
  file(READ "${file}" content)
  string(APPEND declarations "extern const std::string_view ${name};\n")
  string(APPEND definitions "const std::string_view ${name} = R\"seaworthy(${content})seaworthy\";\n")
endforeach()
file(WRITE "${FOLDER}/${HEADER}" "#pragma once\n#include <string_view>\nnamespace ${NAMESPACE} {\n${declarations}} // namespace ${NAMESPACE}\n")
file(WRITE "${FOLDER}/${SOURCE}" "#include \"${HEADER}\"\nnamespace ${NAMESPACE} {\n${definitions}} // namespace ${NAMESPACE}\n")

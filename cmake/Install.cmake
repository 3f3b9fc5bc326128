# SPDX-License-Identifier: Apache-2.0
include(GNUInstallDirs)
install(TARGETS seaworthy RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

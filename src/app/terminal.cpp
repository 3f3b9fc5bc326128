// SPDX-License-Identifier: Apache-2.0
#include "app/terminal.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

#include "seaworthy/base/letter_case.hpp"

namespace seaworthy::app {

namespace {

std::string_view variable(const char* name)
{
    const char* value = std::getenv(name);
    return value == nullptr ? std::string_view{} : std::string_view{value};
}

bool locale_is_utf8()
{
    // The first that is set decides (POSIX). None set: the C locale, but then nobody sees a terminal either.
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
        const auto value = to_lower(variable(name));
        if (value.empty()) continue;
        return value.find("utf-8") != std::string::npos || value.find("utf8") != std::string::npos;
    }
    return isatty(STDOUT_FILENO) == 0;
}

} // namespace

Terminal Terminal::of_this_process()
{
    Terminal terminal;
    const bool plain = !variable("NO_COLOR").empty() || variable("TERM") == "dumb";
    terminal.color = !plain && isatty(STDOUT_FILENO) != 0;
    terminal.progress = !plain && isatty(STDERR_FILENO) != 0;
    terminal.unicode = locale_is_utf8();
    winsize size{};
    if (isatty(STDOUT_FILENO) != 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) terminal.width = size.ws_col;
    return terminal;
}

} // namespace seaworthy::app

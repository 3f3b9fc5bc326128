// SPDX-License-Identifier: Apache-2.0
#include "app/version.hpp"

namespace seaworthy::app {

std::string_view version()
{
    return SEAWORTHY_VERSION;
}

std::string user_agent()
{
    return "seaworthy/" + std::string{version()};
}

std::string_view revision()
{
    return SEAWORTHY_REVISION;
}

std::string_view compiler()
{
#if defined(__clang__)
    return "clang " __clang_version__;
#else
    return "GCC " __VERSION__;
#endif
}

} // namespace seaworthy::app

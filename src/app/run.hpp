// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <iosfwd>
#include <span>
#include <string>

namespace seaworthy::app {

/// The whole program: reads the arguments (without the program's name), does what they say, gives the exit code.
/// Data goes to `out`, messages to `err`. Catches every exception.
[[nodiscard]] int run(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err);

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "seaworthy/base/error.hpp"

namespace seaworthy::kube {

struct Command {
    std::string program; ///< a path, or a name to look up in PATH; no shell ever sees it
    std::vector<std::string> arguments;
    std::vector<std::pair<std::string, std::string>> environment; ///< on top of this process's own
    bool pass_stdin = false;                                      ///< else it reads /dev/null and has a process group of its own
    std::chrono::milliseconds timeout{60'000};
    std::size_t max_output_bytes = 1U << 20U;
};

/// Runs a program and returns its standard output; standard error is ours. Errors: it is not there (not_found), exit code,
/// signal, time-out, too much output. On a time-out or stop the program is killed.
[[nodiscard]] Result<std::string> run_program(const Command& command, const std::stop_token& stop);

} // namespace seaworthy::kube

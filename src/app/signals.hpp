// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <csignal>

namespace seaworthy::app {

/// SIGTERM, SIGINT and SIGHUP as events of a loop, so that no code ever runs in a signal handler. They are blocked in the thread that
/// makes this and in every thread that starts later: make it before any other thread.
class Signals {
public:
    Signals();
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

    /// The next signal, or 0 when none came within the time.
    [[nodiscard]] int wait(std::chrono::milliseconds limit) const;

private:
    sigset_t m_before{};
    int m_descriptor = -1;
};

} // namespace seaworthy::app

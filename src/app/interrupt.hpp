// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>
#include <thread>

#include <csignal>

namespace seaworthy::app {

/// Turns the first SIGINT or SIGTERM into a stop request; a second one ends the process at once. The signals are blocked in every thread
/// that starts while this lives and taken by a thread of its own, so no code ever runs inside a signal handler.
class Interrupt {
public:
    Interrupt();
    ~Interrupt();
    Interrupt(const Interrupt&) = delete;
    Interrupt& operator=(const Interrupt&) = delete;

    [[nodiscard]] std::stop_token token() const { return m_source.get_token(); }

private:
    std::stop_source m_source;
    sigset_t m_before{};
    int m_wake[2] = {-1, -1};
    std::thread m_thread;
};

} // namespace seaworthy::app

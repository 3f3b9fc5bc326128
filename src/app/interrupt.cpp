// SPDX-License-Identifier: Apache-2.0
#include "app/interrupt.hpp"

#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace seaworthy::app {

namespace {

constexpr int k_exit_by_signal = 128; // plus the signal's number: what shells report

/// Waits for a signal or a byte in `wake`. The number of the signal; 0: time to end.
int next_signal(int signals, int wake)
{
    for (;;) {
        pollfd descriptors[] = {{signals, POLLIN, 0}, {wake, POLLIN, 0}};
        if (poll(descriptors, 2, -1) < 0) continue;
        if (descriptors[1].revents != 0) return 0;
        signalfd_siginfo info{};
        if (read(signals, &info, sizeof info) == static_cast<ssize_t>(sizeof info)) return static_cast<int>(info.ssi_signo);
    }
}

} // namespace

Interrupt::Interrupt()
{
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGINT);
    sigaddset(&mask, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &mask, &m_before);
    const int signals = signalfd(-1, &mask, SFD_CLOEXEC);
    if (signals < 0 || pipe2(m_wake, O_CLOEXEC) != 0) throw std::runtime_error("no descriptors are left for signals");
    m_thread = std::thread{[this, signals] {
        if (const int first = next_signal(signals, m_wake[0]); first != 0) {
            m_source.request_stop();
            if (const int second = next_signal(signals, m_wake[0]); second != 0) std::_Exit(k_exit_by_signal + second);
        }
        close(signals);
    }};
}

Interrupt::~Interrupt()
{
    const char byte = 0;
    [[maybe_unused]] const auto written = write(m_wake[1], &byte, 1);
    m_thread.join();
    close(m_wake[0]);
    close(m_wake[1]);
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

} // namespace seaworthy::app

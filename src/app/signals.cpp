// SPDX-License-Identifier: Apache-2.0
#include "app/signals.hpp"

#include <stdexcept>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace seaworthy::app {

Signals::Signals()
{
    sigset_t mask;
    sigemptyset(&mask);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&mask, signal);
    pthread_sigmask(SIG_BLOCK, &mask, &m_before);
    m_descriptor = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
    if (m_descriptor < 0) throw std::runtime_error("no descriptor is left for signals");
}

Signals::~Signals()
{
    close(m_descriptor);
    pthread_sigmask(SIG_SETMASK, &m_before, nullptr);
}

int Signals::wait(std::chrono::milliseconds limit) const
{
    pollfd descriptor{m_descriptor, POLLIN, 0};
    if (poll(&descriptor, 1, static_cast<int>(limit.count())) <= 0) return 0;
    signalfd_siginfo info{};
    return read(m_descriptor, &info, sizeof info) == static_cast<ssize_t>(sizeof info) ? static_cast<int>(info.ssi_signo) : 0;
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>

#include "seaworthy/config/config.hpp"

namespace seaworthy::app {

/// When the next audit starts. After a success: the interval, spread by the jitter. After failures: soon, then ever later, up to the interval.
class Schedule {
public:
    /// `random`: uniform in [0, 1).
    explicit Schedule(std::function<double()> random) : m_random(std::move(random)) {}

    void succeeded() { m_failures = 0; }
    void failed() { ++m_failures; }
    /// How long to wait from the start of the last audit.
    [[nodiscard]] std::chrono::milliseconds pause(const config::Audit& audit) const;

private:
    std::function<double()> m_random;
    unsigned m_failures = 0;
};

} // namespace seaworthy::app

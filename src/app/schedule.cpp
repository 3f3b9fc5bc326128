// SPDX-License-Identifier: Apache-2.0
#include "app/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace seaworthy::app {

namespace {

constexpr std::chrono::milliseconds k_first_retry{1000};
constexpr unsigned k_most_doublings = 12;

} // namespace

std::chrono::milliseconds Schedule::pause(const config::Audit& audit) const
{
    auto base = audit.interval;
    if (m_failures > 0) base = std::min(base, k_first_retry * (1 << std::min(m_failures - 1, k_most_doublings)));
    // Both sides of the interval, so that its mean is what was asked for.
    const double spread = audit.jitter * (2 * m_random() - 1);
    return std::chrono::milliseconds{std::llround(static_cast<double>(base.count()) * (1 + spread))};
}

} // namespace seaworthy::app

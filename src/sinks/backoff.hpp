// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

namespace seaworthy::sinks {

using std::chrono::milliseconds;

/// How long to wait before the next try. Exponential with full jitter, so that many daemons do not come back to one receiver at the same moment
/// (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015); never less than the base.
class Backoff {
public:
    Backoff(milliseconds base, milliseconds cap) : m_base(base), m_cap(std::max(base, cap)) {}

    /// After one more failure. `asked` is the receiver's wish (Retry-After), which wins up to 15 minutes; one not to wait at all (0, or a date that
    /// has gone by, as of a clock that is wrong) is none, for it would make a loop without a pause. `random` is 0 to less than 1.
    [[nodiscard]] milliseconds next(double random, std::optional<milliseconds> asked = {})
    {
        m_most = std::min((m_most.count() == 0 ? m_base : m_most) * 2, m_cap);
        return is_wish(asked) ? std::min(*asked, k_most_asked) : between(m_base, m_most, random);
    }
    /// After a fault that lasts until somebody mends it.
    [[nodiscard]] milliseconds longest(double random, std::optional<milliseconds> asked = {}) const
    {
        return is_wish(asked) ? std::min(*asked, k_most_asked) : between(m_cap / 2, m_cap, random);
    }
    void reset() { m_most = milliseconds{0}; }

private:
    static constexpr milliseconds k_most_asked = std::chrono::minutes{15};

    static bool is_wish(std::optional<milliseconds> asked) { return asked && asked->count() > 0; }
    static milliseconds between(milliseconds low, milliseconds high, double random)
    {
        return low + milliseconds{static_cast<milliseconds::rep>(static_cast<double>((high - low).count()) * random)};
    }

    milliseconds m_base;
    milliseconds m_cap;
    milliseconds m_most{0}; ///< 0: no failure yet
};

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>

#include "app/observations.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/probe/prober.hpp"

namespace seaworthy::app {

/// Carries a prober's history over restarts: what was answered when and how often, not the content. Not thread-safe.
class ProbeMemory {
public:
    ProbeMemory(Observations observations, std::function<Timestamp()> now) : m_observations(observations), m_now(std::move(now)) {}

    /// What earlier processes kept.
    [[nodiscard]] probe::History load();
    /// Keeps what has come to `history` since the last call.
    void save(const probe::History& history);

private:
    /// The newest row of a URL and an authorization, as it was kept.
    struct Kept {
        state::Milliseconds key_time = 0; ///< when the row began: it keeps its place while its newest answer moves on
        Timestamp at;
        std::uint32_t samples = 0;
    };

    Observations m_observations;
    std::function<Timestamp()> m_now;
    std::map<std::string, Kept> m_newest; ///< by key of the observations
};

} // namespace seaworthy::app

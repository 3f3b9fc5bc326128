// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "app/observations.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::app {

/// Earlier scrapes of the API server's own metrics, for rules that ask what a counter has gained. Of each it keeps only the series that
/// rules compare, one scrape an hour, for eight days at most. Not thread-safe: audits follow one another.
class ScrapeMemory {
public:
    /// Goes on from what earlier processes kept there.
    explicit ScrapeMemory(Observations observations = {});
    /// Puts what is remembered before the scrape of this audit, and remembers that one.
    void complete(model::Inventory& inventory);

private:
    Observations m_observations;
    std::deque<model::ProbeAnswer> m_kept; ///< oldest first
};

} // namespace seaworthy::app

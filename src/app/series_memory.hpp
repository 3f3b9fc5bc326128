// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>

#include "app/observations.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::app {

/// Which series of the API server's own metrics have proved that something is at work. A load balancer leads each scrape to another replica, and
/// one that nobody has used yet shows less than the others. What was seen before the replica that now answers had started is forgotten: an API
/// server is restarted to be configured anew. Not thread-safe: audits follow one another.
class SeriesMemory {
public:
    /// Goes on from what earlier processes kept there.
    explicit SeriesMemory(Observations observations = {});
    /// Puts what is remembered, this audit's scrape included, into the inventory as controls::k_seen_series.
    void complete(model::Inventory& inventory);

private:
    struct Seen {
        Timestamp at;
        Timestamp kept_at; ///< in the database: renewed hourly
    };
    Observations m_observations;
    std::map<std::string, Seen, std::less<>> m_seen; ///< by `metric{labels}` as it was scraped
};

} // namespace seaworthy::app

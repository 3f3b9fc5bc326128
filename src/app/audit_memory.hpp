// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/event_memory.hpp"
#include "app/observations.hpp"
#include "app/scrape_memory.hpp"
#include "app/series_memory.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::app {

/// What audits remember of what earlier ones read of the cluster. As thread-safe as its parts.
struct AuditMemory {
    explicit AuditMemory(Observations observations = {}) : scrapes(observations), series(observations), events(observations) {}

    /// Adds what is remembered to what was read, and remembers that.
    void complete(model::Inventory& inventory)
    {
        series.complete(inventory);
        scrapes.complete(inventory);
        events.complete(inventory);
    }

    ScrapeMemory scrapes;
    SeriesMemory series;
    EventMemory events;
};

} // namespace seaworthy::app

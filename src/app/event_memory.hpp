// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "app/observations.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::app {

/// Kubernetes Events that rules judge over a window, where that is longer than the hour for which API servers keep them. complete() belongs to
/// one thread; set_window() may be called from any.
class EventMemory {
public:
    explicit EventMemory(Observations observations = {}) : m_observations(observations) {}

    /// How far back rules look. Up to an hour nothing is remembered.
    void set_window(seconds window) { m_window = window; }
    /// Adds to the events of this audit what is remembered and not among them, and remembers them.
    void complete(model::Inventory& inventory);

private:
    struct Event {
        std::string ns;
        std::string name;
        std::string involved_ns;
        std::string involved_name;
        std::string involved_uid;
        std::string type;
        std::string reason;
        std::string message;
        Timestamp created;
        Timestamp last_seen;
        std::int32_t count = 1;
    };
    static Event copy_of(const model::Event& event);
    static std::string to_json(const Event& event);
    bool take(const state::Observation& observation);
    void forget(Timestamp before);

    Observations m_observations;
    std::atomic<seconds> m_window{seconds{0}};
    bool m_loaded = false;
    std::map<std::string, Event> m_events; ///< by uid
};

} // namespace seaworthy::app

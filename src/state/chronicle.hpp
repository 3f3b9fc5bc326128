// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/state/store.hpp"
#include "state/connection.hpp"
#include "state/outbox.hpp"
#include "state/space.hpp"

namespace seaworthy::state {

/// What was observed and when, of each kind within a share of the database.
class Chronicle {
public:
    Chronicle(Connection& connection, const Space& space, Outbox& outbox) : m_connection(connection), m_space(space), m_outbox(outbox) {}

    /// As Store::observe(); belongs in a transaction.
    Result<void> observe(std::string_view kind, const std::vector<Observation>& observations, Milliseconds oldest, Keep keep);
    [[nodiscard]] Result<std::vector<Observation>> all(std::string_view kind);

private:
    Result<void> thin_out(std::string_view kind, std::int64_t share);

    Connection& m_connection;
    const Space& m_space;
    Outbox& m_outbox;
    /// By kind: bytes that came since its observations were counted, which takes reading them.
    std::map<std::string, std::int64_t, std::less<>> m_unweighed;
};

} // namespace seaworthy::state

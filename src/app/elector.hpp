// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "app/lease.hpp"
#include "seaworthy/config/config.hpp"

namespace seaworthy::app {

/// One candidate of a leader election over a Lease, as client-go's tools/leaderelection does it: no two lead at once while clocks run at the
/// same speed, whatever they show. Another's lease counts from when *we* saw it change; remote times are never compared with ours.
/// It is no fencing: what a leader emits must bear to be repeated.
class Elector {
public:
    struct Clock {
        std::function<std::chrono::steady_clock::time_point()> steady;
        std::function<std::string()> micro_time; ///< now, RFC 3339 with six digits of fraction
    };
    Elector(LeaseStore& store, config::LeaderElection options, std::string identity, Clock clock);

    /// Tries once to acquire or to renew. True if it leads afterwards. `stop` cuts requests short.
    bool attempt(const std::stop_token& stop);
    /// False as soon as the renew deadline is over, even while an attempt is under way.
    [[nodiscard]] bool leading() const;
    /// Gives the Lease up, so that the next leader need not wait. Best effort.
    void release();
    /// Why the last attempt did not do what it should; nothing while all is well or somebody else leads.
    [[nodiscard]] const std::optional<Error>& trouble() const { return m_trouble; }
    [[nodiscard]] const std::string& holder() const { return m_seen.holder; }

private:
    [[nodiscard]] std::chrono::milliseconds request_timeout() const;
    [[nodiscard]] bool theirs_is_valid() const;
    void see(const Lease& lease);
    bool take(const std::stop_token& stop, bool absent);
    bool held(const LeaseReply& reply, std::chrono::steady_clock::time_point began);

    LeaseStore& m_store;
    config::LeaderElection m_options;
    std::string m_identity;
    Clock m_clock;
    Lease m_seen;
    std::chrono::steady_clock::time_point m_seen_at;                   ///< when m_seen last changed
    std::optional<std::chrono::steady_clock::time_point> m_renewed_at; ///< when the request began that last succeeded; none: not leading
    std::optional<Error> m_trouble;
};

/// Now as a MicroTime: RFC 3339 with exactly six digits of fraction.
[[nodiscard]] std::string micro_time_now();
/// `<host name>_<uuid>`: unique for each process.
[[nodiscard]] std::string election_identity();

} // namespace seaworthy::app

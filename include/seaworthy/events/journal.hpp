// SPDX-License-Identifier: Apache-2.0
// What becomes of verdicts over time: reports are compared with what is remembered of findings, and what differs becomes events.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/config/events.hpp"
#include "seaworthy/report/report.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::events {

/// Who speaks. Where cluster name or uid are empty, those of the last report are taken.
struct Identity {
    std::string cluster_name;
    std::string cluster_uid;
    std::string instance; ///< pod or host
    std::string version;  ///< of the product
};

/// Events that were committed, by metadata.event_code and by class (finding, summary, health).
struct Recorded {
    std::map<std::string, std::uint64_t, std::less<>> codes;
    std::map<std::string, std::uint64_t, std::less<>> classes;
    [[nodiscard]] std::uint64_t of(std::string_view code) const;
    [[nodiscard]] std::uint64_t total() const;
};

/// What a report does not say of its objects.
struct ObjectFacts {
    std::optional<state::Milliseconds> changed;              ///< when its specification last changed; nothing: long ago
    std::vector<std::pair<std::string, std::string>> labels; ///< all of them; `events.labels` chooses
};
/// Called during record(), a few times for an object. Must call neither store nor journal.
using ObjectFactsOf = std::function<ObjectFacts(const report::Object&)>;

/// Something about the daemon that receivers should know.
enum class HealthCode : std::uint8_t {
    daemon_started,
    daemon_stopping,
    config_reloaded,
    config_refused,
    audit_failed,
    sink_paused,
    sink_recovered,
    sink_disabled,
    events_dropped,
    spool_recovered,
    spool_failed,
    sink_test,
};
[[nodiscard]] std::string_view name(HealthCode code); ///< "daemon_started"

struct HealthDetail {
    std::string subject; ///< such as a sink's name; may be empty
    std::string reason;  ///< one word for machines: "unauthorized"; may be empty
    std::int64_t count = 0;
};

/// Writes events of one cluster. Any thread may call; calls follow one another.
///
/// A finding is a row of the store, found by its fingerprint. Each change of its state is a transition with the next revision, which
/// gives the event's uid; so the same history gives the same uids in every replica, also for what is recorded twice. Findings and their
/// events are written in one transaction, a thousand of them at most; a later audit goes on where a crash parted two.
///
/// - It opens after `events.open_after` audits in a row that show it (where the object changed less than `events.settle` ago, at a later
///   one; at the first audit of all at once), and closes after
///   `events.resolve_after` audits in a row that could look and did not see it. An unknown, a list that could not be read and a report
///   without results never close: such findings are `unevaluated`.
/// - More than `events.storm_per_check` findings of one check that open, reopen, are exempt from the start, become unevaluated or evaluated
///   again in one audit are one `finding_storm`. What closes is always told one by one.
/// - At the first audit `baseline: emit` tells each finding, without storms; `summary` those from high on; `silent` nothing at all.
/// - After events were given up, `events_dropped` says so, and when there is room again each open finding is told once as `finding_snapshot`.
class Journal {
public:
    using Clock = std::function<state::Milliseconds()>;

    /// `store` and `catalog` must outlive the journal. Without a clock it is the system's.
    Journal(state::Store& store, config::Events settings, Identity identity, std::span<const check::Control* const> catalog, Clock clock = {});
    ~Journal();
    Journal(const Journal&) = delete;
    Journal& operator=(const Journal&) = delete;

    /// Of the next report.
    void configure(config::Events settings);

    /// Gives what it wrote. A report that was recorded last gives nothing. Fails as Store::write() does; what of the report was not written
    /// is found again in the next.
    [[nodiscard]] Result<Recorded> record(const report::Report& report, const ObjectFactsOf& facts = {});

    /// Writes an event about the daemon. `message` and `detail` must be free of secrets; they are shortened and made printable.
    Result<void> health(HealthCode code, std::string_view message, const HealthDetail& detail = {});

    /// Lets the next audit tell all open findings as `finding_snapshot`, as is due after receivers lost events.
    Result<void> request_snapshot();

    /// Everything written since the journal was made.
    [[nodiscard]] Recorded committed() const;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

/// An event of code `sink_test` that is in no store: what `seaworthy sinks test` sends. Its message says that it stands for nothing.
[[nodiscard]] state::EventRow test_event(const Identity& identity, state::Milliseconds now);

} // namespace seaworthy::events

// SPDX-License-Identifier: Apache-2.0
// What outlives a restart, in one SQLite database: the states of findings, the events on their way to sinks with each sink's position, and
// observations for rules over a window.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"

namespace seaworthy::state {

/// Wall-clock time in milliseconds since 1970 UTC: OCSF's timestamp_t.
using Milliseconds = std::int64_t;

struct StoreOptions {
    std::string path;
    std::uint64_t max_bytes = std::uint64_t{256} << 20U; ///< of the database file, allocated at the first start; the WAL comes on top
    std::function<Milliseconds()> now;
};

/// What is remembered of one finding between audits. The words are those of the events: `status` a verdict's, `severity` a check's.
struct FindingRow {
    std::string uid; ///< its fingerprint
    std::string check;
    std::string resource; ///< apiVersion/Kind/namespace/name of what it is about, for people and for finding the object again
    std::string phase;    ///< of the state machine that owns the row (events)
    std::string status;
    std::string severity;
    std::int64_t episode = 0;  ///< how many times it has been opened
    std::int64_t revision = 0; ///< how many events it has caused
    Milliseconds first_seen = 0;
    Milliseconds last_change = 0;
    std::string memory; ///< what else the state machine keeps: JSON of its own making, at most 4 KiB
};

/// One event as sinks take it: the whole OCSF record, rendered once.
struct EventRow {
    std::int64_t sequence = 0; ///< never reused; set by the store
    std::string uid;           ///< metadata.uid: unique
    std::string finding;       ///< finding_info.uid; empty for events about something else
    std::string code;          ///< metadata.event_code
    std::string event_class;   ///< finding, summary or health
    int severity = 0;          ///< OCSF's severity_id
    std::string control;
    std::string check;
    std::string ns;
    Milliseconds created = 0;
    std::string body; ///< compact JSON in UTF-8, without a line feed
};

/// Events that were given up before a sink had them, since the last time that this was reported.
struct Dropped {
    std::int64_t count = 0;
    std::int64_t expired = 0; ///< of these, for their age; the others for lack of room
    std::int64_t first_sequence = 0;
    std::int64_t last_sequence = 0;
};

/// The changes of one transaction. Valid during the call that gets it.
class Writer {
public:
    virtual ~Writer() = default;
    /// The sequence that the next append() gives.
    [[nodiscard]] virtual Result<std::int64_t> next_sequence() = 0;
    virtual Result<void> put(const FindingRow& finding) = 0;
    virtual Result<void> erase_finding(std::string_view uid) = 0;
    /// False: an event with this uid is there already, and stays as it is. Makes room by giving up the oldest events, those that a later
    /// `finding_changed` of the same finding supersedes first.
    [[nodiscard]] virtual Result<bool> append(const EventRow& event) = 0;
    /// What was given up and not yet reported, this transaction included.
    [[nodiscard]] virtual Result<std::optional<Dropped>> dropped() = 0;
    virtual Result<void> dropped_reported() = 0;
    /// Small facts by name, such as "baseline". At most 4 KiB each.
    virtual Result<void> set_note(std::string_view name, std::string_view value) = 0;
};

struct Limits {
    std::size_t events = 500;
    std::size_t bytes = 900'000; ///< of bodies; one event is always given
};

/// Events that wait for a sink.
struct Pending {
    std::vector<EventRow> events; ///< ascending by sequence
    std::int64_t through = 0;     ///< everything up to here was looked at, what the filter left out included; 0: nothing is there
    /// The events are parked ones that are to be tried again, all of them before the sink's position, where `through` stays. Each is to be
    /// settled by unpark() or park() before asking again.
    bool retried = false;
};

struct Parked {
    EventRow event;
    std::string reason;
    int status = 0; ///< HTTP status of the refusal, or 0
    Milliseconds at = 0;
};

/// What waits for a sink, its parked events not counted.
struct Backlog {
    std::int64_t events = 0;
    std::int64_t bytes = 0;
    Milliseconds oldest = 0; ///< when the oldest was created; 0: none
    std::int64_t parked = 0;
    std::int64_t dropped = 0;   ///< since the store was made: for lack of room, and of the next two
    std::int64_t expired = 0;   ///< given up for their age
    std::int64_t discarded = 0; ///< parked, and then dropped by somebody
};

struct Observation {
    std::string key;
    Milliseconds at = 0;
    std::string value;
};

/// Which observations of a key stay.
enum class Keep : std::uint8_t {
    all,
    newest, ///< the one that was written last, whatever its time
};

/// Transactions that the disk did not let be, since the store was opened.
struct WriteFailures {
    std::int64_t count = 0;
    Milliseconds last = 0;  ///< when the last one was; 0: none
    std::string_view cause; ///< of the last one: io_error, disk_full, read_only or damaged
};

struct StoreUsage {
    std::uint64_t bytes = 0;    ///< of pages in use
    std::uint64_t capacity = 0; ///< of pages that may be in use
};

class Database;

/// Opened by one process at a time. Any thread may call; calls follow one another. A call that fails has changed nothing; where it
/// failed as the disk did, the next start may find it done all the same, and whole.
class Store {
public:
    /// Refuses network file systems (WAL needs shared memory), a database that another process has open, one of a later version, and a path
    /// that cannot be written; each with what to do. A corrupt database is moved aside and a new one begun: see quarantined().
    [[nodiscard]] static Result<std::unique_ptr<Store>> open(StoreOptions options);
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    /// Where the corrupt database was moved to at open(); empty: it was sound.
    [[nodiscard]] const std::string& quarantined() const;

    /// One transaction, synced to disk before this returns: all that `body` wrote, or nothing if it fails. `body` must not call the store.
    /// Up to 1,000 events of 4 kB with the findings they are about have room whatever the state of the disk.
    Result<void> write(const std::function<Result<void>(Writer&)>& body);

    /// `visit` must not call the store.
    Result<void> for_each_finding(const std::function<void(const FindingRow&)>& visit);
    [[nodiscard]] Result<std::optional<FindingRow>> finding(std::string_view uid);
    [[nodiscard]] Result<std::string> note(std::string_view name); ///< empty: not there

    /// Makes these the sinks. A new one starts at the oldest event that is there; the position of one that is gone is forgotten.
    Result<void> set_sinks(const std::vector<std::string>& names);
    /// What comes after the sink's position, or after `after` where that is later; but first, unless it is later, the parked events that are to
    /// be tried again. `wanted` is the sink's filter: it sees events without their bodies, and must not call the store. Where the filter leaves
    /// out many, there may be a `through` without events: acknowledge it and go on.
    [[nodiscard]] Result<Pending> pending(std::string_view sink, std::int64_t after, Limits limits,
                                          const std::function<bool(const EventRow&)>& wanted);
    /// The sink has everything up to `through`. What every sink has is deleted.
    Result<void> acknowledge(std::string_view sink, std::int64_t through);
    /// Sets one event of the sink aside, so that what follows can go on.
    Result<void> park(std::string_view sink, std::int64_t sequence, std::string_view reason, int status);
    /// The parked event was delivered, or is not wanted any more.
    Result<void> unpark(std::string_view sink, std::int64_t sequence);
    [[nodiscard]] Result<std::vector<Parked>> parked(std::string_view sink, std::size_t limit);
    /// Lets parked events be pending again. Gives how many.
    Result<std::int64_t> retry_parked(std::string_view sink);
    Result<std::int64_t> drop_parked(std::string_view sink);
    [[nodiscard]] Result<Backlog> backlog(std::string_view sink);
    /// Gives up events created before `time` that some sink does not have; counted as expired. Gives how many.
    Result<std::int64_t> drop_older_than(Milliseconds time);
    [[nodiscard]] Result<StoreUsage> usage();
    [[nodiscard]] WriteFailures write_failures() const;

    /// Remembers `value` under kind, key and time (a second one of the same time replaces the first), and forgets what of the kind is older
    /// than `oldest`. Each kind has a sixteenth of the database: beyond that its oldest are forgotten
    /// too.
    Result<void> observe(std::string_view kind, const std::vector<Observation>& observations, Milliseconds oldest, Keep keep = Keep::all);
    /// All of a kind, by key and time.
    [[nodiscard]] Result<std::vector<Observation>> observations(std::string_view kind);

private:
    explicit Store(std::unique_ptr<Database> database);
    std::unique_ptr<Database> m_database;
};

} // namespace seaworthy::state

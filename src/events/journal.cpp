// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/events/journal.hpp"

#include <algorithm>
#include <chrono>
#include <mutex>

#include <fmt/format.h>

#include "events/audit_plan.hpp"
#include "events/event_uid.hpp"
#include "events/journal_note.hpp"
#include "events/ocsf.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::events {
namespace {

using state::EventRow;
using state::Milliseconds;
using state::Writer;

constexpr std::size_t k_weight_at_most = 1'000; ///< of one transaction, for which the store has room (Store::write)
constexpr std::size_t k_storm_weight = 5;       ///< its event is about as long as so many others
constexpr std::size_t k_column_bytes = 250;     ///< of an event's columns, which hold 256: printable() adds an ellipsis
constexpr Milliseconds k_second = 1'000;
constexpr Milliseconds k_hour = 3'600'000;

constexpr std::string_view k_storm_code = "finding_storm";
constexpr std::string_view k_audit_code = "audit_completed";

void add(Recorded& to, const Recorded& counts)
{
    for (const auto& [code, count] : counts.codes)
        to.codes[code] += count;
    for (const auto& [name, count] : counts.classes)
        to.classes[name] += count;
}

Milliseconds system_now()
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// Appends events within one transaction and counts them.
class Appender {
public:
    Appender(Writer& writer, const Identity& identity, Milliseconds logged) : m_writer(writer), m_identity(identity), m_logged(logged) {}

    /// Completes `row`, whose uid, code, class and time (`created`) are set. `render` gives its body.
    Result<void> append(EventRow row, std::string_view audit, const std::function<std::string(const Frame&)>& render)
    {
        const auto sequence = m_writer.next_sequence();
        if (!sequence) return tl::make_unexpected(sequence.error());
        row.body = render({.identity = m_identity,
                           .uid = row.uid,
                           .sequence = *sequence,
                           .code = row.code,
                           .audit = audit,
                           .time = row.created,
                           .logged = m_logged});
        row.created = m_logged; // the spool's age limit goes by when it was written
        for (auto* column : {&row.control, &row.check, &row.ns})
            *column = printable(*column, k_column_bytes);
        const auto appended = m_writer.append(row);
        if (!appended) return tl::make_unexpected(appended.error());
        if (*appended) {
            ++m_counts.codes[row.code];
            ++m_counts.classes[row.event_class];
        }
        return {};
    }

    /// Says that events were given up, if so. True: it said so.
    Result<bool> tell_dropped()
    {
        const auto dropped = m_writer.dropped();
        if (!dropped) return tl::make_unexpected(dropped.error());
        if (!*dropped) return false;
        // First: to append may make room again, which is for the next time.
        SEAWORTHY_TRY(m_writer.dropped_reported());
        const auto [count, expired, first, last] = **dropped;
        const auto message =
            fmt::format("{} events, of sequences {} to {}, were given up before every sink had them: {} for lack of room, {} for their age", count,
                        first, last, count - expired, expired);
        const auto* const reason = expired == 0 ? "spool_full" : (expired == count ? "expired" : "spool_full_and_expired");
        const auto uid =
            event_uid({m_identity.cluster_uid, name(HealthCode::events_dropped), std::to_string(first), std::to_string(last), std::to_string(count)});
        SEAWORTHY_TRY(append_health(HealthCode::events_dropped, uid, message, {.subject = {}, .reason = reason, .count = count}));
        return true;
    }

    /// Says how often the database could not be written since `told`, if so. What was to be written then was not taken for written.
    Result<void> tell_failures(const state::WriteFailures& failures, std::int64_t told)
    {
        const auto count = failures.count - told;
        if (count <= 0) return {};
        const auto sequence = m_writer.next_sequence();
        if (!sequence) return tl::make_unexpected(sequence.error());
        const auto message =
            fmt::format("The state database works again; it could not be written {} times, the last at {}: findings are found again by the next "
                        "audit, and events whose delivery could not be noted are sent again",
                        count, format_rfc3339(Timestamp{failures.last / k_second}));
        const auto uid = event_uid({m_identity.cluster_uid, m_identity.instance, name(HealthCode::spool_failed), std::to_string(*sequence),
                                    std::to_string(failures.last), std::to_string(count)});
        return append_health(HealthCode::spool_failed, uid, message, {.subject = {}, .reason = std::string{failures.cause}, .count = count});
    }

    Result<void> append_health(HealthCode code, const std::string& uid, std::string_view message, const HealthDetail& detail)
    {
        const auto& facts = facts_of(code);
        EventRow row{.uid = uid,
                     .code = std::string{facts.name},
                     .event_class = std::string{facts.event_class},
                     .severity = facts.severity,
                     .created = m_logged};
        return append(std::move(row), {}, [&](const Frame& frame) { return render_health(frame, code, message, detail); });
    }

    [[nodiscard]] const Recorded& counts() const { return m_counts; }

private:
    Writer& m_writer;
    const Identity& m_identity;
    Milliseconds m_logged;
    Recorded m_counts;
};

} // namespace

std::uint64_t Recorded::of(std::string_view code) const
{
    const auto found = codes.find(code);
    return found == codes.end() ? 0 : found->second;
}

std::uint64_t Recorded::total() const
{
    std::uint64_t sum = 0;
    for (const auto& [code, count] : codes)
        sum += count;
    return sum;
}

class Journal::Impl {
public:
    Impl(state::Store& store, config::Events settings, Identity identity, std::span<const check::Control* const> catalog, Clock clock)
        : m_store(store), m_settings(std::move(settings)), m_identity(std::move(identity)), m_catalog(catalog),
          m_clock(clock ? std::move(clock) : Clock{system_now})
    {}

    void configure(config::Events settings)
    {
        const std::lock_guard lock{m_mutex};
        m_settings = std::move(settings);
    }

    Result<Recorded> record(const report::Report& report, const ObjectFactsOf& facts)
    {
        const std::lock_guard lock{m_mutex};
        if (m_identity.cluster_uid.empty()) m_identity.cluster_uid = report.cluster_uid;
        if (m_identity.cluster_name.empty()) m_identity.cluster_name = report.cluster_name;
        const auto note = JournalNote::read(m_store);
        if (!note) return tl::make_unexpected(note.error());
        const auto audit = fmt::format("{}@{}", report.uid, report.generated_at.known() ? report.generated_at.unix_seconds() : 0);
        if (note->audit == audit) return Recorded{};

        // The time of the audit, so that what is recorded later than it happened (or twice) is dated alike; without one, now.
        const Moment moment{m_settings, report.generated_at.known() ? report.generated_at.unix_seconds() * 1000 : m_clock(), audit,
                            note->baseline == 0};
        const AuditPlan::Mode mode{.baseline = note->baseline == 0, .snapshot = is_snapshot_due(*note, moment.now)};
        AuditPlan plan{report, m_catalog, moment, mode, facts};
        SEAWORTHY_TRY(m_store.for_each_finding([&](const state::FindingRow& row) { plan.take_row(row); }));
        plan.finish();
        return write({report, plan, moment, *note});
    }

    Result<void> health(HealthCode code, std::string_view message, const HealthDetail& detail)
    {
        const std::lock_guard lock{m_mutex};
        Recorded counts;
        auto note = JournalNote::read(m_store);
        if (!note) return tl::make_unexpected(note.error());
        const auto failures = m_store.write_failures();
        auto written = m_store.write([&](Writer& writer) -> Result<void> {
            Appender appender{writer, m_identity, m_clock()};
            SEAWORTHY_TRY(appender.tell_failures(failures, m_failures_told));
            const auto sequence = writer.next_sequence();
            if (!sequence) return tl::make_unexpected(sequence.error());
            // Unlike a finding's transition it has no history to be told from: each is another.
            const auto uid =
                event_uid({m_identity.cluster_uid, m_identity.instance, name(code), std::to_string(*sequence), std::to_string(m_clock()), message});
            SEAWORTHY_TRY(appender.append_health(code, uid, message, detail));
            const auto told = appender.tell_dropped();
            if (!told) return tl::make_unexpected(told.error());
            counts = appender.counts();
            if (!*told) return {};
            note->snapshot_wanted = true;
            note->losing = true;
            return note->write(writer);
        });
        if (!written) return written;
        m_failures_told = failures.count;
        count(counts);
        return {};
    }

    Result<void> request_snapshot()
    {
        const std::lock_guard lock{m_mutex};
        auto note = JournalNote::read(m_store);
        if (!note) return tl::make_unexpected(note.error());
        note->snapshot_wanted = true;
        note->snapshot_at = 0; // who asks need not wait
        note->losing = false;
        return m_store.write([&](Writer& writer) { return note->write(writer); });
    }

    [[nodiscard]] Recorded committed() const
    {
        const std::lock_guard lock{m_counts_mutex};
        return m_committed;
    }

private:
    void count(const Recorded& counts)
    {
        const std::lock_guard lock{m_counts_mutex};
        add(m_committed, counts);
    }

    /// Not while events are being lost, nor soon after the last: where a sink is down and the database full, snapshots would push out what is
    /// waiting.
    static bool is_snapshot_due(const JournalNote& note, Milliseconds now)
    {
        const bool is_recent = note.snapshot_at <= now && now - note.snapshot_at < k_hour; // later than now: the clock was put back
        return note.snapshot_wanted && !note.losing && note.baseline != 0 && (note.snapshot_at == 0 || !is_recent);
    }

    /// One audit on its way into the store.
    struct Audit {
        const report::Report& report;
        AuditPlan& plan;
        const Moment& moment;
        const JournalNote& note; ///< before it
        std::size_t next = 0;    ///< of the plan, what was not written yet
    };

    Result<Recorded> write(Audit audit)
    {
        Recorded all;
        for (bool first = true; first || audit.next < audit.plan.size(); first = false) {
            Recorded counts;
            const auto failures = m_store.write_failures();
            const auto written = m_store.write([&](Writer& writer) -> Result<void> {
                Appender appender{writer, m_identity, m_clock()};
                SEAWORTHY_TRY(appender.tell_failures(failures, m_failures_told));
                auto done = write_part(writer, appender, audit, first);
                counts = appender.counts();
                return done;
            });
            if (!written) return tl::make_unexpected(written.error());
            m_failures_told = failures.count;
            add(all, counts);
            count(counts);
        }
        return all;
    }

    Result<void> write_part(Writer& writer, Appender& appender, Audit& audit, bool first)
    {
        std::size_t weight = 0;
        if (first) {
            // Before the findings: were they written and this not, nobody would ever hear of them.
            for (const auto& storm : audit.plan.storms())
                SEAWORTHY_TRY(append_storm(appender, storm, audit));
            weight = std::min(audit.plan.storms().size() * k_storm_weight, k_weight_at_most - 1);
        }
        for (; audit.next < audit.plan.size() && weight < k_weight_at_most; ++audit.next, ++weight)
            SEAWORTHY_TRY(write_change(writer, appender, audit, audit.plan.take(audit.next)));
        if (audit.next < audit.plan.size()) return {};
        return close_audit(writer, appender, audit);
    }

    Result<void> write_change(Writer& writer, Appender& appender, const Audit& audit, const PlannedChange& change)
    {
        const auto& [standing, step, result, labels] = change;
        if (step.forgotten) return writer.erase_finding(standing.row.uid);
        if (!step.changed) return {};
        auto row = seal(standing);
        SEAWORTHY_TRY(writer.put(row));
        if (!step.transition) return {};
        const auto in_catalog = audit.plan.row_of(row.check);
        EventRow event{.uid = event_uid({m_identity.cluster_uid, row.uid, std::to_string(row.episode), std::to_string(row.revision)}),
                       .finding = row.uid,
                       .code = std::string{facts_of(*step.transition).code},
                       .event_class = "finding",
                       .severity = severity_id(check::parse_severity(row.severity).value_or(check::Severity::info)),
                       .control = in_catalog.control != nullptr ? std::string{in_catalog.control->id} : std::string{},
                       .check = row.check,
                       .ns = standing.memory.ns,
                       .created = audit.moment.now};
        const Telling telling{standing, *step.transition, step.from, in_catalog, audit.report, result, labels};
        return appender.append(std::move(event), audit.report.uid, [&](const Frame& frame) { return render_finding(frame, telling); });
    }

    Result<void> append_storm(Appender& appender, const Storm& storm, const Audit& audit)
    {
        EventRow event{.uid = event_uid({m_identity.cluster_uid, k_storm_code, facts_of(storm.transition).name, storm.check, storm.fingerprints}),
                       .code = std::string{k_storm_code},
                       .event_class = "finding",
                       .severity = severity_id(storm.severity),
                       .control = storm.row.control != nullptr ? std::string{storm.row.control->id} : std::string{},
                       .check = storm.check,
                       .created = audit.moment.now};
        return appender.append(std::move(event), audit.report.uid, [&](const Frame& frame) { return render_storm(frame, storm, audit.report); });
    }

    /// The end of the last transaction: what the audit was, and that it was recorded.
    Result<void> close_audit(Writer& writer, Appender& appender, const Audit& audit)
    {
        const auto& [report, plan, moment, before, next] = audit;
        auto note = before;
        for (const auto& uid : plan.forgotten())
            SEAWORTHY_TRY(writer.erase_finding(uid));
        if (is_heartbeat_due(note, moment, plan.tally().baseline)) {
            note.heartbeat = moment.now;
            EventRow event{.uid = event_uid({m_identity.cluster_uid, k_audit_code, moment.audit}),
                           .code = std::string{k_audit_code},
                           .event_class = "summary",
                           .severity = 1,
                           .created = moment.now};
            const auto render = [&](const Frame& frame) { return render_audit(frame, audit.report, audit.plan.tally()); };
            SEAWORTHY_TRY(appender.append(std::move(event), report.uid, render));
        }
        if (is_snapshot_due(before, moment.now)) {
            note.snapshot_wanted = false;
            note.snapshot_at = moment.now;
        }
        const auto told = appender.tell_dropped();
        if (!told) return tl::make_unexpected(told.error());
        note.snapshot_wanted = note.snapshot_wanted || *told;
        note.losing = *told;
        note.audit = moment.audit;
        if (note.baseline == 0) note.baseline = moment.now;
        return note.write(writer);
    }

    static bool is_heartbeat_due(const JournalNote& note, const Moment& moment, bool baseline)
    {
        using config::Events;
        if (baseline && moment.settings.baseline == Events::Baseline::silent) return false;
        if (baseline && moment.settings.baseline == Events::Baseline::summary) return true;
        switch (moment.settings.heartbeat) {
        case Events::Heartbeat::every_audit: return true;
        case Events::Heartbeat::hourly: return moment.now - note.heartbeat >= k_hour || moment.now < note.heartbeat;
        case Events::Heartbeat::off: break;
        }
        return false;
    }

    std::mutex m_mutex;
    mutable std::mutex m_counts_mutex; ///< its own: who asks for counts waits for no audit
    state::Store& m_store;
    config::Events m_settings;
    Identity m_identity;
    std::span<const check::Control* const> m_catalog;
    Clock m_clock;
    Recorded m_committed;
    std::int64_t m_failures_told = 0; ///< of the store's count
};

Journal::Journal(state::Store& store, config::Events settings, Identity identity, std::span<const check::Control* const> catalog, Clock clock)
    : m_impl(std::make_unique<Impl>(store, std::move(settings), std::move(identity), catalog, std::move(clock)))
{}

Journal::~Journal() = default;

void Journal::configure(config::Events settings)
{
    m_impl->configure(std::move(settings));
}

Result<Recorded> Journal::record(const report::Report& report, const ObjectFactsOf& facts)
{
    return m_impl->record(report, facts);
}

Result<void> Journal::health(HealthCode code, std::string_view message, const HealthDetail& detail)
{
    return m_impl->health(code, message, detail);
}

Result<void> Journal::request_snapshot()
{
    return m_impl->request_snapshot();
}

Recorded Journal::committed() const
{
    return m_impl->committed();
}

EventRow test_event(const Identity& identity, Milliseconds now)
{
    const auto& facts = facts_of(HealthCode::sink_test);
    EventRow row{.uid = event_uid({identity.cluster_uid, identity.instance, facts.name, std::to_string(now)}),
                 .code = std::string{facts.name},
                 .event_class = std::string{facts.event_class},
                 .severity = facts.severity,
                 .created = now};
    row.body = render_health({.identity = identity, .uid = row.uid, .code = row.code, .time = now, .logged = now}, HealthCode::sink_test,
                             "A test of this destination: it stands for no finding", {});
    return row;
}

} // namespace seaworthy::events

// SPDX-License-Identifier: Apache-2.0
#include "app/auditor.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "app/process.hpp"

namespace seaworthy::app {

namespace {

/// Gaps that may be gone with the next audit: the last whole report says more than a new one with a hole.
bool is_transient(const model::Gap& gap)
{
    return gap.reason == model::Reason::timeout || gap.reason == model::Reason::unavailable;
}

bool has_transient_gap(const report::Report& report)
{
    return std::ranges::any_of(report.gaps, is_transient);
}

constexpr int k_intervals_held_back = 3;

std::string_view failure_reason(const Error& error, bool stopped)
{
    if (stopped) return "cancelled";
    switch (error.kind) {
    case Error::Kind::unreachable: return "api_unreachable";
    case Error::Kind::unauthorized:
    case Error::Kind::forbidden: return "forbidden";
    case Error::Kind::cancelled: return "timeout";
    case Error::Kind::invalid_input:
    case Error::Kind::protocol: return "decode";
    case Error::Kind::usage:
    case Error::Kind::not_found:
    case Error::Kind::internal: return "internal";
    }
    return "internal";
}

std::uint32_t excluded_namespaces(const AuditRun& run)
{
    const auto found = run.objects.find("namespaces");
    const auto all = found == run.objects.end() ? 0 : found->second;
    return static_cast<std::uint32_t>(all - std::min<std::uint64_t>(all, run.report->namespaces.size()));
}

} // namespace

/// Hands what the source does to metrics and log.
class Auditor::Observer : public kube::SourceObserver {
public:
    Observer(publish::SelfMetrics& metrics, Log& log) : m_metrics(metrics), m_log(log) {}

    void request_done(const kube::RequestRecord& record) override
    {
        if (record.failure.empty()) {
            m_metrics.kube_request(record.verb, record.code, record.duration.count());
        } else {
            m_metrics.kube_request_failed(record.verb, record.failure, record.duration.count());
        }
    }
    void throttled(std::chrono::duration<double> pause) override { m_metrics.kube_throttled(pause.count()); }
    void credential_refresh_failed(std::string_view source) override
    {
        m_metrics.kube_credential_refresh_failed(source);
        m_log.warn("credentials could not be renewed; the old ones stay", {{"source", std::string{source}}});
    }
    void warning(std::string_view message) override { m_log.warn(message); }

private:
    publish::SelfMetrics& m_metrics;
    Log& m_log;
};

Auditor::Auditor(Parts parts) : m_parts(std::move(parts)), m_observer(std::make_unique<Observer>(m_parts.metrics, m_parts.log)) {}

Auditor::~Auditor() = default;

void Auditor::forget_source()
{
    m_source.reset();
}

bool Auditor::audit(const config::Config& config, std::string_view trigger, const std::stop_token& stop)
{
    m_parts.metrics.audit_started(trigger, m_parts.now());
    m_parts.publication.audit_started(m_parts.now());
    m_parts.log.debug("audit started", {{"trigger", std::string{trigger}}});
    auto result = run(config, stop);
    const auto at = m_parts.now();
    if (stop.stop_requested() && result && has_transient_gap(*result->report))
        result = failure(Error::Kind::cancelled, "the audit was stopped before it was done");
    if (!result) {
        give_up(result.error(), stop.stop_requested(), at);
        return false;
    }
    if (is_held_back(*result->report, config.audit, at)) {
        hold_back(*result->report, at);
        return false;
    }
    publish(std::move(*result), config, at);
    return true;
}

Result<AuditRun> Auditor::run(const config::Config& config, const std::stop_token& stop)
{
    // An exception here is a defect or a lack of memory; either way the daemon goes on with the report that it has.
    try {
        if (!m_source) {
            auto source = m_parts.make_source(config, m_observer.get());
            if (!source) return tl::make_unexpected(source.error());
            m_source = std::move(*source);
        }
        return run_audit(*m_source, config, {}, stop);
    } catch (const std::exception& error) {
        m_source.reset();
        return failure(Error::Kind::internal, fmt::format("internal error: {}", error.what()));
    }
}

bool Auditor::is_held_back(const report::Report& report, const config::Audit& audit, Timestamp at) const
{
    if (!m_published || has_transient_gap(*m_published) || !has_transient_gap(report)) return false;
    return std::chrono::milliseconds{m_published_at.age(at).value_or(seconds{0})} < k_intervals_held_back * audit.interval;
}

void Auditor::hold_back(const report::Report& report, Timestamp at)
{
    const auto gap = *std::ranges::find_if(report.gaps, is_transient);
    const auto message =
        fmt::format("{} could not be read ({}); the report of {} stays", gap.resource, model::name(gap.reason), format_rfc3339(m_published_at));
    m_parts.metrics.audit_failed(gap.reason == model::Reason::timeout ? "timeout" : "api_unreachable");
    m_parts.publication.audit_failed(message, at);
    m_parts.log.warn("audit incomplete", {{"reason", message}, {"detail", gap.message}});
}

void Auditor::publish(AuditRun run, const config::Config& config, Timestamp at)
{
    const auto start = std::chrono::steady_clock::now();
    const auto edition = m_parts.publication.publish(run.report, imprint_of(config), config.metrics, at);
    const std::chrono::duration<double> publishing = std::chrono::steady_clock::now() - start;
    m_published = run.report;
    m_published_at = at;

    publish::SelfMetrics::Audit facts;
    facts.phase_seconds = {{"list", run.read_seconds}, {"evaluate", run.evaluate_seconds}, {"publish", publishing.count()}};
    facts.audited_namespaces = static_cast<std::uint32_t>(run.report->namespaces.size());
    facts.excluded_namespaces = excluded_namespaces(run);
    facts.objects = std::move(run.objects);
    facts.accessible = std::move(run.accessible);
    facts.duration_seconds = run.report->duration_seconds;
    m_parts.metrics.audit_succeeded(std::move(facts), at);
    m_parts.metrics.set_dropped_series(edition->families.dropped_series);
    const auto& score = run.report->score.score;
    m_parts.log.info("audit published", {{"namespaces", std::to_string(run.report->namespaces.size())},
                                         {"score", score ? fmt::format("{:.1f}", *score) : "none"},
                                         {"gaps", std::to_string(run.report->gaps.size())},
                                         {"seconds", fmt::format("{:.2f}", run.report->duration_seconds)}});
    if (m_parts.after_audit) m_parts.after_audit(run.report.get(), {});
    trim_memory(); // the report that was replaced
}

void Auditor::give_up(const Error& error, bool stopped, Timestamp at)
{
    m_parts.metrics.audit_failed(failure_reason(error, stopped));
    m_parts.publication.audit_failed(error.message, at);
    Log::Fields fields{{"reason", error.message}};
    if (!error.hint.empty()) fields.emplace_back("hint", error.hint);
    if (m_published) fields.emplace_back("reportOf", format_rfc3339(m_published_at));
    if (stopped) {
        m_parts.log.info("audit stopped", fields);
    } else {
        m_parts.log.error("audit failed", fields);
        if (m_parts.after_audit) m_parts.after_audit(nullptr, error.message);
    }
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/self_metrics.hpp"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "publish/metrics/families.hpp"
#include "publish/metrics/process.hpp"
#include "seaworthy/http/server.hpp"

namespace seaworthy::publish {

namespace {

const prometheus::Histogram::BucketBoundaries k_kube_buckets{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30};
const prometheus::Histogram::BucketBoundaries k_http_buckets{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};

#if defined(__clang__)
constexpr std::string_view k_compiler = "clang " __clang_version__;
#else
constexpr std::string_view k_compiler = "gcc " __VERSION__;
#endif

/// Labels of a series by the metric's row, values outside the table's set replaced: what is counted never decides how many series there are.
prometheus::Labels labels_for(const Metric& metric, std::initializer_list<std::string_view> values)
{
    prometheus::Labels labels;
    auto value = values.begin();
    for (const auto name : label_names(metric)) {
        const auto allowed = label_values(metric, name);
        const bool known = allowed.empty() || std::ranges::find(allowed, *value) != allowed.end();
        labels.emplace(name, known ? *value : std::string_view{"other"});
        ++value;
    }
    return labels;
}

std::string code_text(int code)
{
    return code >= 100 && code <= 599 ? std::to_string(code) : "other";
}

/// One sample that is made at the scrape from state held elsewhere.
struct Row {
    std::vector<std::string> labels;
    double value = 0;
};
using Rows = std::map<std::string_view, std::vector<Row>>;

void add_process_rows(Rows& rows)
{
    const auto facts = read_process_facts();
    const auto add = [&](std::string_view name, std::optional<double> value) {
        if (value) rows[name].push_back({{}, *value});
    };
    add("process_cpu_seconds_total", facts.cpu_seconds);
    add("process_max_fds", facts.max_fds);
    add("process_open_fds", facts.open_fds);
    add("process_resident_memory_bytes", facts.resident_bytes);
    add("process_start_time_seconds", facts.start_time_seconds);
    add("process_virtual_memory_bytes", facts.virtual_bytes);
}

void add_audit_rows(Rows& rows, const SelfMetrics::Audit& audit)
{
    rows["seaworthy_audit_last_duration_seconds"].push_back({{}, audit.duration_seconds});
    auto& namespaces = rows["seaworthy_audit_namespaces"];
    namespaces.push_back({{"audited"}, double(audit.audited_namespaces)});
    namespaces.push_back({{"excluded"}, double(audit.excluded_namespaces)});
    namespaces.push_back({{"failed"}, double(audit.failed_namespaces)});
    for (const auto& [resource, count] : audit.objects)
        rows["seaworthy_audit_objects"].push_back({{resource}, static_cast<double>(count)});
    for (const auto& [phase, seconds] : audit.phase_seconds)
        rows["seaworthy_audit_phase_duration_seconds"].push_back({{phase}, seconds});
    for (const auto& [resource, accessible] : audit.accessible)
        rows["seaworthy_audit_resource_accessible"].push_back({{resource}, accessible ? 1.0 : 0.0});
}

void add_http_rows(Rows& rows, const http::Counters& counters)
{
    rows["seaworthy_http_connections"].push_back({{}, static_cast<double>(counters.connections)});
    auto& rejected = rows["seaworthy_http_connections_rejected_total"];
    rejected.push_back({{"limit"}, static_cast<double>(counters.rejected_limit)});
    rejected.push_back({{"deadline"}, static_cast<double>(counters.rejected_deadline)});
    rejected.push_back({{"malformed"}, static_cast<double>(counters.rejected_malformed)});
    rejected.push_back({{"too_large"}, static_cast<double>(counters.rejected_too_large)});
}

void add_counts(Rows& rows, std::string_view metric, const std::string& sink, const std::map<std::string, std::uint64_t>& counts)
{
    for (const auto& [reason, count] : counts)
        rows[metric].push_back({{sink, reason}, static_cast<double>(count)});
}

void add_sink_rows(Rows& rows, const SinkFacts& sink)
{
    rows["seaworthy_sink_events_total"].push_back({{sink.name}, static_cast<double>(sink.events)});
    add_counts(rows, "seaworthy_sink_event_failures_total", sink.name, sink.failures);
    add_counts(rows, "seaworthy_sink_retries_total", sink.name, sink.retries);
    add_counts(rows, "seaworthy_sink_events_dropped_total", sink.name, sink.dropped);
    rows["seaworthy_sink_parked"].push_back({{sink.name}, static_cast<double>(sink.parked)});
    rows["seaworthy_sink_queue_length"].push_back({{sink.name}, static_cast<double>(sink.queue_length)});
    rows["seaworthy_sink_queue_bytes"].push_back({{sink.name}, static_cast<double>(sink.queue_bytes)});
    rows["seaworthy_sink_state"].push_back({{sink.name, sink.state}, 1});
    rows["seaworthy_sink_up"].push_back({{sink.name}, sink.is_up() ? 1.0 : 0.0});
    if (sink.last_success) rows["seaworthy_sink_last_success_timestamp_seconds"].push_back({{sink.name}, *sink.last_success});
    if (sink.oldest) rows["seaworthy_spool_oldest_event_timestamp_seconds"].push_back({{sink.name}, *sink.oldest});
}

void add_delivery_rows(Rows& rows, const DeliveryFacts& delivery)
{
    for (const auto& sink : delivery.sinks)
        add_sink_rows(rows, sink);
    for (const auto& [event_class, count] : delivery.committed)
        rows["seaworthy_spool_events_total"].push_back({{event_class}, static_cast<double>(count)});
    rows["seaworthy_spool_bytes"].push_back({{}, static_cast<double>(delivery.spool_bytes)});
    rows["seaworthy_spool_write_failures_total"].push_back({{}, static_cast<double>(delivery.spool_write_failures)});
    rows["seaworthy_spool_capacity_bytes"].push_back({{}, static_cast<double>(delivery.spool_capacity_bytes)});
}

/// A sample's label values in the order of the metric's row; the registry keeps them by name.
std::vector<std::string_view> ordered_values(const std::vector<std::string_view>& names, const prometheus::ClientMetric& sample)
{
    std::vector<std::string_view> values;
    for (const auto name : names) {
        const auto found = std::ranges::find(sample.label, name, &prometheus::ClientMetric::Label::name);
        values.push_back(found == sample.label.end() ? std::string_view{} : std::string_view{found->value});
    }
    return values;
}

void write_family(FamilyWriter& out, const Metric& metric, const prometheus::MetricFamily& family)
{
    const auto names = label_names(metric);
    for (const auto& sample : family.metric) {
        const auto values = ordered_values(names, sample);
        if (metric.type == MetricType::histogram) {
            HistogramSample histogram{{}, sample.histogram.sample_sum, sample.histogram.sample_count};
            for (const auto& bucket : sample.histogram.bucket)
                histogram.buckets.emplace_back(bucket.upper_bound, bucket.cumulative_count);
            out.add(values, histogram);
        } else {
            out.add(values, metric.type == MetricType::counter ? sample.counter.value : sample.gauge.value);
        }
    }
}

} // namespace

struct SelfMetrics::State {
    prometheus::Registry registry;

    mutable std::mutex mutex; // guards what follows
    std::optional<Audit> audit;
    std::function<http::Counters()> http_counters;
    std::function<DeliveryFacts()> delivery;
    bool leading = false;
    ConfigurationFacts configuration;

    prometheus::Counter& counter(std::string_view name, std::initializer_list<std::string_view> values = {})
    {
        const auto& row = metric(name);
        auto& family = prometheus::BuildCounter().Name(std::string{row.name}).Help(std::string{row.help}).Register(registry);
        return family.Add(labels_for(row, values));
    }
    prometheus::Gauge& gauge(std::string_view name, std::initializer_list<std::string_view> values = {})
    {
        const auto& row = metric(name);
        auto& family = prometheus::BuildGauge().Name(std::string{row.name}).Help(std::string{row.help}).Register(registry);
        return family.Add(labels_for(row, values));
    }
    void observe(std::string_view name, std::string_view value, const prometheus::Histogram::BucketBoundaries& buckets, double seconds)
    {
        const auto& row = metric(name);
        auto& family = prometheus::BuildHistogram().Name(std::string{row.name}).Help(std::string{row.help}).Register(registry);
        family.Add(labels_for(row, {value}), buckets).Observe(seconds);
    }
    /// Exports 0 for every value of a counter's one label, so that the first event is an increase.
    void start_at_zero(std::string_view name)
    {
        const auto& row = metric(name);
        if (row.labels.empty())
            counter(name);
        else
            for (const auto value : label_values(row, row.labels))
                counter(name, {value});
    }
};

SelfMetrics::SelfMetrics(const Build& build) : m_state(std::make_unique<State>())
{
    for (const std::string_view name : {"seaworthy_audit_failures_total", "seaworthy_audit_runs_total",
                                        "seaworthy_kube_credential_refresh_failures_total", "seaworthy_kube_throttled_seconds_total",
                                        "seaworthy_leader_transitions_total", "seaworthy_log_messages_dropped_total", "seaworthy_log_messages_total"})
        m_state->start_at_zero(name);
    m_state->gauge("seaworthy_build_info", {build.version, build.revision, k_compiler}).Set(1);
    m_state->gauge("seaworthy_leader").Set(0);
    m_state->gauge("seaworthy_metrics_dropped_series", {"namespace_limit"}).Set(0);
}

SelfMetrics::~SelfMetrics() = default;

void SelfMetrics::set_audit_interval(double interval_seconds)
{
    m_state->gauge("seaworthy_audit_interval_seconds").Set(interval_seconds);
}

void SelfMetrics::audit_started(std::string_view trigger, Timestamp now)
{
    m_state->counter("seaworthy_audit_runs_total", {trigger}).Increment();
    m_state->gauge("seaworthy_audit_last_attempt_timestamp_seconds").Set(static_cast<double>(now.unix_seconds()));
}

void SelfMetrics::audit_succeeded(Audit audit, Timestamp now)
{
    m_state->gauge("seaworthy_audit_last_run_successful").Set(1);
    m_state->gauge("seaworthy_audit_last_success_timestamp_seconds").Set(static_cast<double>(now.unix_seconds()));
    const std::lock_guard lock{m_state->mutex};
    m_state->audit = std::move(audit);
}

void SelfMetrics::audit_failed(std::string_view reason)
{
    m_state->counter("seaworthy_audit_failures_total", {reason}).Increment();
    m_state->gauge("seaworthy_audit_last_run_successful").Set(0);
}

void SelfMetrics::kube_request(std::string_view verb, int code, double duration_seconds)
{
    m_state->counter("seaworthy_kube_requests_total", {verb, code_text(code)}).Increment();
    m_state->observe("seaworthy_kube_request_duration_seconds", verb, k_kube_buckets, duration_seconds);
}

void SelfMetrics::kube_request_failed(std::string_view verb, std::string_view reason, double duration_seconds)
{
    m_state->counter("seaworthy_kube_request_failures_total", {verb, reason}).Increment();
    m_state->observe("seaworthy_kube_request_duration_seconds", verb, k_kube_buckets, duration_seconds);
}

void SelfMetrics::kube_throttled(double waited_seconds)
{
    m_state->counter("seaworthy_kube_throttled_seconds_total").Increment(waited_seconds);
}

void SelfMetrics::kube_credential_refresh_failed(std::string_view source)
{
    m_state->counter("seaworthy_kube_credential_refresh_failures_total", {source}).Increment();
}

void SelfMetrics::http_request(std::string_view handler, int code, double duration_seconds)
{
    m_state->counter("seaworthy_http_requests_total", {handler, code_text(code)}).Increment();
    m_state->observe("seaworthy_http_request_duration_seconds", handler, k_http_buckets, duration_seconds);
}

void SelfMetrics::set_http_counters(std::function<http::Counters()> source)
{
    const std::lock_guard lock{m_state->mutex};
    m_state->http_counters = std::move(source);
}

void SelfMetrics::set_delivery(std::function<DeliveryFacts()> source)
{
    const std::lock_guard lock{m_state->mutex};
    m_state->delivery = std::move(source);
}

void SelfMetrics::config_loaded(Timestamp now, std::uint64_t hash)
{
    m_state->gauge("seaworthy_config_last_reload_successful").Set(1);
    m_state->gauge("seaworthy_config_last_reload_success_timestamp_seconds").Set(static_cast<double>(now.unix_seconds()));
    constexpr std::uint64_t k_exact_in_a_double = (std::uint64_t{1} << 48U) - 1;
    m_state->gauge("seaworthy_config_hash").Set(static_cast<double>(hash & k_exact_in_a_double));
    const std::lock_guard lock{m_state->mutex};
    m_state->configuration = {now, false};
}

void SelfMetrics::config_reload_failed()
{
    m_state->gauge("seaworthy_config_last_reload_successful").Set(0);
    const std::lock_guard lock{m_state->mutex};
    m_state->configuration.newest_refused = true;
}

SelfMetrics::ConfigurationFacts SelfMetrics::configuration() const
{
    const std::lock_guard lock{m_state->mutex};
    return m_state->configuration;
}

std::optional<DeliveryFacts> SelfMetrics::delivery() const
{
    const std::lock_guard lock{m_state->mutex};
    if (!m_state->delivery) return std::nullopt;
    return m_state->delivery();
}

void SelfMetrics::set_leader(bool leading)
{
    const std::lock_guard lock{m_state->mutex};
    if (leading && !m_state->leading) m_state->counter("seaworthy_leader_transitions_total").Increment();
    m_state->leading = leading;
    m_state->gauge("seaworthy_leader").Set(leading ? 1 : 0);
}

void SelfMetrics::log_message(std::string_view level)
{
    m_state->counter("seaworthy_log_messages_total", {level}).Increment();
}

void SelfMetrics::log_messages_dropped(std::uint64_t count)
{
    m_state->counter("seaworthy_log_messages_dropped_total").Increment(static_cast<double>(count));
}

void SelfMetrics::set_dropped_series(std::size_t series)
{
    m_state->gauge("seaworthy_metrics_dropped_series", {"namespace_limit"}).Set(static_cast<double>(series));
}

RenderedFamilies SelfMetrics::render() const
{
    Rows rows;
    add_process_rows(rows);
    {
        const std::lock_guard lock{m_state->mutex};
        if (m_state->audit) add_audit_rows(rows, *m_state->audit);
        if (m_state->http_counters) add_http_rows(rows, m_state->http_counters());
        if (m_state->delivery) add_delivery_rows(rows, m_state->delivery());
    }
    const auto collected = m_state->registry.Collect();
    std::map<std::string_view, const prometheus::MetricFamily*> families;
    for (const auto& family : collected)
        families.emplace(family.name, &family);

    FamilyWriter out;
    for (const auto& row : metrics()) {
        const auto family = families.find(row.name);
        const auto made = rows.find(row.name);
        if (family == families.end() && made == rows.end()) continue;
        out.begin(row);
        if (family != families.end()) write_family(out, row, *family->second);
        if (made != rows.end())
            for (const auto& sample : made->second)
                out.add(std::vector<std::string_view>{sample.labels.begin(), sample.labels.end()}, sample.value);
    }
    return out.finish(0);
}

} // namespace seaworthy::publish

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>

#include "seaworthy/publish/metrics.hpp"

namespace seaworthy::publish {

namespace {

constexpr auto k_gauge = MetricType::gauge;
constexpr auto k_counter = MetricType::counter;
constexpr auto k_histogram = MetricType::histogram;
constexpr auto k_info = MetricType::info;
constexpr auto k_stable = Stability::stable;
constexpr auto k_experimental = Stability::experimental;

constexpr std::string_view k_handlers =
    "handler=overview|namespace|controls|control|findings|tenants|exemptions|status|"
    "api_report|api_namespaces|api_namespace|api_controls|api_control|api_findings|api_tenants|api_trend|api_changes|api_exemptions|"
    "api_status|api_audit|openapi|metrics|asset|other";
constexpr std::string_view k_statuses = "status=pass|warn|fail|unknown|not_applicable";

// What the compliance families say is as old as the last audit; each says so, for a scrape shows it with the scrape's own time.
constexpr Metric k_metrics[] = {
    {"process_cpu_seconds_total", k_counter, "", "Processor time that the daemon has used, user and system."},
    {"process_max_fds", k_gauge, "", "File descriptors that the daemon may have open."},
    {"process_open_fds", k_gauge, "", "File descriptors that the daemon has open."},
    {"process_resident_memory_bytes", k_gauge, "", "Resident memory of the daemon."},
    {"process_start_time_seconds", k_gauge, "", "When the daemon started, in seconds since 1970."},
    {"process_virtual_memory_bytes", k_gauge, "", "Virtual memory of the daemon."},
    {"seaworthy_attestations", k_gauge, "control",
     "Verdicts of the control that rest on a configured attestation instead of an observation, as of the last successful audit."},
    {"seaworthy_audit_failures_total", k_counter, "reason", "Audits that did not come to an end.", k_stable,
     "reason=api_unreachable|forbidden|timeout|decode|internal|cancelled"},
    {"seaworthy_audit_interval_seconds", k_gauge, "", "Configured time between two audits."},
    {"seaworthy_audit_last_attempt_timestamp_seconds", k_gauge, "", "When the last audit started, in seconds since 1970."},
    {"seaworthy_audit_last_duration_seconds", k_gauge, "", "How long the last successful audit took."},
    {"seaworthy_audit_last_run_successful", k_gauge, "", "1 if the last finished audit was successful, 0 if it failed."},
    {"seaworthy_audit_last_success_timestamp_seconds", k_gauge, "", "When the last successful audit ended, in seconds since 1970."},
    {"seaworthy_audit_namespaces", k_gauge, "outcome", "Namespaces by what the last successful audit did with them.", k_stable,
     "outcome=audited|excluded|failed"},
    {"seaworthy_audit_objects", k_gauge, "resource", "Objects that the last successful audit read."},
    {"seaworthy_audit_phase_duration_seconds", k_gauge, "phase", "How long each phase of the last successful audit took.", k_stable,
     "phase=discover|list|evaluate|publish|forward"},
    {"seaworthy_audit_resource_accessible", k_gauge, "resource",
     "1 if the last successful audit could list the resource, 0 if it could not and checks that need it are unknown. No series: not served."},
    {"seaworthy_audit_runs_total", k_counter, "trigger", "Audits that were started.", k_stable, "trigger=interval|watch|api|startup"},
    {"seaworthy_build_info", k_info, "version,revision,compiler", "The build of the daemon; always 1."},
    {"seaworthy_cluster_check_status", k_gauge, "check,status",
     "1 for the worst status of a cluster-scoped check as of the last successful audit; other statuses have no series.", k_stable, k_statuses},
    {"seaworthy_cluster_control_score_ratio", k_gauge, "control",
     "Score of the control over the cluster, 0 to 1, as of the last successful audit. No series where nothing was judged."},
    {"seaworthy_cluster_control_status", k_gauge, "control,status",
     "1 for the worst status of the control in the cluster as of the last successful audit; other statuses have no series.", k_stable, k_statuses},
    {"seaworthy_cluster_coverage_ratio", k_gauge, "",
     "Share of what applies to the cluster that could be judged, 0 to 1, as of the last successful audit."},
    {"seaworthy_cluster_points", k_gauge, "",
     "Points that the cluster has: weights of the controls times their scores, as of the last successful audit."},
    {"seaworthy_cluster_points_possible", k_gauge, "", "Points that the cluster could have, as of the last successful audit."},
    {"seaworthy_cluster_score_ratio", k_gauge, "", "Weighted score of the cluster, 0 to 1, exemptions not counted, as of the last successful audit."},
    {"seaworthy_config_hash", k_gauge, "", "A number that stands for the configuration in use; equal for equal files."},
    {"seaworthy_config_last_reload_success_timestamp_seconds", k_gauge, "", "When a configuration was last taken into use, in seconds since 1970."},
    {"seaworthy_config_last_reload_successful", k_gauge, "",
     "1 if the last change of the configuration file was taken into use, 0 if it was refused."},
    {"seaworthy_control_info", k_info, "control,step,title", "The controls, for joins on their titles; always 1.", k_stable, "step=1…16|advice"},
    {"seaworthy_control_weight", k_gauge, "control", "Weight of the control in the scores."},
    {"seaworthy_http_connections", k_gauge, "", "Open connections of the main listener."},
    {"seaworthy_http_connections_rejected_total", k_counter, "reason", "Connections of the main listener that were closed by a limit.", k_stable,
     "reason=limit|deadline|malformed|too_large"},
    {"seaworthy_http_request_duration_seconds", k_histogram, "handler", "Time to make a reply of the main listener, without sending it.", k_stable,
     k_handlers},
    {"seaworthy_http_requests_total", k_counter, "handler,code", "Requests that the main listener answered.", k_stable, k_handlers},
    {"seaworthy_kube_credential_refresh_failures_total", k_counter, "source", "Attempts to renew credentials for the API server that failed.",
     k_stable, "source=file|exec"},
    {"seaworthy_kube_request_duration_seconds", k_histogram, "verb", "Duration of requests to the API server, body included.", k_stable,
     "verb=get|list|create|update"},
    {"seaworthy_kube_request_failures_total", k_counter, "verb,reason", "Requests to the API server that got no complete answer.", k_stable,
     "verb=get|list|create|update; reason=timeout|refused|dns|tls|reset|cancelled|protocol|other"},
    {"seaworthy_kube_requests_total", k_counter, "verb,code", "Requests that the API server answered, by HTTP status.", k_stable,
     "verb=get|list|create|update"},
    {"seaworthy_kube_throttled_seconds_total", k_counter, "",
     "Time spent waiting for the client's own rate limit or for a Retry-After of the API server."},
    {"seaworthy_leader", k_gauge, "", "1 if this replica publishes the compliance families, 0 if it stands by."},
    {"seaworthy_leader_transitions_total", k_counter, "", "How often this replica became the leader."},
    {"seaworthy_log_messages_dropped_total", k_counter, "", "Log messages lost because the queue of the log was full."},
    {"seaworthy_log_messages_total", k_counter, "level", "Log messages written.", k_stable, "level=debug|info|warn|error"},
    {"seaworthy_metrics_dropped_series", k_gauge, "reason",
     "Compliance series left out of the exposition. Above 0: raise the limit or filter namespaces.", k_stable, "reason=namespace_limit"},
    {"seaworthy_namespace_control_findings", k_gauge, "namespace,control",
     "Objects of the namespace with an open finding of the control, as of the last successful audit. Exposed with metrics.detail findings.",
     k_experimental},
    {"seaworthy_namespace_control_score_ratio", k_gauge, "namespace,control",
     "Score of the control in the namespace, 0 to 1, as of the last successful audit. No series where nothing was judged."},
    {"seaworthy_namespace_control_status", k_gauge, "namespace,control,status",
     "1 for the worst status of the control in the namespace as of the last successful audit; other statuses have no series.", k_stable, k_statuses},
    {"seaworthy_namespace_coverage_ratio", k_gauge, "namespace",
     "Share of what applies to the namespace that could be judged, 0 to 1, as of the last successful audit."},
    {"seaworthy_namespace_exemptions", k_gauge, "namespace",
     "Active exemptions that cover findings of the namespace, as of the last successful audit."},
    {"seaworthy_namespace_findings", k_gauge, "namespace,severity",
     "Open findings of the namespace (warn or fail, not exempt), as of the last successful audit.", k_stable,
     "severity=critical|high|medium|low|info"},
    {"seaworthy_namespace_info", k_info, "namespace,class,tenant", "The audited namespaces, for joins on class and tenant; always 1.", k_stable,
     "class=application|system"},
    {"seaworthy_namespace_last_audited_timestamp_seconds", k_gauge, "namespace", "When the namespace was last judged, in seconds since 1970."},
    {"seaworthy_namespace_points", k_gauge, "namespace",
     "Points that the namespace has: weights of the controls times their scores, as of the last successful audit."},
    {"seaworthy_namespace_points_possible", k_gauge, "namespace", "Points that the namespace could have, as of the last successful audit."},
    {"seaworthy_namespace_score_ratio", k_gauge, "namespace",
     "Weighted score of the namespace, 0 to 1, exemptions not counted, as of the last successful audit. No series where nothing was judged."},
    {"seaworthy_sink_event_failures_total", k_counter, "sink,reason", "Tries of events that failed, by what the receiver's answer meant.", k_stable,
     "reason=transient|sink_fault|too_large|event_fault"},
    {"seaworthy_sink_events_dropped_total", k_counter, "sink,reason", "Events that the sink will never get.", k_stable,
     "reason=spool_full|expired|rejected|discarded"},
    {"seaworthy_sink_events_total", k_counter, "sink", "Tries of events to be delivered; those that did not fail were."},
    {"seaworthy_sink_last_success_timestamp_seconds", k_gauge, "sink", "When the sink last took events, in seconds since 1970."},
    {"seaworthy_sink_parked", k_gauge, "sink", "Events that the receiver refuses for good, set aside: see `seaworthy sinks parked list`."},
    {"seaworthy_sink_queue_bytes", k_gauge, "sink", "Size of the events that wait for the sink."},
    {"seaworthy_sink_queue_length", k_gauge, "sink", "Events that wait for the sink."},
    {"seaworthy_sink_retries_total", k_counter, "sink,reason", "Batches that were sent again.", k_stable, "reason=transient|sink_fault|replay"},
    {"seaworthy_sink_state", k_gauge, "sink,state", "1 for the state that the sink is in; other states have no series.", k_stable,
     "state=ok|retrying|auth_failed|paused|disabled"},
    {"seaworthy_sink_up", k_gauge, "sink", "1 if the sink's last try succeeded, 0 if not."},
    {"seaworthy_spool_bytes", k_gauge, "", "Size of what the database holds."},
    {"seaworthy_spool_capacity_bytes", k_gauge, "", "Size of what it can hold: spool.maxBytes."},
    {"seaworthy_spool_events_total", k_counter, "class", "Events that were committed for delivery.", k_stable, "class=finding|summary|health"},
    {"seaworthy_spool_oldest_event_timestamp_seconds", k_gauge, "sink",
     "When the oldest event that waits for the sink was made, in seconds since 1970. No series where none waits."},
    {"seaworthy_spool_write_failures_total", k_counter, "", "Transactions that the disk did not let be written: an event spool_failed follows."},
    {"seaworthy_tenant_points", k_gauge, "tenant", "Points of the tenant's namespaces together, as of the last successful audit."},
    {"seaworthy_tenant_points_possible", k_gauge, "tenant", "Points that the tenant's namespaces could have, as of the last successful audit."},
    {"seaworthy_tenant_score_min_ratio", k_gauge, "tenant", "Score of the tenant's worst namespace, 0 to 1, as of the last successful audit."},
    {"seaworthy_tenant_score_ratio", k_gauge, "tenant", "Weighted score over the tenant's namespaces, 0 to 1, as of the last successful audit."},
};

static_assert(std::ranges::is_sorted(k_metrics, {}, &Metric::name), "the exposition is sorted by name");
static_assert(std::ranges::adjacent_find(k_metrics, {}, &Metric::name) == std::end(k_metrics), "a family is exposed once");

} // namespace

std::span<const Metric> metrics()
{
    return k_metrics;
}

} // namespace seaworthy::publish

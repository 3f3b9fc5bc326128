// SPDX-License-Identifier: Apache-2.0
#include "config/tables.hpp"

namespace seaworthy::config {

namespace {

constexpr Group k_groups[] = {
    {"cluster", "The cluster that is judged."},
    {"kubernetes", "How the API server is reached and what may be read there."},
    {"audit", "When the daemon audits."},
    {"namespaces", "Which namespaces are judged, and as what."},
    {"controls", "The nineteen controls and their checks."},
    {"exemptions", "Findings that somebody decided to live with. An exempted check still runs; its finding is marked."},
    {"attest",
     "Statements about what a managed platform hides, each with an owner and an end. What is seen weighs more, and so does what could not be "
     "read; a verdict that rests on one is marked as attested."},
    {"probes", "The only hosts that Seaworthy contacts besides the API server, node-probes included. Requests are GET or HEAD, without redirects."},
    {"oidc", "The identity provider that logins should come from."},
    {"metrics", "What /metrics exposes."},
    {"http", "The daemon's two listeners."},
    {"events", "Which changes of verdicts become events for a SIEM. Without sinks there are none."},
    {"spool", "The database of what outlives a restart: findings' states, events that sinks do not have yet, observations over a window."},
    {"sinks", "Where events go. kafka: where the build has librdkafka."},
    {"leaderElection", "Which of several replicas exposes the compliance metrics."},
    {"log", "What the daemon writes to standard error."},
    {"namespaces.class", "Namespaces that are not application teams'."},
    {"probes.components", "Base URLs of components of the platform. Empty: not probed."},
    {"probes.nodeProbe", "The DaemonSet of `seaworthy node-probe`: its ready pods are asked after each read of the cluster."},
    {"events.flap", "When a finding that opens and closes again and again is called flapping."},
    {"events.storm", "When many findings of one check are one event."},
    {"events.reminder", "Repeats open findings."},
    {"metrics.namespaces", "Which namespaces have series."},
};

constexpr std::string_view k_grants[] = {"CM", "CMA", "SE", "ME"};
constexpr std::string_view k_details[] = {"summary", "controls", "findings"};
constexpr std::string_view k_standbys[] = {"warm", "cold"};
constexpr std::string_view k_levels[] = {"debug", "info", "warn", "error"};
constexpr std::string_view k_formats[] = {"json", "text"};

constexpr std::string_view k_baselines[] = {"summary", "emit", "silent"};
constexpr std::string_view k_heartbeats[] = {"every_audit", "hourly", "off"};

constexpr double k_day = 86'400;
constexpr double k_mebibyte = 1 << 20;

// A captureless lambda that names the member: the default is the member's own initialiser.
#define SLOT(expression) [](auto& owner) -> Slot { return &(owner.expression); }
#define CHOICE(expression) [](Config& owner) -> Slot { return choice(owner.expression); }
#define COMPONENT(name) [](Config& owner) -> Slot { return &owner.settings.outside.components[name]; }

constexpr Key<Config> k_settings[] = {
    {"cluster.name", "The cluster's name in reports. Empty: what the kubeconfig calls it.", SLOT(cluster.name)},

    {"kubernetes.kubeconfig", "Path of a kubeconfig. Empty: $KUBECONFIG, ~/.kube/config, then the pod's service account.",
     SLOT(kubernetes.kubeconfig)},
    {"kubernetes.context", "The kubeconfig's context. Empty: its current one.", SLOT(kubernetes.context)},
    {"kubernetes.allowExecPlugins", "Whether a kubeconfig may run credential plugins inside a pod; outside one it always may.",
     SLOT(kubernetes.allow_exec_plugins)},
    {"kubernetes.requestTimeout",
     "How long one request may take: a page of a list, or a whole one where the server is read without pages.",
     SLOT(kubernetes.request_timeout),
     {.minimum = 1, .maximum = 600}},
    {"kubernetes.pageSize",
     "Objects a page of a list. 0: chosen by the server's version and the objects' size.",
     SLOT(kubernetes.page_size),
     {.maximum = 10'000}},
    {"kubernetes.parallelLists",
     "Lists that are read at the same time: more is faster and heavier for the API server.",
     SLOT(kubernetes.parallel_lists),
     {.minimum = 1, .maximum = 4}},
    {"kubernetes.grants",
     "Optional rights that the service account has: CM (named ConfigMaps), CMA (all ConfigMaps), SE (Secrets without values), ME (/metrics).",
     SLOT(grants),
     {.choices = k_grants}},

    {"audit.interval", "Time between the starts of two audits.", SLOT(audit.interval), {.minimum = 1, .maximum = 7 * k_day}},
    {"audit.timeout", "An audit that takes longer is given up; the last report stays.", SLOT(audit.timeout), {.minimum = 1, .maximum = k_day}},
    {"audit.jitter",
     "Share of the interval by which starts are spread, so that many clusters do not audit at once.",
     SLOT(audit.jitter),
     {.maximum = 0.5}},
    {"audit.minAge", "Younger objects are not judged yet: they may still be starting.", SLOT(settings.min_age), {.maximum = k_day}},

    {"namespaces.include", "Only these namespaces (names, * as wildcard). Empty: all.", SLOT(settings.include_namespaces)},
    {"namespaces.exclude", "Not these; wins over include.", SLOT(settings.exclude_namespaces)},
    {"namespaces.class.system", "System namespaces besides the built-in list: reported apart, outside the cluster's score.",
     SLOT(settings.system_namespaces)},
    {"namespaces.class.platform", "Namespaces of the platform team, which serve every environment.", SLOT(settings.platform_namespaces)},
    {"namespaces.scoreSystem", "Whether system namespaces count in the cluster's score.", SLOT(settings.score_system)},
    {"namespaces.groupByLabel",
     "A namespace label whose value groups namespaces as Capsule tenants do.",
     SLOT(settings.tenant_label),
     {.form = Form::label_key}},

    {"exemptions.maxDuration",
     "How far ahead an exemption may end.",
     SLOT(settings.exemption_max_duration),
     {.minimum = k_day, .maximum = 3650 * k_day}},
    {"exemptions.annotations", "Whether the annotation seaworthy.dev/exempt works. Off, since a tenant could excuse itself.",
     SLOT(settings.exemption_annotations)},

    {"probes.components.argocd", "Base URL of Argo CD.", COMPONENT("argocd"), {.form = Form::url}},
    {"probes.components.grafana", "Base URL of Grafana.", COMPONENT("grafana"), {.form = Form::url}},
    {"probes.components.headlamp", "Base URL of Headlamp.", COMPONENT("headlamp"), {.form = Form::url}},
    {"probes.components.harbor", "Base URL of Harbor.", COMPONENT("harbor"), {.form = Form::url}},
    {"probes.components.vault", "Base URL of Vault or OpenBao.", COMPONENT("vault"), {.form = Form::url}},
    {"probes.components.prometheus", "Base URL of Prometheus.", COMPONENT("prometheus"), {.form = Form::url}},
    {"probes.components.alertmanager", "Base URL of Alertmanager.", COMPONENT("alertmanager"), {.form = Form::url}},
    {"probes.nodeProbe.daemonSet", "Name of the DaemonSet, * as wildcard for several. Empty: not in use.", SLOT(probes.node_probe.daemon_set)},
    {"probes.nodeProbe.namespace",
     "Its namespace, where only who runs Seaworthy may create pods.",
     SLOT(probes.node_probe.ns),
     {.form = Form::object_name}},
    {"probes.nodeProbe.port", "The port that its pods listen on.", SLOT(probes.node_probe.port), {.minimum = 1, .maximum = 65'535}},
    {"probes.nodeProbe.tokenFile", "File with the token that the pods ask for.", SLOT(probes.node_probe.token_file)},
    {"probes.nodeProbe.caFile", "Certificate authorities of the pods' certificate (PEM). Empty: plain HTTP.", SLOT(probes.node_probe.ca_file)},
    {"probes.nodeProbe.serverName", "The name that their certificate must have. Empty: <daemonSet>.<namespace>.svc, without *.",
     SLOT(probes.node_probe.server_name)},
    {"probes.nodeProbe.certificateFile", "Our own certificate for mutual TLS (PEM).", SLOT(probes.node_probe.certificate_file)},
    {"probes.nodeProbe.keyFile", "Its key.", SLOT(probes.node_probe.key_file)},
    {"probes.nodeProbe.askMirrors",
     "Whether the daemon asks the mirrors that nodes name whether they answer. Off, since a node could name any host; those in probes.registries "
     "are asked anyway.",
     SLOT(probes.node_probe.ask_mirrors)},
    {"probes.interval", "Time between two probes of one target.", SLOT(probes.interval), {.minimum = 5, .maximum = k_day}},
    {"probes.timeout", "How long one probe may take.", SLOT(probes.timeout), {.minimum = 0.1, .maximum = 60}},

    {"oidc.expectedIssuer", "The issuer that every login should come from.", SLOT(settings.outside.oidc.expected_issuer), {.form = Form::url}},
    {"oidc.additionalIssuers",
     "Further issuers that are meant to be there, such as a build system's.",
     SLOT(settings.outside.oidc.additional_issuers),
     {.form = Form::url}},
    {"oidc.extraComponents",
     "Components besides the known ones whose issuer is compared: a label selector of their pods, and where they name it (arg FLAG, env NAME, "
     "configmap NAME/KEY or NAME/KEY/a.b for YAML, probe URL for the page that starts a login, which redirects to the provider). `app=backstage env "
     "AUTH_OIDC_ISSUER`.",
     SLOT(settings.outside.oidc.extra_components),
     {.form = Form::login_component}},

    {"metrics.detail",
     "summary: scores of namespaces; controls: and of each control there; findings: and the number of findings of each.",
     CHOICE(metrics.detail),
     {.choices = k_details}},
    {"metrics.namespaces.allow", "Only these namespaces have series (names, * as wildcard). Empty: all.", SLOT(metrics.allow_namespaces)},
    {"metrics.namespaces.deny", "These have none; wins over allow.", SLOT(metrics.deny_namespaces)},
    {"metrics.maxNamespaces",
     "Namespaces and tenants beyond this number have no series; seaworthy_metrics_dropped_series says so.",
     SLOT(metrics.max_namespaces),
     {.minimum = 1, .maximum = 100'000}},

    {"http.listen", "Address of page, API and /metrics.", SLOT(http.listen), {.form = Form::listen_address, .required = true}},
    {"http.probeListen",
     "Address of /livez, /readyz and /startupz: their own listener, so that no client can delay them.",
     SLOT(http.probe_listen),
     {.form = Form::listen_address, .required = true}},
    {"http.allowedHosts",
     "Names by which page and API may be asked for (* as wildcard), besides localhost and addresses; others get 421. Empty: any name, but on a "
     "loopback address and through kubectl port-forward only localhost and addresses, so that no web site can read the page by having its name "
     "resolve to this machine. /metrics and probes answer to any name.",
     SLOT(http.allowed_hosts)},
    {"http.maxConnections",
     "Connections in total; beyond, the oldest one without a complete request is closed.",
     SLOT(http.max_connections),
     {.minimum = 8, .maximum = 10'000}},
    {"http.maxConnectionsPerAddress", "Connections from one address.", SLOT(http.max_connections_per_address), {.minimum = 4, .maximum = 10'000}},

    {"events.baseline",
     "The first audit. summary: one event for all, and one for each finding from high on; emit: one for each finding; silent: none.",
     CHOICE(events.baseline),
     {.choices = k_baselines}},
    {"events.settle",
     "Findings of objects that changed more recently wait for the next audit, at most ten times as long.",
     SLOT(events.settle),
     {.maximum = k_day}},
    {"events.openAfter",
     "Audits in a row with the finding before it counts as open. The first audit of all opens at once.",
     SLOT(events.open_after),
     {.minimum = 1, .maximum = 100}},
    {"events.resolveAfter",
     "Audits in a row without the finding before it counts as resolved.",
     SLOT(events.resolve_after),
     {.minimum = 1, .maximum = 100}},
    {"events.flap.transitions",
     "Openings and closings within the window that are too many.",
     SLOT(events.flap_transitions),
     {.minimum = 2, .maximum = 100}},
    {"events.flap.window", "The window.", SLOT(events.flap_window), {.minimum = 60, .maximum = 7 * k_day}},
    {"events.flap.quiet", "Without a change for this long it is flapping no more.", SLOT(events.flap_quiet), {.minimum = 60, .maximum = 7 * k_day}},
    {"events.storm.perCheck",
     "New findings of one check in one audit; above, one event with the number and the first hundred objects stands for all.",
     SLOT(events.storm_per_check),
     {.minimum = 1, .maximum = 1'000'000}},
    {"events.heartbeat",
     "When audit_completed is sent: silence then means that something is wrong, not that all is well.",
     CHOICE(events.heartbeat),
     {.choices = k_heartbeats}},
    {"events.reminder.after", "How long after its last event. 0s: never.", SLOT(events.reminder_after), {.maximum = 365 * k_day}},
    {"events.reminder.minSeverity", "Only from this severity on.", CHOICE(events.reminder_min_severity), {.choices = k_min_severities}},
    {"events.labels", "Keys of objects' labels that events carry (* as wildcard). Empty: none.", SLOT(events.labels)},
    {"events.shutdownFlush",
     "How long sinks may send what is waiting when the daemon ends; less than the pod's terminationGracePeriodSeconds.",
     SLOT(events.shutdown_flush),
     {.maximum = 600}},

    {"spool.path", "File of the database, on a local volume that outlives the pod. Empty: nothing outlives a restart, and there are no sinks.",
     SLOT(spool.path)},
    {"spool.maxBytes",
     "Its size, allocated at the first start. When it is full, the oldest events give way, are counted and reported.",
     SLOT(spool.max_bytes),
     {.minimum = 16 * k_mebibyte, .maximum = 1024 * 64 * k_mebibyte}},
    {"spool.maxAge", "Older events are given up.", SLOT(spool.max_age), {.minimum = 60, .maximum = 365 * k_day}},
    {"spool.history",
     "How far back the trends of scores go. In the memory of the process, and in the database where there is one.",
     SLOT(spool.history),
     {.minimum = k_day, .maximum = 365 * k_day}},
    {"spool.socket", "Unix socket for `seaworthy sinks`. Empty: the path of the database and `.sock`.", SLOT(spool.socket)},

    {"leaderElection.enabled", "Whether replicas elect a leader. Off: this process is the leader.", SLOT(leader_election.enabled)},
    {"leaderElection.leaseName", "Name of the Lease.", SLOT(leader_election.lease_name), {.form = Form::object_name, .required = true}},
    {"leaderElection.namespace", "Namespace of the Lease. Empty: the pod's own.", SLOT(leader_election.ns), {.form = Form::object_name}},
    {"leaderElection.leaseDuration",
     "How long the others wait for a silent leader.",
     SLOT(leader_election.lease_duration),
     {.minimum = 1, .maximum = 3600}},
    {"leaderElection.renewDeadline",
     "A leader that cannot renew for this long stops leading.",
     SLOT(leader_election.renew_deadline),
     {.minimum = 1, .maximum = 3600}},
    {"leaderElection.retryPeriod", "Time between two tries.", SLOT(leader_election.retry_period), {.minimum = 0.1, .maximum = 600}},
    {"leaderElection.standby",
     "warm: every replica audits and can take over at once; cold: only the leader audits.",
     CHOICE(leader_election.standby),
     {.choices = k_standbys}},

    {"log.level", "The least severity that is written.", CHOICE(log.level), {.choices = k_levels}},
    {"log.format", "json: one object a line; text: for people.", CHOICE(log.format), {.choices = k_formats}},
};

constexpr Key<check::Registry> k_registries[] = {
    {"host", "The registry as image references name it.", SLOT(host), {.form = Form::image_host, .required = true}},
    {"apiUrl", "Where its API answers. Empty: https://<host>.", SLOT(api_url), {.form = Form::url}},
    {"repo", "A repository to ask for, for expectPrivate.", SLOT(repo)},
    {"tag", "The tag to ask for.", SLOT(tag)},
    {"expectPrivate", "An anonymous pull of repo:tag should be refused.", SLOT(expect_private)},
    {"fromNodesOnly", "Only nodes reach it: not probed from here.", SLOT(from_nodes_only)},
    {"caFile", "Certificate authorities to trust for it (PEM).", SLOT(ca_file)},
};

constexpr Key<check::Issuer> k_issuers[] = {
    {"url", "The issuer.", SLOT(url), {.form = Form::url, .required = true}},
    {"caFile", "Certificate authorities to trust for it (PEM).", SLOT(ca_file)},
};

constexpr Key<check::Exemption> k_exemptions[] = {
    {"checks", "Check ids, * as wildcard. checks or controls is required.", SLOT(checks)},
    {"controls", "Control ids: all of their checks.", SLOT(controls)},
    {"namespaces", "Names, * as wildcard. Empty: all, cluster-scoped objects included.", SLOT(namespaces)},
    {"objects.kind", "Only objects of this kind.", SLOT(kind)},
    {"objects.name", "Name, namespace/name or namespace/Kind/name, * as wildcard; one or a list.", SLOT(names), {.single = true}},
    {"objects.selector.matchLabels", "Only objects with these labels.", SLOT(match_labels)},
    {"reason", "Why this is acceptable.", SLOT(reason), {.required = true}},
    {"owner", "Who answers for it.", SLOT(owner), {.required = true}},
    {"until", "Its last day (UTC) or moment.", SLOT(until), {.required = true}},
};

constexpr Key<check::Attestation> k_attestation[] = {
    {"value", "true: it is so.", SLOT(value), {.required = true}},
    {"by", "Who says so.", SLOT(by), {.required = true}},
    {"until", "Its last day (UTC) or moment.", SLOT(until), {.required = true}},
    {"note", "How one can see it.", SLOT(note)},
};

#undef SLOT
#undef CHOICE
#undef COMPONENT

constexpr std::string_view k_attestations[] = {
    "encryptionAtRest", "auditLogs",  "auditToSiem",    "imageScan", "pullCache",        "pushCd",
    "logShipping",      "logsToSiem", "eventsExported", "alerting",  "runtimeDetection", "externalSecrets",
};

} // namespace

std::span<const Group> groups()
{
    return k_groups;
}

std::span<const Key<Config>> settings_keys()
{
    return k_settings;
}

std::span<const Key<check::Registry>> registry_keys()
{
    return k_registries;
}

std::span<const Key<check::Issuer>> issuer_keys()
{
    return k_issuers;
}

std::span<const Key<check::Exemption>> exemption_keys()
{
    return k_exemptions;
}

std::span<const Key<check::Attestation>> attestation_keys()
{
    return k_attestation;
}

std::span<const std::string_view> attestations()
{
    return k_attestations;
}

} // namespace seaworthy::config

# SPDX-License-Identifier: Apache-2.0
"""The Grafana boards of dashboards/, made from the tables below and what `metrics list` says of each metric. generate.py writes them.

Boards are classic JSON models with a data source variable and without `__inputs`, so that files, ConfigMaps and an import by hand all work.
A panel's unit and description follow from its metric unless the row says otherwise. Every query is aggregated, so that two replicas during a
rollout are not counted twice, and holds `cluster` and `job`.
"""
import json
import re

SCHEMA_VERSION = 39  # Grafana 11; newer ones migrate it on load
COLUMNS = 24
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
STATUSES = {"pass": (4, "green"), "warn": (3, "yellow"), "unknown": (2, "purple"), "fail": (1, "red"), "not_applicable": (0, "text")}
SEVERITY_COLOURS = {"critical": "dark-red", "high": "red", "medium": "orange", "low": "yellow", "info": "blue"}
SCORE_STEPS = [("red", None), ("orange", 0.5), ("yellow", 0.8), ("green", 0.95)]


# Queries. `S` in a query stands for the labels by which every selector of the board chooses.

def of_status(metric, by, labels="S"):
    """The number of STATUSES for the status that each `by` has: one query whose values a panel maps to words."""
    rows = [f'max by ({by}) ({metric}{{{labels}, status="{status}"}}) * {number}' for status, (number, _) in STATUSES.items()]
    return " or ".join(rows)


def quantile(share, metric, by):
    return f"histogram_quantile({share}, sum by (le, {by}) (rate({metric}_bucket{{S}}[$__rate_interval])))"


def rate(metric, by, labels="S"):
    return f"sum by ({by}) (rate({metric}{{{labels}}}[$__rate_interval]))" if by else f"sum(rate({metric}{{{labels}}}[$__rate_interval]))"


# Panels

def metrics_of(query):
    return re.findall(r"\b(?:seaworthy|process)_[a-z_]+", query)


def unit_of(metric, query):
    counted = re.search(r"\brate\(", query) and not metric.endswith("_seconds_bucket")
    if counted:
        return "percentunit" if metric.endswith("_seconds_total") else "cps"
    for ending, unit in (("_timestamp_seconds", "dateTimeFromNow"), ("start_time_seconds", "dateTimeFromNow"), ("_ratio", "percentunit"),
                         ("_bytes", "bytes"), ("_seconds", "s"), ("_seconds_bucket", "s")):
        if metric.endswith(ending):
            return unit
    return "short"


def thresholds(steps):
    return {"mode": "absolute", "steps": [{"color": colour, "value": value} for colour, value in steps]}


def words_for_statuses():
    return [{"type": "value", "options": {str(number): {"text": status.replace("_", " "), "color": colour, "index": index}
                                          for index, (status, (number, colour)) in enumerate(STATUSES.items())}}]


def panel(kind, title, *queries, width=6, height=4, unit=None, description=None, steps=None, mappings=None, legend="", table=False,
          link=None, options=None, custom=None, overrides=(), transformations=(), most=None):
    """A panel without its place. `queries` are PromQL or (PromQL, legend); the first metric of the first one gives unit and description."""
    queries = [query if isinstance(query, tuple) else (query, legend) for query in queries]
    return {"kind": kind, "title": title, "queries": queries, "width": width, "height": height, "unit": unit, "description": description,
            "steps": steps, "mappings": mappings or [], "table": table, "link": link, "options": options or {}, "custom": custom or {},
            "overrides": list(overrides), "transformations": list(transformations), "max": most}


def stat(title, query, width=4, **rest):
    options = {"reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": ""}, "colorMode": "value", "graphMode": "none",
               "textMode": "auto", "justifyMode": "auto", "orientation": "auto"}
    return panel("stat", title, query, width=width, options=options, **rest)


def series(title, *queries, width=12, height=8, stacked=False, **rest):
    options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}, "tooltip": {"mode": "multi", "sort": "desc"}}
    custom = {"drawStyle": "line", "lineWidth": 1, "fillOpacity": 25 if stacked else 5, "showPoints": "never", "spanNulls": False,
              "stacking": {"mode": "normal" if stacked else "none", "group": "A"}}
    return panel("timeseries", title, *queries, width=width, height=height, options=options, custom=custom, **rest)


def timeline(title, query, **rest):
    options = {"mergeValues": True, "showValue": "never", "rowHeight": 0.85, "alignValue": "left",
               "legend": {"displayMode": "list", "placement": "bottom", "showLegend": True}, "tooltip": {"mode": "single", "sort": "none"}}
    return panel("state-timeline", title, query, options=options, custom={"lineWidth": 0, "fillOpacity": 80}, mappings=words_for_statuses(),
                 steps=[("text", None)], unit="short", **rest)


def bars(title, query, **rest):
    options = {"displayMode": "basic", "orientation": "horizontal", "showUnfilled": True, "valueMode": "color", "minVizWidth": 8, "minVizHeight": 16,
               "reduceOptions": {"values": False, "calcs": ["lastNotNull"], "fields": ""}}
    return panel("bargauge", title, query, options=options, **rest)


def coloured(name):
    return {"matcher": {"id": "byName", "options": name},
            "properties": [{"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}}]}


def column(name, unit, steps=None, mappings=None):
    properties = [{"id": "unit", "value": unit}]
    if steps:
        properties += [{"id": "thresholds", "value": thresholds(steps)},
                       {"id": "custom.cellOptions", "value": {"type": "color-background", "mode": "basic"}}]
    if mappings:
        properties += [{"id": "mappings", "value": mappings}, {"id": "custom.cellOptions", "value": {"type": "color-text"}}]
    return {"matcher": {"id": "byName", "options": name}, "properties": properties}


def rows_of(title, columns, order, **rest):
    """A table with a row for each value of the label that the queries keep. columns: (heading, query)."""
    letters = [chr(ord("A") + number) for number in range(len(columns))]
    organised = {"id": "organize", "options": {"excludeByName": {"Time": True}, "indexByName": {}, "renameByName": {
        **({"Value": columns[0][0]} if len(columns) == 1 else {}), **{f"Value #{letter}": heading for letter, (heading, _) in zip(letters, columns)}}}}
    sort = {"id": "sortBy", "options": {"fields": {}, "sort": [order]}}
    return panel("table", title, *[query for _, query in columns], table=True, transformations=[{"id": "merge", "options": {}}, organised, sort],
                 options={"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}, **rest)


def matrix(title, query, row, column_label, **rest):
    grouping = {"id": "groupingToMatrix", "options": {"rowField": row, "columnField": column_label, "valueField": "Value", "emptyValue": "null"}}
    return panel("table", title, query, table=True, transformations=[grouping],
                 custom={"cellOptions": {"type": "color-background", "mode": "basic"}, "align": "center"},
                 options={"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}, **rest)


# Variables

def variable(name, label, query, many=True, every=".+"):
    return {"name": name, "label": label, "type": "query", "datasource": DATASOURCE, "query": {"qryType": 1, "query": query, "refId": f"{name}-values"},
            "definition": query, "refresh": 2, "sort": 1, "regex": "", "hide": 0, "skipUrlSync": False, "multi": many, "includeAll": many,
            "allValue": every if many else None,
            "current": {"selected": True, "text": ["All"], "value": ["$__all"]} if many else {}, "options": []}


def variables(*more):
    datasource = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus", "refresh": 1, "regex": "", "hide": 0,
                  "skipUrlSync": False, "multi": False, "includeAll": False, "current": {}, "options": []}
    # `cluster` is a label of targets, which a Prometheus of one cluster does not have: "All" has to match its absence.
    return [datasource, variable("cluster", "Cluster", "label_values(seaworthy_build_info, cluster)", every=".*"),
            variable("job", "Job", 'label_values(seaworthy_build_info{cluster=~"$cluster"}, job)'), *more]


INSTANCE = variable("instance", "Instance", 'label_values(seaworthy_build_info{cluster=~"$cluster", job=~"$job"}, instance)')
NAMESPACES = 'label_values(seaworthy_namespace_info{cluster=~"$cluster", job=~"$job"}, namespace)'
NAMESPACE = variable("namespace", "Namespace", NAMESPACES, many=False)
NAMESPACE_FILTER = variable("namespace", "Namespace", NAMESPACES)
CONTROL = variable("control", "Control", 'label_values(seaworthy_control_info{cluster=~"$cluster", job=~"$job"}, control)', many=False)

TITLES = "on (control) group_left (step, title) max by (control, step, title) (seaworthy_control_info{S})"
TO_NAMESPACE = ("Open the namespace", "seaworthy-namespace", "namespace")
TO_CONTROL = ("Open the control", "seaworthy-control", "control")


# Boards: (file and end of the uid, title, description, selector, variables, rows of panels)

FLEET = ("fleet", "Fleet", "How fit for production the namespaces of a cluster are, as of the last successful audit.", ["cluster", "job"], [NAMESPACE_FILTER], [
    ("Now", [
        stat("Cluster score", "max(seaworthy_cluster_score_ratio{S})", width=3, steps=SCORE_STEPS, most=1),
        stat("Coverage", "max(seaworthy_cluster_coverage_ratio{S})", width=3, steps=SCORE_STEPS, most=1),
        stat("Points", "max(seaworthy_cluster_points{S})", width=3),
        stat("Points possible", "max(seaworthy_cluster_points_possible{S})", width=3),
        stat("Namespaces audited", 'max(seaworthy_audit_namespaces{S, outcome="audited"})', width=3),
        stat("Critical findings", 'sum(max by (namespace) (seaworthy_namespace_findings{S, severity="critical", namespace=~"$namespace"}))',
             width=3, steps=[("green", None), ("dark-red", 1)]),
        stat("Exemptions", 'sum(max by (namespace) (seaworthy_namespace_exemptions{S, namespace=~"$namespace"}))', width=3),
        stat("Last successful audit", "max(seaworthy_audit_last_success_timestamp_seconds{S}) * 1000", width=3),
    ]),
    ("Namespaces", [
        matrix("Score of each control in each namespace", 'max by (namespace, control) (seaworthy_namespace_control_score_ratio{S, namespace=~"$namespace"})',
               "namespace", "control", width=24, height=14, steps=SCORE_STEPS, most=1,
               mappings=[{"type": "special", "options": {"match": "null", "result": {"text": "–", "color": "text", "index": 0}}}],
               overrides=[{"matcher": {"id": "byName", "options": "namespace\\control"},
                           "properties": [{"id": "displayName", "value": "namespace"}, {"id": "custom.cellOptions", "value": {"type": "auto"}}]}],
               link=("Open the namespace", "seaworthy-namespace", "namespace\\control")),
        bars("Ten lowest scores", 'bottomk(10, max by (namespace) (seaworthy_namespace_score_ratio{S, namespace=~"$namespace"}))', width=8, height=10,
             steps=SCORE_STEPS, most=1, legend="{{namespace}}", link=TO_NAMESPACE),
        rows_of("Findings", [(severity, f'max by (namespace) (seaworthy_namespace_findings{{S, severity="{severity}", namespace=~"$namespace"}})')
                             for severity in SEVERITY_COLOURS], {"field": "critical", "desc": True}, width=10, height=10,
                overrides=[column(severity, "short", [("transparent", None), (colour, 1)]) for severity, colour in SEVERITY_COLOURS.items()],
                link=TO_NAMESPACE),
        series("Findings over time", ('sum by (severity) (max by (namespace, severity) (seaworthy_namespace_findings{S, namespace=~"$namespace"}))', "{{severity}}"),
               width=6, height=10, stacked=True),
    ]),
    ("Controls and cluster", [
        rows_of("Controls", [("score", f"max by (control) (seaworthy_cluster_control_score_ratio{{S}}) * {TITLES}")], {"field": "score", "desc": False},
                width=10, height=12, overrides=[column("score", "percentunit", SCORE_STEPS)], link=TO_CONTROL),
        series("Score and coverage", ("max(seaworthy_cluster_score_ratio{S})", "score"), ("max(seaworthy_cluster_coverage_ratio{S})", "coverage"),
               width=8, height=12, most=1),
        bars("Cluster-scoped checks by status", "count by (status) (max by (check, status) (seaworthy_cluster_check_status{S}))", width=6, height=6,
             legend="{{status}}", description="How many cluster-scoped checks have which status as of the last successful audit."),
        bars("Namespaces by class", "count by (class) (max by (namespace, class) (seaworthy_namespace_info{S}))", width=6, height=6, legend="{{class}}",
             description="Audited namespaces of application teams and of the system."),
    ]),
    ("Tenants", [
        rows_of("Tenants", [("score", "max by (tenant) (seaworthy_tenant_score_ratio{S})"), ("worst namespace", "max by (tenant) (seaworthy_tenant_score_min_ratio{S})"),
                            ("points", "max by (tenant) (seaworthy_tenant_points{S})"), ("points possible", "max by (tenant) (seaworthy_tenant_points_possible{S})")],
                {"field": "score", "desc": False}, width=12, height=8,
                overrides=[column("score", "percentunit", SCORE_STEPS), column("worst namespace", "percentunit", SCORE_STEPS)]),
        series("Score of tenants", ("max by (tenant) (seaworthy_tenant_score_ratio{S})", "{{tenant}}"), most=1),
    ]),
])

BY_NAMESPACE = 'S, namespace="$namespace"'
NAMESPACE_BOARD = ("namespace", "Namespace", "One namespace: its score, the status of each control, and what changed.", ["cluster", "job"], [NAMESPACE], [
    ("Now", [
        stat("Score", f"max(seaworthy_namespace_score_ratio{{{BY_NAMESPACE}}})", steps=SCORE_STEPS, most=1),
        stat("Coverage", f"max(seaworthy_namespace_coverage_ratio{{{BY_NAMESPACE}}})", steps=SCORE_STEPS, most=1),
        stat("Points", f"max(seaworthy_namespace_points{{{BY_NAMESPACE}}})", width=3),
        stat("Points possible", f"max(seaworthy_namespace_points_possible{{{BY_NAMESPACE}}})", width=3),
        stat("Critical findings", f'max(seaworthy_namespace_findings{{{BY_NAMESPACE}, severity="critical"}})', steps=[("green", None), ("dark-red", 1)], width=3),
        stat("Exemptions", f"max(seaworthy_namespace_exemptions{{{BY_NAMESPACE}}})", width=3),
        stat("Last audited", f"max(seaworthy_namespace_last_audited_timestamp_seconds{{{BY_NAMESPACE}}}) * 1000"),
    ]),
    ("Controls", [
        timeline("Status of controls", of_status("seaworthy_namespace_control_status", "control", BY_NAMESPACE), width=24, height=14, legend="{{control}}"),
        rows_of("Score of controls", [("score", f"max by (control) (seaworthy_namespace_control_score_ratio{{{BY_NAMESPACE}}}) * {TITLES}")],
                {"field": "score", "desc": False}, width=12, height=12, overrides=[column("score", "percentunit", SCORE_STEPS)], link=TO_CONTROL),
        series("Findings by severity", (f"max by (severity) (seaworthy_namespace_findings{{{BY_NAMESPACE}}})", "{{severity}}"), height=12, stacked=True),
    ]),
    ("Over time", [
        series("Score and coverage", (f"max(seaworthy_namespace_score_ratio{{{BY_NAMESPACE}}})", "score"),
               (f"max(seaworthy_namespace_coverage_ratio{{{BY_NAMESPACE}}})", "coverage"), most=1),
        series("Score of each control", (f"max by (control) (seaworthy_namespace_control_score_ratio{{{BY_NAMESPACE}}})", "{{control}}"), most=1),
        bars("Objects with findings by control", f"max by (control) (seaworthy_namespace_control_findings{{{BY_NAMESPACE}}})", width=24, height=10,
             legend="{{control}}", description="Objects of the namespace with an open finding of the control. Needs `metrics.detail: findings`."),
    ]),
])

BY_CONTROL = 'S, control="$control"'
CONTROL_BOARD = ("control", "Control", "One control: which namespaces pass it, and which do not.", ["cluster", "job"], [CONTROL], [
    ("Now", [
        stat("Score", f"max(seaworthy_cluster_control_score_ratio{{{BY_CONTROL}}})", steps=SCORE_STEPS, most=1),
        stat("Status in the cluster", of_status("seaworthy_cluster_control_status", "control", BY_CONTROL), mappings=words_for_statuses(), unit="short"),
        stat("Namespaces that fail", f'count(max by (namespace) (seaworthy_namespace_control_status{{{BY_CONTROL}, status="fail"}})) or vector(0)',
             steps=[("green", None), ("red", 1)], description="Namespaces in which the worst status of the control is fail."),
        stat("Weight", f"max(seaworthy_control_weight{{{BY_CONTROL}}})"),
        stat("Attested verdicts", f"max(seaworthy_attestations{{{BY_CONTROL}}})"),
        panel("table", "Title", f"max by (step, title) (seaworthy_control_info{{{BY_CONTROL}}})", table=True, width=4, description="Step and title of the control.",
              transformations=[{"id": "organize", "options": {"excludeByName": {"Time": True, "Value": True}, "indexByName": {}, "renameByName": {}}}],
              options={"showHeader": True, "cellHeight": "sm", "footer": {"show": False, "reducer": ["sum"], "countRows": False, "fields": ""}}),
    ]),
    ("Namespaces", [
        rows_of("Namespaces", [("score", f"max by (namespace) (seaworthy_namespace_control_score_ratio{{{BY_CONTROL}}})"),
                               ("status", of_status("seaworthy_namespace_control_status", "namespace", BY_CONTROL))],
                {"field": "score", "desc": False}, width=12, height=14,
                overrides=[column("score", "percentunit", SCORE_STEPS), column("status", "short", mappings=words_for_statuses())], link=TO_NAMESPACE),
        timeline("Status over time", of_status("seaworthy_namespace_control_status", "namespace", BY_CONTROL), width=12, height=14, legend="{{namespace}}"),
    ]),
    ("Over time", [
        series("Namespaces by status", (f"count by (status) (max by (namespace, status) (seaworthy_namespace_control_status{{{BY_CONTROL}}}))", "{{status}}"),
               stacked=True, description="How many namespaces have which status of the control."),
        series("Score over time", (f"max(seaworthy_cluster_control_score_ratio{{{BY_CONTROL}}})", "cluster"), most=1),
    ]),
])

DAEMON = ("daemon", "Daemon", "The daemon itself: audits, requests to the API server, events on their way, its listener and its process.",
          ["cluster", "job", "instance"], [INSTANCE], [
    ("Health", [
        stat("Replicas", "count(seaworthy_build_info{S})", description="Replicas that Prometheus scrapes.", width=3),
        stat("Leaders", "sum(seaworthy_leader{S})", steps=[("red", None), ("green", 1), ("red", 2)], width=3, description="One replica publishes the compliance families: 1 is right."),
        stat("Last successful audit", "max(seaworthy_audit_last_success_timestamp_seconds{S}) * 1000", width=3),
        stat("Last attempt", "max(seaworthy_audit_last_attempt_timestamp_seconds{S}) * 1000", width=3),
        stat("Last audit successful", "min(seaworthy_audit_last_run_successful{S})", width=3, steps=[("red", None), ("green", 1)],
             mappings=[{"type": "value", "options": {"0": {"text": "no", "color": "red", "index": 0}, "1": {"text": "yes", "color": "green", "index": 1}}}]),
        stat("Configuration taken", "min(seaworthy_config_last_reload_successful{S})", width=3,
             mappings=[{"type": "value", "options": {"0": {"text": "no", "color": "red", "index": 0}, "1": {"text": "yes", "color": "green", "index": 1}}}]),
        stat("Series left out", "sum(seaworthy_metrics_dropped_series{S})", width=3, steps=[("green", None), ("red", 1)]),
        stat("Started", "max(process_start_time_seconds{S}) * 1000", width=3),
        rows_of("Builds and configurations", [("replicas", "count by (version, revision, compiler) (seaworthy_build_info{S})")], {"field": "version", "desc": True},
                width=8, height=6),
        rows_of("Configuration", [("hash", "max by (instance) (seaworthy_config_hash{S})"),
                                  ("taken into use", "max by (instance) (seaworthy_config_last_reload_success_timestamp_seconds{S}) * 1000")], {"field": "instance", "desc": False},
                width=8, height=6, overrides=[column("taken into use", "dateTimeFromNow")]),
        series("Leadership", ("max by (instance) (seaworthy_leader{S})", "{{instance}}"),
               ("sum by (instance) (increase(seaworthy_leader_transitions_total{S}[$__rate_interval]))", "{{instance}} became leader"), width=8, height=6, unit="short"),
    ]),
    ("Audits", [
        series("Duration", ("max by (instance) (seaworthy_audit_last_duration_seconds{S})", "{{instance}}"), ("max(seaworthy_audit_interval_seconds{S})", "interval"), width=8),
        series("Phases", ("max by (phase) (seaworthy_audit_phase_duration_seconds{S})", "{{phase}}"), width=8, stacked=True),
        series("Audits started and failed", (rate("seaworthy_audit_runs_total", "trigger"), "started: {{trigger}}"),
               (rate("seaworthy_audit_failures_total", "reason"), "failed: {{reason}}"), width=8),
        bars("Objects read", "sort_desc(max by (resource) (seaworthy_audit_objects{S}) > 0)", width=12, height=10, legend="{{resource}}"),
        rows_of("Resources by whether they could be listed", [("accessible", "min by (resource) (seaworthy_audit_resource_accessible{S})")],
                {"field": "accessible", "desc": False}, width=6, height=10,
                overrides=[column("accessible", "short", mappings=[{"type": "value", "options": {
                    "0": {"text": "no: unknown", "color": "red", "index": 0}, "1": {"text": "yes", "color": "green", "index": 1}}}])]),
        series("Namespaces", ("max by (outcome) (seaworthy_audit_namespaces{S})", "{{outcome}}"), width=6, height=10),
    ]),
    ("API server", [
        series("Requests to the API server", (rate("seaworthy_kube_requests_total", "verb, code"), "{{verb}} {{code}}"), width=8, unit="reqps"),
        series("Requests without a complete answer", (rate("seaworthy_kube_request_failures_total", "verb, reason"), "{{verb}} {{reason}}"), width=8, unit="reqps"),
        series("Duration of requests", (quantile(0.5, "seaworthy_kube_request_duration_seconds", "verb"), "{{verb}} median"),
               (quantile(0.99, "seaworthy_kube_request_duration_seconds", "verb"), "{{verb}} 99%"), width=8),
        series("Waiting for a rate limit", (rate("seaworthy_kube_throttled_seconds_total", "instance"), "{{instance}}")),
        series("Credentials that could not be renewed", (rate("seaworthy_kube_credential_refresh_failures_total", "source"), "{{source}}")),
    ]),
    ("Events", [
        rows_of("Sinks", [("up", "max by (sink) (seaworthy_sink_up{S})"), ("last delivery", "max by (sink) (seaworthy_sink_last_success_timestamp_seconds{S}) * 1000"),
                          ("waiting", "max by (sink) (seaworthy_sink_queue_length{S})"), ("waiting bytes", "max by (sink) (seaworthy_sink_queue_bytes{S})"),
                          ("set aside", "max by (sink) (seaworthy_sink_parked{S})"),
                          ("oldest waiting", "max by (sink) (seaworthy_spool_oldest_event_timestamp_seconds{S}) * 1000")],
                {"field": "sink", "desc": False}, width=16, height=8,
                overrides=[column("last delivery", "dateTimeFromNow"), column("oldest waiting", "dateTimeFromNow"), column("waiting bytes", "bytes"),
                           column("up", "short", mappings=[{"type": "value", "options": {
                               "0": {"text": "no", "color": "red", "index": 0}, "1": {"text": "yes", "color": "green", "index": 1}}}])]),
        rows_of("State of sinks", [("replicas", "sum by (sink, state) (seaworthy_sink_state{S})")], {"field": "sink", "desc": False}, width=8, height=8),
        series("Tries and failures", (rate("seaworthy_sink_events_total", "sink"), "{{sink}} tried"),
               (rate("seaworthy_sink_event_failures_total", "sink, reason"), "{{sink}} failed: {{reason}}"), width=8, unit="cps"),
        series("Sent again", (rate("seaworthy_sink_retries_total", "sink, reason"), "{{sink}}: {{reason}}"), width=8),
        series("Lost", (rate("seaworthy_sink_events_dropped_total", "sink, reason"), "{{sink}}: {{reason}}"), width=8),
        series("Spool", ("max by (instance) (seaworthy_spool_bytes{S})", "{{instance}}"), ("max(seaworthy_spool_capacity_bytes{S})", "capacity")),
        series("Events committed", (rate("seaworthy_spool_events_total", "class"), "{{class}}"),
               (rate("seaworthy_spool_write_failures_total", "instance"), "{{instance}} could not be written")),
    ]),
    ("Listener", [
        series("Requests to the listener", (rate("seaworthy_http_requests_total", "handler, code"), "{{handler}} {{code}}"), width=8, unit="reqps"),
        series("Time to make a reply", (quantile(0.99, "seaworthy_http_request_duration_seconds", "handler"), "{{handler}} 99%"), width=8),
        series("Connections", ("sum by (instance) (seaworthy_http_connections{S})", "{{instance}} open"),
               (rate("seaworthy_http_connections_rejected_total", "reason"), "closed per second: {{reason}}"), width=8, unit="short"),
    ]),
    ("Process", [
        series("Processor", (rate("process_cpu_seconds_total", "instance"), "{{instance}}"), width=8),
        series("Memory", ("max by (instance) (process_resident_memory_bytes{S})", "{{instance}} resident"),
               ("max by (instance) (process_virtual_memory_bytes{S})", "{{instance}} virtual"), width=8),
        series("File descriptors", ("max by (instance) (process_open_fds{S})", "{{instance}} open"), ("min(process_max_fds{S})", "limit"), width=8),
        series("Log messages", (rate("seaworthy_log_messages_total", "level"), "{{level}}")),
        series("Log messages lost", (rate("seaworthy_log_messages_dropped_total", "instance"), "{{instance}}")),
    ]),
])

BOARDS = [FLEET, NAMESPACE_BOARD, CONTROL_BOARD, DAEMON]


# From the tables to Grafana's model

def selected(query, selector):
    return re.sub(r"\bS\b(?=[,}])", ", ".join(f'{label}=~"${label}"' for label in selector), query)


def data_link(link):
    title, uid, field = link
    label = field.split("\\")[0]
    value = "${__field.labels.%s}" % label
    return {"title": title, "url": f"/d/{uid}?${{datasource:queryparam}}&${{cluster:queryparam}}&${{job:queryparam}}&var-{label}={value}"}


def table_link(link):
    title, uid, field = link
    label = field.split("\\")[0]
    url = f"/d/{uid}?${{datasource:queryparam}}&${{cluster:queryparam}}&${{job:queryparam}}&var-{label}=${{__data.fields[\"{field}\"]}}"
    return {"matcher": {"id": "byName", "options": field}, "properties": [{"id": "links", "value": [{"title": title, "url": url}]}]}


def panel_model(row, selector, metrics):
    queries = [(selected(query, selector), legend) for query, legend in row["queries"]]
    first = metrics_of(queries[0][0])[0]
    described = metrics.get(re.sub(r"_bucket$", "", first))
    defaults = {"unit": row["unit"] or unit_of(first, queries[0][0]), "mappings": row["mappings"], "custom": row["custom"],
                "color": {"mode": "thresholds" if row["steps"] else "palette-classic"}, "thresholds": thresholds(row["steps"] or [("text", None)])}
    if row["max"] is not None:
        defaults |= {"min": 0, "max": row["max"]}
    overrides = list(row["overrides"])
    if row["link"] and row["table"]:
        overrides.append(table_link(row["link"]))
    elif row["link"]:
        defaults["links"] = [data_link(row["link"])]
    targets = [{"refId": chr(ord("A") + number), "datasource": DATASOURCE, "editorMode": "code", "expr": query, "legendFormat": legend or "__auto",
                **({"format": "table", "instant": True, "range": False} if row["table"] else {"instant": False, "range": True})}
               for number, (query, legend) in enumerate(queries)]
    return {"type": row["kind"], "title": row["title"], "description": row["description"] or described, "datasource": DATASOURCE, "targets": targets,
            "fieldConfig": {"defaults": defaults, "overrides": overrides}, "options": row["options"], "transformations": row["transformations"]}


def placed(rows, selector, metrics):
    """Panels from left to right, a new line where one does not fit; each row of the board under its heading."""
    identifier, top = 0, 0
    for heading, row in rows:
        identifier += 1
        yield {"id": identifier, "type": "row", "title": heading, "collapsed": False, "gridPos": {"h": 1, "w": COLUMNS, "x": 0, "y": top}, "panels": []}
        top, left, tallest = top + 1, 0, 0
        for one in row:
            if left + one["width"] > COLUMNS:
                top, left, tallest = top + tallest, 0, 0
            identifier += 1
            yield {"id": identifier, **panel_model(one, selector, metrics),
                   "gridPos": {"h": one["height"], "w": one["width"], "x": left, "y": top}}
            left, tallest = left + one["width"], max(tallest, one["height"])
        top += tallest


def board_model(board, metrics):
    name, title, description, selector, own_variables, rows = board
    links = {"type": "dashboards", "title": "Seaworthy", "tags": ["seaworthy"], "asDropdown": True, "includeVars": True, "keepTime": True, "targetBlank": False, "url": ""}
    return {"id": None, "uid": f"seaworthy-{name}", "title": f"Seaworthy / {title}", "description": description, "tags": ["seaworthy", "seaworthy-mixin"],
            "editable": False, "graphTooltip": 1, "timezone": "browser", "refresh": "1m", "time": {"from": "now-24h", "to": "now"}, "timepicker": {},
            "schemaVersion": SCHEMA_VERSION, "version": 1, "annotations": {"list": []}, "links": [links],
            "templating": {"list": variables(*own_variables)}, "panels": list(placed(rows, selector, metrics))}


def files(metrics):
    """{path below the root: text}. metrics: what `metrics list -o json` prints."""
    helps = {row["name"]: row["help"] for row in metrics}
    return {f"dashboards/{board[0]}.json": json.dumps(board_model(board, helps), indent=1, ensure_ascii=False) + "\n" for board in BOARDS}

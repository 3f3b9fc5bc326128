// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "alerting.hpp"
#include "api_server_audit.hpp"
#include "audit_forwarding.hpp"
#include "control_list.hpp"
#include "controls/runtime_detection.hpp"
#include "event_export.hpp"
#include "log_shippers.hpp"
#include "metrics_scraping.hpp"
#include "metrics_stack.hpp"
#include "names.hpp"
#include "scrape_targets.hpp"
#include "seaworthy/base/pattern.hpp"
#include "siem_output.hpp"
#include "software.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::Fields;
using check::not_applicable;
using check::Parameter;
using check::pass;
using check::Reason;
using check::Scope;
using check::Severity;
using check::unknown;
using check::Verdict;
using check::warn;

// --- metrics-api-available ---

Verdict judge_metrics_api(const Context& context)
{
    for (const auto& service : context.inventory.documents_of("apiservices.apiregistration.k8s.io")) {
        if (service.meta.name != "v1beta1.metrics.k8s.io") continue;
        const auto& available = model::condition_of(service, "Available");
        if (available["status"].text() == "True") return pass("The resource metrics API answers").proven();
        return fail(fmt::format("The resource metrics API is registered but not available: {}",
                                available["reason"].text().empty() ? "no condition" : available["reason"].text()))
            .with("message", std::string{available["message"].text()});
    }
    if (auto unobservable = unobservable_in_manifests(context, "which APIs are served")) return *std::move(unobservable);
    return fail("No resource metrics API is registered: kubectl top and autoscaling by CPU or memory do not work").by_absence();
}

constexpr std::array k_api_service_fields{Fields{"apiservices.apiregistration.k8s.io", "status.conditions"}};

constexpr Fields k_audit_fields[] = {{"apiservers.config.openshift.io", "spec.audit.profile"}};
constexpr Parameter k_retention_parameters[] = {
    {"maxAge", Parameter::Type::number, "30", "Days that a file must be kept for."},
    {"maxBackup", Parameter::Type::number, "10", "Files that must be kept."},
    {"maxSize", Parameter::Type::number, "100", "Megabytes that a file must reach before it is rotated."},
};

constexpr Parameter k_runtime_parameters[] = {
    {"required", Parameter::Type::flag, "false", "True: a cluster without a sensor fails."},
};

constexpr Parameter k_scraped_parameters[] = {
    {"allow", Parameter::Type::list, "[]", "Workloads that need no metrics, by name, namespace/name or namespace/Kind/name; * stands for any text."},
};

constexpr Parameter k_siem_parameters[] = {
    {"siemKinds", Parameter::Type::list, "[splunk, splunk_hec, sumologic, azure_logs_ingestion, chronicle, qradar, datadog, elastic-agent]",
     "Kinds of outputs that are a SIEM, as agents call them; add es where the SIEM is Elastic's."},
    {"siemEndpoints", Parameter::Type::list, "[]", "Hosts that belong to the SIEM, whatever the kind of output: siem.example or *.siem.example."},
    {"configMaps", Parameter::Type::list, "[]", "ConfigMaps of log agents to read with the grant CM, as namespace/name: [logging/fluent-bit]."},
};

constexpr Parameter k_event_parameters[] = {
    {"configMaps", Parameter::Type::list, "[]", "ConfigMaps of agents to read with the grant CM, as namespace/name: [monitoring/alloy]."},
};

constexpr std::array k_checks{
    Check{
        .id = "log-siem-output",
        .title = "Logs do not reach a SIEM or durable store",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "WL,clusteroutputs.fluentbit.fluent.io,outputs.fluentbit.fluent.io,outputs.logging.banzaicloud.io,"
                 "clusteroutputs.logging.banzaicloud.io,clusterlogforwarders.observability.openshift.io,clusterlogforwarders.logging.openshift.io,"
                 "opentelemetrycollectors.opentelemetry.io,configmap:log-shipper",
        .grants = "WL,LG,+CM",
        .fields = k_siem_fields,
        .parameters = k_siem_parameters,
        .rationale = "Who takes over a node deletes its logs. Only a copy elsewhere, where somebody looks for attacks, tells of it.",
        .rule = "By the custom resources of the operator that runs the agent, by the ConfigMaps that it mounts, or by its vendor; what is handed on "
                "to an agent inside the cluster is followed once. pass: an output is one of siemKinds or goes to one of siemEndpoints, or "
                "attest.logsToSiem stands. warn: logs are kept, but in no SIEM. fail: they stay on the node, or there is no output. unknown: the "
                "configuration is in a Secret, was not read or is of another format. not_applicable: no log shipper is ready.",
        .remediation = "Give the agent an output to the SIEM. Fluent Bit:\n"
                       "  [OUTPUT]\n      Name          splunk\n      Match         *\n      Host          splunk-hec.example\n"
                       "      Port          8088\n      TLS           On\n      Splunk_Token  ${SPLUNK_TOKEN}\n"
                       "If the SIEM is behind a store or a relay, name its host in siemEndpoints, or attest logsToSiem.",
        .limits = "Which logs an output matches is not judged, nor whether a Flow of the Logging operator leads to it. Configuration that a vendor "
                  "keeps elsewhere (Fleet, remote configuration) is invisible: the image says where it leads.",
        .references = "https://docs.fluentbit.io/manual/pipeline/outputs/splunk, "
                      "https://kubernetes.io/docs/concepts/cluster-administration/logging/, NSA Kubernetes Hardening Guidance 1.2",
        .judge_cluster = judge_siem_output,
    },
    Check{
        .id = "audit-siem-forwarding",
        .title = "Audit events stay on the control-plane node",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "pods,nodes,WL,clusterlogforwarders.observability.openshift.io,clusterlogforwarders.logging.openshift.io,"
                 "configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,WL,LG,+CM",
        .fields = k_forwarder_fields,
        .rationale = "Who becomes root on a control-plane node can delete the file that tells how.",
        .rule = "For API servers that write an audit log. pass: each has --audit-webhook-config-file, or a ready log shipper on its node, or a "
                "container of one beside it, mounts the folder of --audit-log-path, one above it, or the file; with the path - any shipper of "
                "container logs there will do; or a pipeline of an OpenShift ClusterLogForwarder takes audit and a collector is ready. fail: a file "
                "that nothing of the kind reads. not_applicable: audit is off. unknown: flags hidden, unless attest.auditToSiem stands.",
        .remediation = "Send events to a collector: --audit-webhook-config-file=/etc/kubernetes/audit-webhook.yaml; or let the log agent run on the "
                       "control plane and see the folder:\n"
                       "  tolerations: [{operator: Exists}]\n"
                       "  volumes: [{name: audit, hostPath: {path: /var/log/kubernetes}}]",
        .limits = "Which files a shipper reads in a folder that it mounts, and where it sends them, its own configuration says: log-siem-output "
                  "judges the second.",
        .references = "https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-backends, NSA Kubernetes Hardening Guidance 1.2",
        .judge_cluster = judge_audit_forwarding,
    },
    Check{
        .id = "alerting-configured",
        .title = "Nobody is alerted",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "prometheusrules.monitoring.coreos.com,alertmanagers.monitoring.coreos.com,alertmanagerconfigs.monitoring.coreos.com,"
                 "vmrules.operator.victoriametrics.com,vmalertmanagers.operator.victoriametrics.com,rules.monitoring.googleapis.com,"
                 "clusterrules.monitoring.googleapis.com,globalrules.monitoring.googleapis.com,prometheuses.monitoring.coreos.com,"
                 "prometheusagents.monitoring.coreos.com,WL,probe:alertmanager",
        .grants = "MO,WL,+H",
        .fields = k_alerting_fields,
        .rationale = "A graph that nobody looks at at night wakes nobody.",
        .rule =
            "pass: a rule that a Prometheus takes (or that vmalert or Google's evaluator runs) raises an alert, and a receiver is visible: one "
            "with a channel in an AlertmanagerConfig that a ready Alertmanager takes, or by name at probes.components.alertmanager; or "
            "attest.alerting stands. warn: rules, and no such receiver. fail: Prometheus, and no rule that raises an alert. unknown: rules in files "
            "or in a service outside. not_applicable: nothing collects metrics.",
        .remediation = "Route alerts to somebody:\n"
                       "  apiVersion: monitoring.coreos.com/v1alpha1\n  kind: AlertmanagerConfig\n  metadata: {name: oncall, namespace: monitoring}\n"
                       "  spec:\n    route: {receiver: oncall}\n    receivers:\n      - name: oncall\n"
                       "        pagerdutyConfigs: [{routingKey: {name: pagerduty, key: routingKey}}]\n"
                       "and let spec.alertmanagerConfigSelector of the Alertmanager select it.",
        .limits = "Receivers in Alertmanager's Secret are not read, and by its API they show only their names: null, Watchdog, default and blackhole "
                  "count as nobody. Alerts of Grafana and of services outside the cluster are invisible: attest them.",
        .references = "https://prometheus-operator.dev/docs/developer/alerting/, https://prometheus.io/docs/alerting/latest/alertmanager/",
        .judge_cluster = judge_alerting,
    },
    Check{
        .id = "events-exported",
        .title = "Kubernetes events are lost after one hour",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "WL,opentelemetrycollectors.opentelemetry.io,configmap:log-shipper",
        .grants = "WL,LG,+CM",
        .fields = k_event_fields,
        .parameters = k_event_parameters,
        .rationale = "Why a pod was evicted at night is in an event that is gone by the morning.",
        .rule =
            "pass: an event exporter, the Datadog cluster agent or an agent whose configuration takes events (OpenTelemetry k8s_events or "
            "k8sobjects, Alloy loki.source.kubernetes_events, Fluent Bit kubernetes_events) is ready, or attest.eventsExported stands. warn: none. "
            "unknown: an agent that may, and whose configuration is not read.",
        .remediation = "An OpenTelemetry collector with one replica:\n"
                       "  receivers:\n    k8sobjects:\n      objects: [{name: events, mode: watch}]\n"
                       "  service:\n    pipelines:\n      logs: {receivers: [k8sobjects], exporters: [otlp]}",
        .limits = "The API server's --event-ttl may be longer than an hour. Where the events go is not judged.",
        .references = "https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/, "
                      "https://opentelemetry.io/docs/platforms/kubernetes/collector/components/#kubernetes-objects-receiver",
        .judge_cluster = judge_events_exported,
    },
    Check{
        .id = "runtime-detection",
        .title = "No runtime threat detection",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "WL,pods,nodes,tracingpolicies.cilium.io",
        .grants = "WL,PO,NO,+CN",
        .fields = k_runtime_fields,
        .parameters = k_runtime_parameters,
        .rationale = "Whatever got past every gate shows itself only by what it does.",
        .rule = "pass: a sensor (Falco, Tetragon, KubeArmor, Tracee, StackRox, NeuVector and others) is ready on 95 percent of the nodes, or "
                "attest.runtimeDetection. warn: on fewer; Falco without Falcosidekick, Tetragon without a TracingPolicy; none, unless `required`. "
                "fail: none, and `required`.",
        .remediation = "helm install falco falcosecurity/falco -n falco --create-namespace --set falcosidekick.enabled=true",
        .limits = "What the provider watches from outside is not seen: attest it.",
        .references = "https://falco.org/docs/, https://tetragon.io/docs/",
        .judge_cluster = judge_runtime_detection,
    },
    Check{
        .id = "log-workload-optout",
        .title = "Workload opted out of log collection",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL, pods",
        .grants = "WL,PO",
        .rationale = "Whoever wants to leave no trace asks the shipper to look away.",
        .rule = "warn: a label or annotation of its pods keeps a shipper from collecting (fluentbit.io/exclude, co.elastic.logs/enabled, "
                "ad.datadoghq.com/…logs_exclude, vector.dev/exclude, sumologic.com/exclude). pass: none. not_applicable: the workload ships logs.",
        .remediation = "Remove the annotation, or write down why the logs are not wanted.",
        .references = "https://docs.fluentbit.io/manual/pipeline/filters/kubernetes#kubernetes-annotations",
        .judge_workload = judge_log_opt_out,
    },
    Check{
        .id = "metrics-api-available",
        .title = "Resource metrics API is down",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "apiservices.apiregistration.k8s.io",
        .grants = "AS",
        .fields = k_api_service_fields,
        .rationale = "Autoscaling by CPU or memory and kubectl top read this API: when it is down, autoscalers stand still.",
        .rule = "pass: the APIService v1beta1.metrics.k8s.io is available. fail: it is not, or it is not registered.",
        .remediation =
            "kubectl apply -f https://github.com/kubernetes-sigs/metrics-server/releases/latest/download/components.yaml; if it is installed: "
            "kubectl -n kube-system logs deploy/metrics-server",
        .limits = "Adapters that serve custom or external metrics do not replace it.",
        .references = "https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/",
        .judge_cluster = judge_metrics_api,
    },
    Check{
        .id = "metrics-stack-present",
        .title = "No metrics collection and storage",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "WL, prometheuses.monitoring.coreos.com, prometheusagents.monitoring.coreos.com, vmagents.operator.victoriametrics.com, "
                 "vmsingles.operator.victoriametrics.com, podmonitorings.monitoring.googleapis.com",
        .grants = "WL,MO",
        .rationale = "Without a record nobody sees that something is getting worse, and after an outage nobody can say why.",
        .rule = "pass: an agent of a service is ready, or Prometheus, VictoriaMetrics, Grafana Alloy or an OpenTelemetry collector with "
                "kube-state-metrics and "
                "node-exporter. warn: one of these without both. fail: none is ready.",
        .remediation = "helm repo add prometheus-community https://prometheus-community.github.io/helm-charts && helm install monitoring "
                       "prometheus-community/kube-prometheus-stack -n monitoring --create-namespace",
        .limits = "Software is recognised by its images. A Grafana alone collects nothing. Whether the metrics are kept is not visible for agents.",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/system-metrics/, NSA Kubernetes Hardening Guidance 1.2",
        .judge_cluster = judge_metrics_stack,
    },
    Check{
        .id = "metrics-workload-scraped",
        .title = "Workload exposes no collected metrics",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "servicemonitors.monitoring.coreos.com,podmonitors.monitoring.coreos.com,prometheuses.monitoring.coreos.com,"
                 "prometheusagents.monitoring.coreos.com,vmservicescrapes.operator.victoriametrics.com,vmpodscrapes.operator.victoriametrics.com,"
                 "podmonitorings.monitoring.googleapis.com,clusterpodmonitorings.monitoring.googleapis.com,servicemonitors.azmonitoring.coreos.com,"
                 "podmonitors.azmonitoring.coreos.com,vmagents.operator.victoriametrics.com,vmsingles.operator.victoriametrics.com,services,pods,WL,"
                 "namespaces",
        .grants = "MO,SV,PO,WL,NS",
        .fields = k_monitor_fields,
        .parameters = k_scraped_parameters,
        .rationale = "Of a workload without metrics of its own one learns from its users that it is slow.",
        .rule =
            "pass: a monitor (ServiceMonitor, PodMonitor, VMServiceScrape, VMPodScrape, PodMonitoring and their like) selects it, with a port that "
            "it has, and a Prometheus, vmagent or provider's agent takes that monitor; or it carries prometheus.io/scrape and a Prometheus that no "
            "operator made is ready; or Datadog's annotations, an OTLP endpoint in its environment, or OpenTelemetry's injection. warn: "
            "prometheus.io/scrape without such a Prometheus, or only its mesh's proxy is scraped. fail: nothing of the kind. unknown: a monitor "
            "that only Alloy or a target allocator may take. not_applicable: Jobs, and workloads in `allow`.",
        .remediation = "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nmetadata:\n  name: web\n  labels: {release: monitoring}   # as "
                       "the Prometheus selects\nspec:\n  selector: {matchLabels: {app: web}}   # labels of the Service\n"
                       "  endpoints: [{port: metrics}]   # the name of its port",
        .limits = "Whether the endpoint answers is not judged: metrics-target-down does. prometheus.io/scrape is a convention: a Prometheus may be "
                  "configured without it. What kube-state-metrics and the kubelet know of a workload is not its own metrics.",
        .references = "https://prometheus-operator.dev/docs/developer/getting-started/, "
                      "https://prometheus-operator.dev/docs/platform/troubleshooting/, https://istio.io/latest/docs/ops/integrations/prometheus/",
        .judge_workload = judge_workload_scraped,
    },
    Check{
        .id = "metrics-monitor-dangling",
        .title = "Monitor selects nothing or nobody selects it",
        .scope = Scope::object,
        .severity = Severity::low,
        .needs = "servicemonitors.monitoring.coreos.com,podmonitors.monitoring.coreos.com,prometheuses.monitoring.coreos.com,"
                 "prometheusagents.monitoring.coreos.com,services,pods,namespaces,WL",
        .grants = "MO,SV,PO,NS,WL",
        .subjects = "servicemonitors.monitoring.coreos.com,podmonitors.monitoring.coreos.com",
        .fields = std::span{k_monitor_fields}.first(4), // the operator's own
        .rationale = "A monitor with a wrong label looks like monitoring, and collects nothing.",
        .rule =
            "warn: no Service or pod has the labels that it selects, none has a port of that name, no pod is behind the Service, or no Prometheus "
            "takes the monitor. pass: none of these. unknown: nobody but a target allocator of OpenTelemetry or Grafana Alloy may take it.",
        .remediation = "kubectl get prometheus -A -o yaml | grep -A3 -i monitorSelector, then give the monitor the labels that it asks for; the port "
                       "of an endpoint is the name of the Service's port, not its number.",
        .limits = "A Service without selector has endpoints that somebody else writes: it counts as leading somewhere.",
        .references = "https://prometheus-operator.dev/docs/platform/troubleshooting/",
        .judge_document = judge_monitor,
    },
    Check{
        .id = "metrics-target-down",
        .title = "Scrape targets are down",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .enabled = false,
        .needs = "probe:prometheus",
        .grants = "H",
        .rationale = "A target that does not answer is a blind spot: its alerts cannot fire.",
        .rule =
            "By two queries to probes.components.prometheus. pass: every target of the namespace was up at some time in the last 15 minutes. "
            "warn: one was not. fail: more than half were not. not_applicable: no targets. unknown: Prometheus is not configured, or gave no answer.",
        .remediation = "Open Prometheus at /targets for the reason; mostly a NetworkPolicy that does not let it in, or a port that moved:\n"
                       "  ingress:\n    - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]\n"
                       "      ports: [{port: metrics}]",
        .limits = "A workload without pods has no targets. A pair of Prometheus servers behind one URL counts targets twice, up and down alike.",
        .references = "https://prometheus.io/docs/concepts/jobs_instances/, https://prometheus.io/docs/prometheus/latest/querying/api/",
        .run = judge_scrape_targets,
    },
    Check{
        .id = "log-shipper-present",
        .title = "Container logs are not collected centrally",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "WL",
        .grants = "WL",
        .rationale = "Logs on a node vanish with the pod or the node, often just when they are needed.",
        .rule = "pass: a DaemonSet that reads the nodes' logs is ready, or attest.logShipping stands. fail: none. unknown: only a collector that may "
                "read "
                "logs through the API server.",
        .remediation =
            "helm repo add fluent https://fluent.github.io/helm-charts && helm install fluent-bit fluent/fluent-bit -n logging --create-namespace",
        .limits = "Agents that do several things count only with /var/log mounted. Log collection by the cloud's node image is invisible: attest it.",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/logging/, NSA Kubernetes Hardening Guidance 1.2",
        .judge_cluster = judge_log_shipper,
    },
    Check{
        .id = "log-shipper-coverage",
        .title = "Some nodes have no log shipper",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "WL, pods, nodes",
        .grants = "WL,PO,NO",
        .rationale = "A DaemonSet does not run where it does not tolerate a taint: the control plane's logs are the first to be missing.",
        .rule = "Share of ready nodes older than ten minutes with a ready shipper pod. pass: at least 99 %. warn: at least 90 %. fail: below. "
                "not_applicable: no shipper. Fargate and virtual nodes are left out.",
        .remediation = "Let the DaemonSet tolerate every taint: tolerations: [{operator: Exists}]",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/logging/#using-a-node-logging-agent",
        .judge_cluster = judge_shipper_coverage,
    },
    Check{
        .id = "audit-enabled",
        .title = "API server audit logging is off",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "pods,nodes,apiserver:/metrics,apiservers.config.openshift.io,configmap:kube-system/kubeadm-config,"
                 "configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,OX,+ME,+CM",
        .fields = k_audit_fields,
        .rationale = "Without it nobody can say who read a Secret or changed a role, today or after an incident.",
        .rule =
            "pass: every API server has --audit-policy-file and a backend (--audit-log-path or --audit-webhook-config-file), an OpenShift audit "
            "profile other than None, or attest.auditLogs stands. fail: an API server without a policy, or profile None. warn: a policy without a "
            "backend, or a hidden control plane whose metrics count audit events. unknown: flags and metrics are hidden.",
        .remediation =
            "Write a policy and name it, with a backend, in the flags of every API server:\n"
            "  - --audit-policy-file=/etc/kubernetes/audit-policy.yaml\n"
            "  - --audit-log-path=/var/log/kubernetes/audit.log\n"
            "On a managed control plane, enable the provider's audit log and attest it: attest: {auditLogs: {value: true, by: you, until: date}}",
        .limits = "What the policy records is in a file on the node.",
        .references = "https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/, CIS 3.2.1, CIS 1.2.16",
        .judge_cluster = judge_audit_enabled,
    },
    Check{
        .id = "audit-retention",
        .title = "Audit log rotation too short",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "pods,nodes,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,+NO,+CM",
        .parameters = k_retention_parameters,
        .rationale = "An intrusion is found after weeks: a log of days does not reach back to it.",
        .rule =
            "For API servers that write files: warn where --audit-log-maxage, --audit-log-maxbackup or --audit-log-maxsize is unset or below its "
            "limit (0 keeps all). pass: none. not_applicable: no audit log, one that goes to a webhook or to standard output. unknown: flags hidden.",
        .remediation = "  - --audit-log-maxage=30\n  - --audit-log-maxbackup=10\n  - --audit-log-maxsize=100",
        .limits = "A shipper that reads the files as they grow makes small values safe.",
        .references = "https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#log-backend, CIS 1.2.17, CIS 1.2.18, CIS 1.2.19",
        .judge_cluster = judge_audit_retention,
    },
};

} // namespace

constinit const check::Control k_monitoring{
    .id = "monitoring",
    .step = 14,
    .title = "Monitoring and SIEM",
    .summary = "Metrics, logs and audit events leave the cluster, and somebody is alerted.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "canaries.hpp"
#include "canary_coverage.hpp"
#include "control_list.hpp"
#include "environment_labels.hpp"
#include "names.hpp"
#include "rollout_availability.hpp"
#include "service_ports.hpp"
#include "stalled_canaries.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::not_applicable;
using check::Parameter;
using check::pass;
using check::Scope;
using check::Severity;
using check::Verdict;
using check::warn;
using model::WorkloadKind;

bool is_batch(const model::Workload& workload)
{
    return workload.kind == "Job" || workload.kind == "CronJob";
}

// --- rollout-readiness-probe ---

/// What the Services of a workload say about its containers' probes.
struct ProbeFindings {
    NameList missing;
    bool traffic = false; ///< a Service that carries more than metrics
    bool probed = false;  ///< a port's container with a readiness probe
    bool same_as_liveness = false;
};

void judge_port(const model::PodTemplate& pod_template, const model::ServicePort& port, ProbeFindings& findings)
{
    const auto owners = containers_behind(pod_template, port);
    for (const auto* container : owners.containers) {
        if (container->readiness->present()) {
            findings.probed = true;
            const bool same = container->liveness->present() && container->liveness->same_handler(*container->readiness);
            findings.same_as_liveness = findings.same_as_liveness || same;
        }
    }
    const auto probed = [](const auto* container) { return container->readiness->present(); };
    // An undeclared port may belong to any container: only where none has a probe is it proven to lack one.
    if (owners.certain ? std::ranges::all_of(owners.containers, probed) : std::ranges::any_of(owners.containers, probed)) return;
    for (const auto* container : owners.containers)
        if (!probed(container)) findings.missing.add(container->name.str());
}

Verdict judge_readiness_probe(const model::Workload& workload, const Context& context)
{
    if (is_batch(workload)) return not_applicable("Jobs serve no traffic").proven();
    ProbeFindings findings;
    for (const auto* service : context.index.services_of(workload)) {
        for (const auto& port : service->ports) {
            if (carries_metrics(port)) continue;
            findings.traffic = true;
            for (const auto* pod_template : workload.templates)
                judge_port(*pod_template, port, findings);
        }
    }
    if (!findings.traffic) return not_applicable("No Service sends it traffic other than metrics");
    if (!findings.missing.empty()) {
        const bool gated =
            std::ranges::all_of(workload.templates, [](const auto* pod_template) { return !pod_template->spec->readiness_gates.empty(); });
        const auto message = fmt::format("Containers that a Service sends traffic to have no readiness probe: {}", findings.missing.text());
        auto verdict = gated ? warn(message + "; only readiness gates hold traffic back") : fail(message);
        return std::move(verdict).with("containers", findings.missing.values());
    }
    auto verdict = pass("Every container behind a Service has a readiness probe");
    if (findings.same_as_liveness) verdict.evidence.emplace_back("note", "liveness and readiness probe are the same: a slow start becomes a restart");
    return verdict;
}

// --- rollout-progress ---

constexpr std::chrono::hours k_stuck_after{1};
constexpr std::chrono::hours k_paused_after{24};

/// The newest sign of movement: the condition's last change, or the newest pod.
Timestamp last_movement(const model::Workload& workload, const model::Condition* condition)
{
    auto newest = condition != nullptr ? condition->last_transition : Timestamp{};
    for (const auto* pod : workload.pods)
        if (pod->created.known() && (!newest.known() || pod->created > newest)) newest = pod->created;
    return newest;
}

Verdict judge_deployment(const model::Workload& workload, const model::WorkloadObject& object, Timestamp now)
{
    const auto* progressing = model::find_condition(object.conditions, "Progressing");
    if (progressing != nullptr && progressing->status == "False" && progressing->reason == "ProgressDeadlineExceeded")
        return fail("The rollout exceeded its deadline: the new revision does not become ready").with("condition", progressing->message.str());
    if (object.paused) {
        const bool by_pause = progressing != nullptr && progressing->reason == "DeploymentPaused";
        const auto since = by_pause ? progressing->last_transition : object.meta.created;
        if (since.at_least(k_paused_after, now))
            return warn("The rollout has been paused for more than a day: changes to the template have no effect");
        return pass("The rollout is paused").with("note", "paused less than a day ago").proven();
    }
    if (object.updated_replicas >= object.wanted_pods()) return pass("The newest revision is rolled out").proven();
    const auto message = fmt::format("{} of {} replicas run the newest revision", object.updated_replicas, object.wanted_pods());
    if (last_movement(workload, progressing).at_least(k_stuck_after, now)) return warn(message + ", and nothing has moved for an hour");
    return pass(message).with("note", "the rollout is in progress").proven();
}

Verdict judge_stateful_set(const model::Workload& workload, const model::WorkloadObject& object, Timestamp now)
{
    if (object.partition.value_or(0) > 0) return pass("The update is held back by its partition").proven();
    if (object.updated_replicas >= object.wanted_pods()) return pass("The newest revision is rolled out").proven();
    const auto message = fmt::format("{} of {} replicas run the newest revision", object.updated_replicas, object.wanted_pods());
    if (last_movement(workload, nullptr).at_least(k_stuck_after, now)) return warn(message + ", and nothing has moved for an hour");
    return pass(message).with("note", "the rollout is in progress").proven();
}

Verdict judge_daemon_set(const model::Workload& workload, const model::WorkloadObject& object, Timestamp now)
{
    if (object.updated_replicas >= object.desired_scheduled) return pass("The newest revision runs on every node that it is wanted on").proven();
    const auto message = fmt::format("The newest revision runs on {} of {} nodes", object.updated_replicas, object.desired_scheduled);
    if (last_movement(workload, nullptr).at_least(k_stuck_after, now)) return warn(message + ", and nothing has moved for an hour");
    return pass(message).with("note", "the rollout is in progress").proven();
}

Verdict judge_object_progress(const model::Workload& workload, const model::WorkloadObject& object, Timestamp now)
{
    switch (object.kind) {
    case WorkloadKind::deployment: return judge_deployment(workload, object, now);
    case WorkloadKind::stateful_set: return judge_stateful_set(workload, object, now);
    case WorkloadKind::daemon_set: return judge_daemon_set(workload, object, now);
    default: return not_applicable("It does not roll out revisions").proven();
    }
}

Verdict judge_progress(const model::Workload& workload, const Context& context)
{
    auto result = not_applicable("It does not roll out revisions").proven();
    for (const auto* object : workload.controllers) {
        if (!object->has_status) {
            result = worst(std::move(result), check::unknown(check::Reason::unobservable, "A manifest does not show how far a rollout is"));
            continue;
        }
        result = worst(std::move(result), judge_object_progress(workload, *object, context.now));
    }
    return result;
}

// --- rollout-undo-history ---

Verdict judge_undo_history(const model::Workload& workload, const Context&)
{
    bool keeps_history = false;
    for (const auto* object : workload.controllers) {
        const bool revisions =
            object->kind == WorkloadKind::deployment || object->kind == WorkloadKind::stateful_set || object->kind == WorkloadKind::daemon_set;
        if (!revisions) continue;
        keeps_history = true;
        if (object->revision_history_limit && *object->revision_history_limit == 0)
            return fail("revisionHistoryLimit is 0: no earlier revision is kept to go back to");
    }
    if (!keeps_history) return not_applicable("It keeps no revisions").proven();
    return pass("Earlier revisions are kept").proven();
}

// --- rollout-strategy ---

/// A number or percentage of `replicas`, as Kubernetes rounds maxUnavailable: down.
std::int32_t resolve_down(std::string_view written, std::int32_t replicas)
{
    const bool percent = written.ends_with('%');
    if (percent) written.remove_suffix(1);
    std::int32_t value = 0;
    std::from_chars(written.data(), written.data() + written.size(), value);
    return percent ? static_cast<std::int32_t>(std::int64_t{value} * replicas / 100) : value;
}

bool has_host_port(const model::PodSpec& spec)
{
    for (const auto& container : spec.containers)
        if (std::ranges::any_of(container.ports, [](const auto& port) { return port.host_port != 0; })) return true;
    return false;
}

enum class Volumes { shared, single_writer, not_known };

/// Whether two pods can mount the workload's claims at once. A claim that does not exist (yet) counts as one for a single writer.
Volumes judge_volumes(const model::Workload& workload, const Context& context)
{
    const auto claims = context.index.documents_in("persistentvolumeclaims", workload.ns);
    auto result = Volumes::shared;
    for (const auto* pod_template : workload.templates) {
        for (const auto& volume : pod_template->spec->volumes) {
            if (volume.kind != model::Volume::Kind::persistent_volume_claim) continue;
            const auto claim = std::ranges::find_if(claims, [&](const auto* document) { return document->meta.name == volume.source; });
            if (claim == claims.end() && context.gap("persistentvolumeclaims", workload.ns) != nullptr) {
                result = Volumes::not_known;
                continue;
            }
            if (claim == claims.end()) return Volumes::single_writer;
            const auto& modes = (*claim)->at("spec.accessModes");
            if (!modes.contains("ReadWriteMany") && !modes.contains("ReadOnlyMany")) return Volumes::single_writer;
        }
    }
    return result;
}

Verdict judge_strategy(const model::Workload& workload, const Context& context)
{
    if (names_workload(context.parameters.list("allow"), workload)) return not_applicable("The workload is allowed by `allow`").proven();
    const auto* object = workload.object;
    if (object == nullptr) return not_applicable("Only Deployments, StatefulSets and DaemonSets have an update strategy").proven();
    if (object->kind == WorkloadKind::stateful_set || object->kind == WorkloadKind::daemon_set) {
        if (object->strategy == "OnDelete") return warn("Updates wait until somebody deletes the pods (OnDelete)");
        return pass("Pods are replaced one after the other").proven();
    }
    if (object->kind != WorkloadKind::deployment) return not_applicable("It has no update strategy").proven();
    const auto replicas = object->replicas.value_or(1);
    if (replicas <= 1) return not_applicable("One replica cannot be replaced gradually").proven();
    if (context.index.services_of(workload).empty()) return not_applicable("No Service sends it traffic");
    if (std::ranges::any_of(workload.templates, [](const auto* pod_template) { return has_host_port(*pod_template->spec); }))
        return not_applicable("Two of its pods cannot share a node's port").proven();
    const auto volumes = judge_volumes(workload, context);
    if (volumes == Volumes::single_writer) return not_applicable("Two of its pods cannot share its volume").proven();
    if (volumes == Volumes::not_known) return context.unknown_for(*context.gap("persistentvolumeclaims", workload.ns));
    if (object->strategy == "Recreate") return fail("The strategy Recreate stops every pod before it starts a new one");
    const auto unavailable = object->max_unavailable.empty() ? std::string_view{"25%"} : object->max_unavailable.view();
    if (resolve_down(unavailable, replicas) >= replicas)
        return fail(fmt::format("maxUnavailable {} lets all {} replicas stop at once", unavailable, replicas));
    return pass("The strategy keeps part of the replicas running").proven();
}

constexpr std::array k_strategy_parameters{
    Parameter{"allow", Parameter::Type::list, "[]", "Workloads of which only one may run, such as leader-elected singletons."},
};
constexpr std::array k_strategy_fields{check::Fields{"persistentvolumeclaims", "spec.accessModes"}};

constexpr std::array k_replica_parameters{
    Parameter{"min", Parameter::Type::number, "2", "Fewer replicas than these are a finding."},
    k_env_label_keys,
    k_prod_values,
};
constexpr std::array k_stalled_parameters{
    Parameter{"approvalGrace", Parameter::Type::duration, "24h", "How long a canary may wait for somebody."},
    Parameter{"manualGrace", Parameter::Type::duration, "14d", "How long weights that people set may stay as they are."},
};

constexpr Parameter k_coverage_parameters[] = {
    {"strict", Parameter::Type::flag, "false", "Fail where the label asks for a canary and there is none."},
    {"canaryRequired", Parameter::Type::text, "seaworthy.dev/canary-required", "The label that asks for one, with the value \"true\"."},
};

constexpr std::array k_checks{
    Check{
        .id = "canary-workload-coverage",
        .title = "Exposed service is released without canary",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,rollouts.argoproj.io,canaries.flagger.app,rollouts.rollouts.kruise.io,gateways.gateway.networking.k8s.io,"
                 "httproutes.gateway.networking.k8s.io,grpcroutes.gateway.networking.k8s.io,virtualservices.networking.istio.io,"
                 "ingressroutes.traefik.io,httpproxies.projectcontour.io,routes.route.openshift.io,services.serving.knative.dev,"
                 "trafficsplits.split.smi-spec.io,traefikservices.traefik.io,services,ingresses.networking.k8s.io,pods",
        .grants = "CD,RT,WL,SV,NP,+PO",
        .fields = k_coverage_fields,
        .parameters = k_coverage_parameters,
        .rationale = "What is released to everybody at once fails for everybody at once; a canary shows it on a few requests.",
        .rule = "For Deployments and Argo Rollouts of two replicas or more that are reachable from outside. pass: a Rollout with steps (blue and "
                "green: partial), Flagger, OpenKruise, a route or a canary Ingress that shares requests out between two versions, a second "
                "Deployment of the same application and another version behind the same Service, or a StatefulSet held by its partition. warn: "
                "none, so a rolling update alone. fail: the same with `strict` and label `canaryRequired`. not_applicable: nothing leads to it "
                "from outside, one replica, other kinds, what an operator made.",
        .remediation =
            "Let Argo Rollouts take the Deployment over:\n"
            "  apiVersion: argoproj.io/v1alpha1\n  kind: Rollout\n  spec:\n    workloadRef: {apiVersion: apps/v1, kind: Deployment, name: web}\n"
            "    strategy: {canary: {steps: [{setWeight: 10}, {pause: {duration: 10m}}, {setWeight: 50}, {pause: {duration: 10m}}]}}\n"
            "or give a second Deployment a small weight in the HTTPRoute's backendRefs.",
        .limits = "A canary is seen while its objects are there: one by weights or a second Deployment that was cleared away after the release is "
                  "not. Backends in other namespaces are not followed.",
        .references = "https://kubernetes.io/docs/concepts/workloads/management/#canary-deployments, "
                      "https://gateway-api.sigs.k8s.io/guides/traffic-splitting/",
        .judge_workload = judge_canary_coverage,
    },
    Check{
        .id = "rollout-min-replicas",
        .title = "Single replica: no gradual update possible",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,services,horizontalpodautoscalers.autoscaling,scaledobjects.keda.sh,rollouts.argoproj.io,"
                 "canaries.flagger.app,rollouts.rollouts.kruise.io,ingresses.networking.k8s.io,"
                 "gateways.gateway.networking.k8s.io,httproutes.gateway.networking.k8s.io,grpcroutes.gateway.networking.k8s.io,"
                 "virtualservices.networking.istio.io,ingressroutes.traefik.io,httpproxies.projectcontour.io,"
                 "routes.route.openshift.io,services.serving.knative.dev,namespaces,pods",
        .grants = "WL,SV,HA,+CD,+NP,+RT,+NS,+PO",
        .fields = k_replica_fields,
        .parameters = k_replica_parameters,
        .rationale = "With one replica every change is an interruption, and nothing can be tried on a part.",
        .rule = "For Deployments and StatefulSets behind a Service that carries more than metrics; an autoscaler's minimum counts before the "
                "workload's own. fail: fewer than `min` and reachable from outside. warn: fewer. pass: enough. not_applicable: no such Service, a "
                "shared volume, leader election, a namespace that is not production, KEDA down to zero, Flagger.",
        .remediation = "spec: {replicas: 2}, and topologySpreadConstraints over nodes",
        .limits = "Whether a volume may be mounted by several nodes is not read: a Deployment with a claim is left out.",
        .references = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/",
        .judge_workload = judge_min_replicas,
    },
    Check{
        .id = "rollout-pdb",
        .title = "Disruption budget missing or blocking",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "poddisruptionbudgets.policy,WL,services,horizontalpodautoscalers.autoscaling,scaledobjects.keda.sh,pods",
        .grants = "PD,WL,SV,HA,+PO",
        .fields = k_budget_rule_fields,
        .rationale = "Without a budget a drain takes all replicas at once; with one that is too strict no node can be drained.",
        .rule = "For Deployments and StatefulSets of two replicas or more. fail: a budget lets no pod go (maxUnavailable 0, minAvailable of all; "
                "percentages are rounded up). warn: a Service and no budget. pass: a budget. not_applicable: fewer replicas, or no Service.",
        .remediation =
            "kubectl create poddisruptionbudget web --selector=app=web --max-unavailable=1\n  and spec: {unhealthyPodEvictionPolicy: AlwaysAllow}",
        .limits = "That no disruption is allowed just now may be a rollout: it is no finding.",
        .references = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        .judge_workload = judge_disruption_budget,
    },
    Check{
        .id = "canary-capability",
        .title = "No progressive-delivery tooling",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "WL,rollouts.argoproj.io,canaries.flagger.app,rollouts.rollouts.kruise.io,"
                 "gatewayclasses.gateway.networking.k8s.io",
        .grants = "WL,RT,CD",
        .fields = k_canary_tool_fields,
        .rationale = "Without a way to send a part of the requests to a new version, everybody tests it.",
        .rule = "pass: Argo Rollouts, Flagger, OpenKruise or Knative is ready, or a router that takes weights is: an accepted GatewayClass, Istio, "
                "Linkerd, Traefik, Contour, ingress-nginx and others. warn: none.",
        .remediation = "helm install argo-rollouts argo/argo-rollouts -n argo-rollouts --create-namespace",
        .references = "https://argoproj.github.io/rollouts/, https://docs.flagger.app/",
        .judge_cluster = judge_canary_tools,
    },
    Check{
        .id = "canary-spec-valid",
        .title = "Canary definition cannot limit blast radius",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "rollouts.argoproj.io,canaries.flagger.app,rollouts.rollouts.kruise.io",
        .grants = "CD",
        .subjects = "rollouts.argoproj.io,canaries.flagger.app",
        .fields = k_canary_spec_fields,
        .rationale = "A canary that begins with everything, or looks at nothing, is a rollout with more ceremony.",
        .rule = "Argo Rollouts: warn: no steps, no weight below 100, nothing pauses or analyses, a weight that is no whole pod without "
                "trafficRouting, or blue and green without an analysis. Flagger: fail: no analysis, or one that looks at nothing or is skipped. "
                "warn: half of the requests in the first step. pass: else. not_applicable: blue and green with an analysis.",
        .remediation = "steps: [{setWeight: 5}, {pause: {duration: 10m}}, {analysis: {templates: [{templateName: success-rate}]}}, {setWeight: 50}]",
        .limits = "Canaries by header have no weights.",
        .references = "https://argoproj.github.io/argo-rollouts/features/canary/, https://docs.flagger.app/usage/how-it-works",
        .judge_document = judge_canary_spec,
    },
    Check{
        .id = "canary-stalled",
        .title = "Canary failed, aborted or forgotten",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "rollouts.argoproj.io,canaries.flagger.app,rollouts.rollouts.kruise.io,ingresses.networking.k8s.io,"
                 "gateways.gateway.networking.k8s.io,httproutes.gateway.networking.k8s.io,grpcroutes.gateway.networking.k8s.io,"
                 "virtualservices.networking.istio.io,ingressroutes.traefik.io,httpproxies.projectcontour.io,"
                 "routes.route.openshift.io,services.serving.knative.dev,trafficsplits.split.smi-spec.io,"
                 "traefikservices.traefik.io",
        .grants = "CD,RT,NP",
        .subjects = "rollouts.argoproj.io,canaries.flagger.app,ingresses.networking.k8s.io,httproutes.gateway.networking.k8s.io,"
                    "grpcroutes.gateway.networking.k8s.io,virtualservices.networking.istio.io,httpproxies.projectcontour.io,"
                    "routes.route.openshift.io,services.serving.knative.dev,trafficsplits.split.smi-spec.io,traefikservices.traefik.io",
        .fields = k_stalled_fields,
        .parameters = k_stalled_parameters,
        .rationale = "A canary that nobody finishes is two versions in production, one of which nobody watches.",
        .rule = "fail: failed, degraded or aborted for an hour. warn: paused or waiting for longer than `approvalGrace`, or a canary Ingress, or a "
                "route that sends a written share of its requests to two backends or more, that nobody has changed for `manualGrace`. pass: else. "
                "not_applicable: a Canary or a Rollout sets the weights. unknown: no controller has looked at it.",
        .remediation = "Promote it, abort it, or delete it:\n  kubectl argo rollouts promote <name> -n <namespace>",
        .limits =
            "Approvals may take days on purpose: raise `approvalGrace`. Weights that are meant to stay, as between two sites, need an exemption. "
            "Where the managers of fields are stripped, a route counts as unchanged since its creation. Any write to an Ingress but to its status "
            "counts as a change.",
        .references = "https://argoproj.github.io/argo-rollouts/features/specification/",
        .run = judge_stalled_canaries,
    },
    Check{
        .id = "rollout-strategy",
        .title = "Update strategy replaces everything at once",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL, services, persistentvolumeclaims, pods",
        .grants = "WL,SV,+RQ,+PO",
        .fields = k_strategy_fields,
        .parameters = k_strategy_parameters,
        .rationale = "A bad release that replaces every pod at once takes the service down at once.",
        .rule =
            "fail: a Deployment of several replicas behind a Service uses Recreate, or a maxUnavailable that is all of them. warn: a StatefulSet or "
            "DaemonSet updates on delete. pass: otherwise. not_applicable: one replica, no Service, host ports, volumes for one writer.",
        .remediation =
            "kubectl patch deployment NAME -p '{\"spec\": {\"strategy\": {\"type\": \"RollingUpdate\", \"rollingUpdate\": {\"maxUnavailable\": "
            "\"25%\", \"maxSurge\": \"25%\"}}}}'",
        .references = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-update-deployment",
        .judge_workload = judge_strategy,
    },
    Check{
        .id = "rollout-readiness-probe",
        .title = "Traffic reaches pods before they are ready",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL, services, pods",
        .grants = "WL,SV,+PO",
        .rationale = "Without a readiness probe a pod gets requests as soon as its process starts, and a broken release replaces a working one.",
        .rule = "fail: a container behind a Service port has no readiness probe. warn: only readiness gates hold traffic back. pass: all have one. "
                "not_applicable: no Service, or only Services for metrics; Jobs.",
        .remediation = "Add to the container, with a path that answers 200 only when it can serve:\n"
                       "readinessProbe: {httpGet: {path: /ready, port: http}, periodSeconds: 5, failureThreshold: 3}",
        .limits = "A target port that no container declares is taken to be the only container's.",
        .references = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",
        .judge_workload = judge_readiness_probe,
    },
    Check{
        .id = "rollout-progress",
        .title = "Rollout is stuck",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL, pods",
        .grants = "WL,+PO",
        .rationale = "A rollout that got stuck leaves two versions running and hides that the newest one never worked.",
        .rule =
            "fail: a Deployment exceeded its progress deadline. warn: replicas of an old revision and no movement for an hour, or paused for a day. "
            "pass: rolled out or under way. not_applicable: what rolls out no revisions.",
        .remediation =
            "kubectl rollout status KIND/NAME shows what it waits for; then repair the revision or go back: kubectl rollout undo KIND/NAME",
        .limits = "A StatefulSet held by its partition is deliberate. Where no timestamp tells, the state counts as old.",
        .references = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#failed-deployment",
        .judge_workload = judge_progress,
    },
    Check{
        .id = "rollout-undo-history",
        .title = "Rollback is impossible",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL, pods",
        .grants = "WL,+PO",
        .rationale = "kubectl rollout undo needs an earlier revision to go back to.",
        .rule = "fail: revisionHistoryLimit is 0. pass: otherwise (10 where it is not set). not_applicable: what keeps no revisions.",
        .remediation = "kubectl patch KIND NAME -p '{\"spec\": {\"revisionHistoryLimit\": 5}}'",
        .limits = "Where Git is the source a revert does the same.",
        .references = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#revision-history-limit",
        .judge_workload = judge_undo_history,
    },
};

} // namespace

constinit const check::Control k_progressive_delivery{
    .id = "progressive-delivery",
    .step = 13,
    .title = "Canary rollouts",
    .summary = "New versions reach a few users first, and a bad one can be taken back before it reaches the rest.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

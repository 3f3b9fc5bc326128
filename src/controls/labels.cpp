// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controls/control_list.hpp"
#include "controls/disruption_budgets.hpp"
#include "controls/evidence.hpp"
#include "controls/exposure.hpp"
#include "controls/label_economy.hpp"
#include "controls/names.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Fields;
using check::MetadataSubject;
using check::Parameter;
using check::Scope;
using check::Severity;
using check::Verdict;
using model::StringMap;
using model::Workload;

constexpr std::string_view k_budgets = "poddisruptionbudgets.policy";

// ---- identity and owner

std::string_view first_alias(const StringMap& labels, const std::string& key, const std::vector<check::Record>& aliases)
{
    for (const auto& record : aliases) {
        const auto found = record.find(key);
        if (found == record.end()) continue;
        for (const auto& alias : found->second)
            if (labels.has(alias)) return alias;
    }
    return {};
}

Verdict judge_recommended(const MetadataSubject& subject, const Context& context)
{
    NameList missing;
    NameList aliased;
    NameList advised;
    for (const auto& key : context.parameters.list("required")) {
        if (subject.meta.labels.has(key)) continue;
        const auto alias = first_alias(subject.meta.labels, key, context.parameters.records("aliases"));
        if (alias.empty())
            missing.add(key);
        else
            aliased.add(fmt::format("{} (as {})", key, alias));
    }
    for (const auto& key : context.parameters.list("recommended"))
        if (!subject.meta.labels.has(key)) advised.add(key);
    if (!missing.empty()) return check::fail(fmt::format("Lacks {}", missing.text())).with("missing", missing.values());
    if (!aliased.empty()) return check::warn(fmt::format("Has {} under another name only", aliased.text())).with("aliased", aliased.values());
    if (!advised.empty()) return check::warn(fmt::format("Lacks the recommended {}", advised.text())).with("missing", advised.values());
    return check::pass("Carries all identity labels");
}

/// "label team", where a key with a value is on the object, or nothing.
std::string owner_on(const StringMap& labels, const StringMap& annotations, const std::vector<std::string>& keys)
{
    for (const auto& key : keys) {
        if (!labels.get(key).empty()) return "label " + key;
        if (!annotations.get(key).empty()) return "annotation " + key;
    }
    return {};
}

Verdict judge_owner(const MetadataSubject& subject, const Context& context)
{
    const auto& keys = context.parameters.list("ownerKeys");
    auto owner = owner_on(subject.meta.labels, subject.meta.annotations, keys);
    if (const auto* pod_template = subject.pod_template(); owner.empty() && pod_template != nullptr)
        owner = owner_on(pod_template->labels, pod_template->annotations, keys);
    if (!owner.empty()) return check::pass(fmt::format("Owned, by its {}", owner)).proven();
    const auto* ns = context.index.find_namespace(subject.meta.ns);
    if (ns != nullptr) owner = owner_on(ns->meta.labels, ns->meta.annotations, keys);
    if (context.inventory.cluster.partial && (ns == nullptr || ns->meta.labels.empty()) && owner.empty())
        return check::unknown(check::Reason::unobservable, "The namespace's own labels are not in the manifests");
    if (!owner.empty()) return check::pass(fmt::format("Owned, by the namespace's {}", owner));
    return check::fail("Neither the workload nor its namespace says which team it belongs to").by_absence();
}

Verdict judge_template_labels(const MetadataSubject& subject, const Context&)
{
    constexpr std::string_view k_identity[] = {"app.kubernetes.io/name", "app.kubernetes.io/instance"};
    const auto* pod_template = subject.pod_template();
    if (pod_template == nullptr) return check::not_applicable("A bare pod has no template").proven();
    NameList missing;
    bool any = false;
    for (const auto key : k_identity) {
        if (!subject.meta.labels.has(key)) continue;
        any = true;
        if (!pod_template->labels.has(key)) missing.add(std::string{key});
    }
    if (!any) return check::not_applicable("Has no identity label that could be handed on").proven();
    if (missing.empty()) return check::pass("Its pods carry its identity labels");
    return check::warn(fmt::format("Its pods lack {}: Services, policies and queries select pods", missing.text())).with("missing", missing.values());
}

// ---- Services that select nothing

/// Labels that controllers set on pods while they run.
bool is_runtime_key(std::string_view key)
{
    return key == "role" || key == "rollouts-pod-template-hash" || glob_match("*-role", key) || glob_match("*/role", key) || glob_match("*Role", key);
}

/// True if all of the selector but its run-time keys selects the labels, and something is left of it.
bool selects_but_for_role(const StringMap& selector, const StringMap& labels)
{
    std::size_t fixed = 0;
    for (const auto& [key, value] : selector) {
        if (is_runtime_key(key)) continue;
        ++fixed;
        if (!labels.is(key, value)) return false;
    }
    return fixed > 0 && fixed < selector.size();
}

/// What a selector finds in a namespace, strongest first.
enum class Found { nothing, but_for_role, templates, pods };

Found search(const model::Service& service, const Context& context)
{
    auto found = Found::nothing;
    const auto raise = [&](Found level) { found = std::max(found, level); };
    for (const auto* pod : context.index.active_pods_in(service.meta.ns)) {
        if (model::map_selects(service.selector, pod->labels())) return Found::pods;
        if (selects_but_for_role(service.selector, pod->labels())) raise(Found::but_for_role);
    }
    for (const auto* workload : context.index.workloads_in(service.meta.ns)) {
        if (workload->finished) continue;
        for (const auto* controller : workload->controllers) {
            const auto& labels = controller->pod_template.labels;
            if (selects_but_for_role(service.selector, labels)) raise(Found::but_for_role);
            if (!model::map_selects(service.selector, labels)) continue;
            // Manifests hold no pods: a template that asks for some stands for them.
            raise(context.inventory.cluster.partial && controller->wanted_pods() > 0 ? Found::pods : Found::templates);
        }
    }
    return found;
}

std::string written_out(const StringMap& labels)
{
    std::string text;
    for (const auto& [key, value] : labels)
        text += fmt::format("{}{}={}", text.empty() ? "" : ",", key.view(), value.view());
    return text;
}

/// C2: Flagger's Service for a canary selects nothing between releases, and nobody but Flagger can change that.
Verdict made_by_its_owner()
{
    return check::not_applicable("A controller made the Service and keeps its selector").proven();
}

Verdict judge_service_selector(const model::Service& service, const Context& context)
{
    if (service.type == "ExternalName") return check::not_applicable("An ExternalName Service selects nothing").proven();
    if (service.selector.empty()) return check::not_applicable("Has no selector").proven();
    if (service.meta.controller != nullptr) return made_by_its_owner();
    const auto rest = [&](Verdict verdict) { return resting_on(std::move(verdict).by_absence(), context, service.meta.ns, {"pods", "WL"}); };
    const auto selector = written_out(service.selector);
    switch (search(service, context)) {
    case Found::pods: return check::pass("Selects pods").proven();
    case Found::templates:
        return rest(check::warn(fmt::format("{} selects no running pod, only workloads without pods", selector)).with("selector", selector));
    case Found::but_for_role:
        return rest(check::warn(fmt::format("{} selects no pod now; pods match but for a label that a controller sets at run time", selector))
                        .with("selector", selector));
    case Found::nothing: break;
    }
    return rest(
        check::fail(fmt::format("{} selects no pod and no workload: whoever calls the Service gets no answer", selector)).with("selector", selector));
}

// ---- PodDisruptionBudgets

struct Selected {
    std::vector<const StringMap*> pods; ///< labels of what runs
    bool idle_template = false;         ///< a workload that wants no pods now
    bool template_without_pods = false; ///< one that wants pods and has none yet
};

Selected selected_by(const model::Document& budget, const Context& context)
{
    Selected selected;
    for (const auto* pod : context.index.active_pods_in(budget.meta.ns))
        if (budget_selects(budget, pod->labels())) selected.pods.push_back(&pod->labels());
    for (const auto* workload : context.index.workloads_in(budget.meta.ns)) {
        if (workload->finished) continue;
        for (const auto* controller : workload->controllers) {
            if (!budget_selects(budget, controller->pod_template.labels)) continue;
            if (controller->wanted_pods() == 0)
                selected.idle_template = true;
            else if (context.inventory.cluster.partial)
                selected.pods.push_back(&controller->pod_template.labels);
            else
                selected.template_without_pods = true;
        }
    }
    return selected;
}

Verdict judge_budget(const model::Document& budget, const Context& context)
{
    const auto selected = selected_by(budget, context);
    for (const auto* other : context.index.documents_in(k_budgets, budget.meta.ns)) {
        if (other == &budget) continue;
        if (std::ranges::any_of(selected.pods, [&](const auto* labels) { return budget_selects(*other, *labels); }))
            return check::fail(fmt::format("Selects pods that PodDisruptionBudget {} selects too: evicting them fails with an error",
                                           other->meta.name.view()))
                .with("other", other->meta.name.str());
    }
    const auto rest = [&](Verdict verdict) { return resting_on(std::move(verdict).by_absence(), context, budget.meta.ns, {"pods", "WL"}); };
    if (!selected.pods.empty() || selected.template_without_pods) return check::pass("Selects pods that no other budget selects");
    if (selected.idle_template) return rest(check::not_applicable("Its workload is scaled to zero"));
    if (budget.at("status.expectedPods").number_or(0) > 0) return check::pass("Its controller counts pods for it");
    return rest(check::warn("Selects no pod and no workload: it protects nothing"));
}

constexpr Parameter k_recommended_parameters[] = {
    {.name = "required",
     .type = Parameter::Type::list,
     .fallback = "[app.kubernetes.io/name, app.kubernetes.io/instance]",
     .description = "Labels without which a workload fails."},
    {.name = "recommended",
     .type = Parameter::Type::list,
     .fallback = "[app.kubernetes.io/version, app.kubernetes.io/part-of, app.kubernetes.io/managed-by, app.kubernetes.io/component]",
     .description = "Labels whose absence is a warning."},
    {.name = "aliases",
     .type = Parameter::Type::records,
     .fallback = "{app.kubernetes.io/name: [app, k8s-app, name], app.kubernetes.io/instance: [release]}",
     .description = "Older labels that count half: a required label that is there under one of them is a warning."},
};
constexpr Parameter k_owner_parameters[] = {
    {.name = "ownerKeys",
     .type = Parameter::Type::list,
     .fallback = "[owner, team, app.kubernetes.io/owner, cost-center, a8r.io/owner, openshift.io/requester, capsule.clastix.io/tenant, "
                 "field.cattle.io/creatorId]",
     .description = "Labels or annotations that name the owner."},
};
constexpr Fields k_budget_fields[] = {{k_budgets, "spec.selector, status.expectedPods"}};

// ---- label-service-selector-ambiguous

/// What a workload calls itself; without a label, a name that no other has.
std::string app_name(const model::Workload& workload)
{
    for (const auto* pod_template : workload.templates)
        for (const std::string_view key : {"app.kubernetes.io/name", "app"})
            if (const auto name = pod_template->labels.get(key); !name.empty()) return std::string{name};
    return fmt::format("{}/{}", workload.kind.view(), workload.name.view());
}

Verdict judge_mixed_service(const model::Service& service, const Context& context)
{
    if (service.selector.empty()) return check::not_applicable("The Service selects no pods").proven();
    if (service.meta.controller != nullptr) return made_by_its_owner();
    std::set<const model::Workload*> workloads;
    std::set<std::string> names;
    NameList mixed;
    for (const auto* pod : context.index.active_pods_in(service.meta.ns)) {
        const auto* workload = model::map_selects(service.selector, pod->labels()) ? context.index.root_of(*pod) : nullptr;
        if (workload == nullptr || !workloads.insert(workload).second) continue;
        names.insert(app_name(*workload));
    }
    if (workloads.empty()) return check::not_applicable("No active pod is behind the Service");
    if (names.size() < 2)
        return check::pass(workloads.size() == 1 ? "One workload is behind the Service" : "The workloads behind the Service are of one application");
    for (const auto& name : names)
        mixed.add(name);
    return check::warn(fmt::format("Requests go to pods of different applications: {}", mixed.text())).with("applications", mixed.values());
}

// ---- label-data-classification-missing

Verdict judge_classification(const model::Namespace& ns, const Context& context)
{
    const auto& keys = context.parameters.list("classificationKeys");
    const auto classified = [&](const StringMap& labels) { return std::ranges::any_of(keys, [&](const auto& key) { return labels.has(key); }); };
    if (!exposes_something(ns.meta.name, context)) return check::not_applicable("Nothing here is reachable from outside");
    if (classified(ns.meta.labels)) return check::pass("The namespace is classified").proven();
    NameList missing;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished) continue;
        const bool by_object = workload->object != nullptr && classified(workload->object->meta.labels);
        const bool by_template = std::ranges::any_of(workload->templates, [&](const auto* each) { return classified(each->labels); });
        if (!by_object && !by_template) missing.add(fmt::format("{}/{}", workload->kind.view(), workload->name.view()));
    }
    if (missing.empty() && !context.index.workloads_in(ns.meta.name).empty()) return check::pass("All workloads are classified");
    return check::fail(missing.empty() ? std::string{"The exposed namespace is not classified"}
                                       : fmt::format("Exposed, and neither the namespace nor {} is classified", missing.text()))
        .with("workloads", missing.values());
}

constexpr Parameter k_classification_parameters[] = {
    {.name = "classificationKeys",
     .type = Parameter::Type::list,
     .fallback = "[data-classification, storespii, userexposed]",
     .description = "Labels that say what data a namespace or workload handles; any value counts."},
};
constexpr Fields k_selecting_fields[] = {
    {k_budgets, "spec.selector"},
    {"validatingwebhookconfigurations.admissionregistration.k8s.io", "webhooks.objectSelector"},
    {"mutatingwebhookconfigurations.admissionregistration.k8s.io", "webhooks.objectSelector"},
};

constexpr Check k_checks[] = {
    {
        .id = "label-controller-selector-overlap",
        .title = "Selectors of two controllers overlap",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,pods",
        .grants = "WL,+PO",
        .subjects = "WL",
        .rationale = "An autoscaler, a budget or a Service that uses the selector acts on the other workload's pods as well.",
        .rule = "For Deployments, StatefulSets, DaemonSets and ReplicaSets. fail: the selector matches the template of another root workload of the "
                "namespace. pass: it does not. not_applicable: other kinds; objects that an operator made.",
        .remediation = "Give every controller a label that only it has, in selector and template. A selector cannot be changed: make the controller "
                       "anew.\n"
                       "  selector: {matchLabels: {app: web, track: canary}}",
        .limits = "Controllers do not adopt each other's pods, which have an owner: what goes wrong is what people and autoscalers do by selector.",
        .references = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
        .run = judge_selector_overlap,
    },
    {
        .id = "label-sprawl",
        .title = "Many labels that nothing selects on",
        .scope = Scope::workload,
        .severity = Severity::info,
        .needs = "WL,services,networkpolicies.networking.k8s.io,poddisruptionbudgets.policy,"
                 "validatingwebhookconfigurations.admissionregistration.k8s.io,mutatingwebhookconfigurations.admissionregistration.k8s.io,pods",
        .grants = "WL,SV,NP,PD,AD,+PO",
        .subjects = "WL",
        .fields = k_selecting_fields,
        .rationale = "Labels are an index: each costs memory in every watcher and a dimension in every metric. Descriptions belong into annotations.",
        .rule = "warn: the pods carry more than ten labels, keys of Kubernetes and of delivery tools left out, by which no selector of a Service, "
                "policy, budget, webhook, workload, affinity or topology constraint selects. pass: ten or fewer.",
        .remediation = "Move descriptive labels to metadata.annotations.",
        .limits = "Queries by people, dashboards and custom resources are not seen.",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
        .run = judge_label_sprawl,
    },
    {
        .id = "label-high-cardinality",
        .title = "Label carries change data that belongs in an annotation",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,pods",
        .grants = "WL,+PO",
        .rationale = "Every new value restarts all pods and makes all their metric series anew.",
        .rule =
            "warn: a label of the pods holds a date or time, a Unix time, a Git commit, a UUID or a long random text. pass: none does. Labels that "
            "controllers set, app.kubernetes.io/version and helm.sh/chart do not count.",
        .remediation = "Write it as an annotation of the object, not of its pod template:\n"
                       "  metadata: {annotations: {app.example.com/commit: 4f2a…}}",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
        .judge_metadata = judge_label_cardinality,
    },
    {
        .id = "label-data-classification-missing",
        .title = "Exposed or sensitive workload is not classified",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .enabled = false,
        .needs = "namespaces,WL,ingresses.networking.k8s.io,services,gateways.gateway.networking.k8s.io,httproutes.gateway.networking.k8s.io,"
                 "grpcroutes.gateway.networking.k8s.io,virtualservices.networking.istio.io,ingressroutes.traefik.io,httpproxies.projectcontour.io,"
                 "routes.route.openshift.io,services.serving.knative.dev",
        .grants = "NS,WL,NP,SV,+RT",
        .parameters = k_classification_parameters,
        .rationale = "Policies can treat personal or exposed data with more care only if something says where it is.",
        .rule =
            "For namespaces with an Ingress, a gateway or route, or a LoadBalancer. pass: the namespace, or each of its workloads, carries a label "
            "of `classificationKeys`. fail: else. not_applicable: nothing here is exposed.",
        .remediation = "kubectl label namespace <name> data-classification=<class>",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/",
        .judge_namespace = judge_classification,
    },
    {
        .id = "label-service-selector-ambiguous",
        .title = "Service mixes pods of unrelated workloads",
        .scope = Scope::service,
        .severity = Severity::medium,
        .needs = "services,pods,WL",
        .grants = "SV,PO,WL",
        .rationale = "A selector that is too wide sends a share of the requests to pods that cannot answer them, and that looks like chance.",
        .rule = "By the root workloads of the active pods behind the Service. warn: two or more whose app.kubernetes.io/name (or app) differ; "
                "without such a "
                "label a workload has a name of its own. pass: one, or several of one application (canary, blue and green). "
                "not_applicable: none; a Service that a controller made.",
        .remediation = "Select by both: selector: {app.kubernetes.io/name: web, app.kubernetes.io/instance: shop}",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
        .judge_service = judge_mixed_service,
    },
    {
        .id = "label-recommended-missing",
        .title = "Recommended identity labels are missing",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,pods",
        .grants = "WL,+PO",
        .parameters = k_recommended_parameters,
        .rationale = "Tools, dashboards and people find what belongs together by these labels; without them every query is a guess.",
        .rule = "fail: a label of `required` is missing, under its aliases too. warn: one is there under an alias only, or one of `recommended` is "
                "missing. pass: all are there. not_applicable: "
                "objects that an operator made; system namespaces.",
        .remediation = "Add the labels in the chart or kustomization; selectors are immutable, so leave them as they are:\n"
                       "  labels:\n"
                       "  - pairs: {app.kubernetes.io/name: api, app.kubernetes.io/instance: api-prod, app.kubernetes.io/part-of: shop}\n"
                       "    includeSelectors: false",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
        .judge_metadata = judge_recommended,
    },
    {
        .id = "label-owner-missing",
        .title = "No owning team is recorded",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "namespaces,WL,pods",
        .grants = "NS,WL,+PO",
        .parameters = k_owner_parameters,
        .rationale = "When it breaks at night, somebody has to know whom to call.",
        .rule = "pass: a key of ownerKeys is a label or annotation of the workload, its pod template or its namespace. fail: of none. "
                "not_applicable: objects that an operator made; system "
                "namespaces.",
        .remediation = "Label the namespace once, its workloads inherit it:\n"
                       "  kubectl label namespace <namespace> team=<team>",
        .references = "https://ambassadorlabs.github.io/k8s-for-humans/",
        .judge_metadata = judge_owner,
    },
    {
        .id = "label-not-on-pod-template",
        .title = "Identity labels are not propagated to pods",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,pods",
        .grants = "WL,+PO",
        .rationale = "Services, network policies, budgets and metrics select pods: a label that only the workload carries selects nothing.",
        .rule = "warn: the pod template lacks a label of app.kubernetes.io/name and app.kubernetes.io/instance that the workload has. pass: it has "
                "them. not_applicable: the workload has "
                "neither; bare pods; objects that an operator made.",
        .remediation = "Add the labels to spec.template.metadata.labels, not to the immutable selector.",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/",
        .judges_system_namespaces = true,
        .judge_metadata = judge_template_labels,
    },
    {
        .id = "label-service-selector-dangling",
        .title = "Service selects no pods",
        .scope = Scope::service,
        .severity = Severity::high,
        .needs = "services,endpointslices.discovery.k8s.io,pods,WL",
        .grants = "SV,PO,WL",
        .rationale = "Whoever calls the Service waits for an answer that never comes, and the Service looks healthy.",
        .rule = "fail: the selector matches no active pod and no workload's pod template. warn: it matches only workloads without pods (scaled to "
                "zero, CronJobs), or pods but for labels that "
                "controllers set at run time (role, *-role, */role, *Role). pass: it matches pods. not_applicable: no selector, ExternalName, "
                "a Service that a controller made, system namespaces.",
        .remediation = "Align the selector with the pods' labels, or delete the Service:\n"
                       "  kubectl get pods -n <namespace> --show-labels",
        .references = "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
        .judge_service = judge_service_selector,
    },
    {
        .id = "label-pdb-selector-dangling",
        .title = "PodDisruptionBudget selects no pods, or several PDBs select one pod",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "poddisruptionbudgets.policy,pods,WL",
        .grants = "PD,PO,WL",
        .subjects = k_budgets,
        .fields = k_budget_fields,
        .rationale =
            "A budget that selects nothing protects nothing; a pod of two budgets cannot be evicted at all, and node maintenance stops there.",
        .rule = "fail: a pod is selected by another budget as well. warn: no pod and no workload is selected. pass: pods are, by this budget alone. "
                "not_applicable: the workload is scaled to "
                "zero.",
        .remediation = "Give each workload one budget with the labels of its pods:\n"
                       "  spec:\n"
                       "    maxUnavailable: 1\n"
                       "    selector: {matchLabels: {app.kubernetes.io/name: api}}",
        .limits = "An empty selector selects every pod of the namespace, a missing one none.",
        .references = "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        .judges_system_namespaces = true,
        .judge_document = judge_budget,
    },
};

} // namespace

constinit const check::Control k_labels{
    .id = "labels",
    .step = 5,
    .title = "Labels that organise",
    .summary = "Services, policies, budgets, dashboards and people find workloads by their labels: those that say what it is and whose it is should "
               "be there, and those that select should "
               "find something.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

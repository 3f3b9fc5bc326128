// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "controls/change_source.hpp"
#include "controls/change_tracking.hpp"
#include "controls/control_list.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/web_token.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/controls/secret_patterns.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Fields;
using check::MetadataSubject;
using check::ObjectKey;
using check::Parameter;
using check::Reason;
using check::Results;
using check::Scope;
using check::Severity;
using check::Verdict;
using model::StringMap;

constexpr std::string_view k_ingresses = "ingresses.networking.k8s.io";

/// An object whose annotations a rule reads.
struct Annotated {
    ObjectKey key;
    std::string_view counts_in;
    const model::ObjectMeta& meta;
    const model::PodTemplate* pod_template = nullptr;
    bool finished = false;
};

/// Visits the workload objects (not those that a built-in controller owns).
template <typename Visit>
void visit_workloads(const Context& context, Visit visit)
{
    for (const auto& object : context.inventory.workloads) {
        if (object.kind == model::WorkloadKind::replication_controller) continue;
        visit(Annotated{ObjectKey::of(model::kind_api_version(object.kind), model::kind_name(object.kind), object.meta), object.meta.ns, object.meta,
                        &object.pod_template, object.finished});
    }
}

template <typename Visit>
void visit_namespaces(const Context& context, Visit visit)
{
    for (const auto& ns : context.inventory.namespaces)
        visit(Annotated{ObjectKey::of("v1", "Namespace", ns.meta), ns.meta.name, ns.meta});
}

/// C2, C4 and C10 for rules that find their subjects themselves.
std::optional<Verdict> excused(const Annotated& object, const Context& context)
{
    if (object.finished) return check::not_applicable("It has finished").proven();
    if (object.pod_template != nullptr && object.meta.controller != nullptr)
        return check::not_applicable(fmt::format("Made by {} {}", object.meta.controller->kind.view(), object.meta.controller->name.view())).proven();
    return too_young(object.meta, context);
}

// ---- annot-secret-like-value

/// The pattern of the first credential in the value that could still be used, or nothing.
std::optional<SecretPattern> credential_in(std::string_view value, Timestamp now)
{
    for (const auto& match : find_secrets(value, UrlPlace::anywhere)) {
        const bool token = match.pattern == SecretPattern::json_web_token;
        if (!token || is_usable_web_token(value.substr(match.begin, match.end - match.begin), now)) return match.pattern;
    }
    return std::nullopt;
}

Verdict judge_values(const Annotated& object, const Context& context)
{
    NameList found;
    std::size_t seen = 0;
    const auto look = [&](const StringMap& annotations, std::string_view where) {
        for (const auto& [key, value] : annotations) {
            ++seen;
            if (const auto pattern = credential_in(value, context.now)) found.add(fmt::format("{}{}: {}", where, key.view(), id(*pattern)));
        }
    };
    look(object.meta.annotations, "");
    if (object.pod_template != nullptr) look(object.pod_template->annotations, "pod template, ");
    if (!found.empty()) return check::fail(fmt::format("An annotation holds a credential: {}", found.text())).with("annotations", found.values());
    if (seen == 0) return check::not_applicable("Has no annotations").proven();
    return check::pass("No annotation looks like a credential").proven();
}

void secret_like_value(const Context& context, Results& results)
{
    const auto judge = [&](const Annotated& object) {
        auto verdict = excused(object, context);
        results.add(object.key, object.counts_in, verdict ? std::move(*verdict) : judge_values(object, context));
    };
    visit_workloads(context, judge);
    visit_namespaces(context, judge);
    for (const auto& service : context.inventory.services)
        judge({ObjectKey::of("v1", "Service", service.meta), service.meta.ns, service.meta});
    for (const auto& policy : context.inventory.network_policies)
        judge({ObjectKey::of("networking.k8s.io/v1", "NetworkPolicy", policy.meta), policy.meta.ns, policy.meta});
    for (const auto& ingress : context.inventory.documents_of(k_ingresses))
        judge({ObjectKey::of(ingress), ingress.meta.ns, ingress.meta});
}

// ---- annot-required-missing

/// An entry of requiredAnnotations.
struct Required {
    std::string key;
    std::optional<Pattern> pattern;
    bool broken = false; ///< its expression does not compile
    std::vector<std::string> kinds;

    [[nodiscard]] bool speaks_of(std::string_view kind) const { return kinds.empty() || std::ranges::find(kinds, kind) != kinds.end(); }
};

std::vector<Required> required_annotations(const Context& context)
{
    std::vector<Required> entries;
    for (const auto& record : context.parameters.records("requiredAnnotations")) {
        const auto key = record.find("key");
        if (key == record.end() || key->second.empty()) continue;
        auto& entry = entries.emplace_back();
        entry.key = key->second.front();
        if (const auto regex = record.find("regex"); regex != record.end() && !regex->second.empty()) {
            auto pattern = Pattern::compile(regex->second.front());
            entry.broken = !pattern.has_value();
            if (pattern) entry.pattern = std::move(*pattern);
        }
        if (const auto on = record.find("on"); on != record.end()) entry.kinds = on->second;
    }
    return entries;
}

Verdict judge_required(const Annotated& object, const std::vector<Required>& entries)
{
    NameList missing;
    bool concerned = false;
    for (const auto& entry : entries) {
        if (!entry.speaks_of(object.key.kind)) continue;
        concerned = true;
        const auto* value = object.meta.annotations.find(entry.key);
        if (value == nullptr) {
            missing.add(entry.key);
        } else if (entry.broken) {
            return check::unknown(Reason::unobservable, fmt::format("The configured expression for {} is not valid", entry.key));
        } else if (entry.pattern && !entry.pattern->search(*value)) {
            missing.add(entry.key + " (not as configured)");
        }
    }
    if (!concerned) return check::not_applicable("No annotation is required of this kind").proven();
    if (missing.empty()) return check::pass("Carries every required annotation").proven();
    return check::fail(fmt::format("Lacks {}", missing.text())).with("missing", missing.values());
}

void required_missing(const Context& context, Results& results)
{
    const auto entries = required_annotations(context);
    const auto judge = [&](const Annotated& object) {
        auto verdict = excused(object, context);
        results.add(object.key, object.counts_in, verdict ? std::move(*verdict) : judge_required(object, entries));
    };
    visit_workloads(context, judge);
    visit_namespaces(context, judge);
}

// ---- annot-change-cause-missing

Verdict judge_change_cause(const MetadataSubject& subject, const Context& context)
{
    const auto* object = subject.object;
    const bool keeps_history =
        object != nullptr && (object->kind == model::WorkloadKind::deployment || object->kind == model::WorkloadKind::stateful_set ||
                              object->kind == model::WorkloadKind::daemon_set);
    if (!keeps_history) return check::not_applicable("Keeps no history of revisions").proven();
    if (const auto tool = delivered_by(subject.meta); !tool.empty())
        return check::not_applicable(fmt::format("{} delivers it and keeps the history", tool)).proven();
    const bool deployment = object->kind == model::WorkloadKind::deployment;
    const auto rest = [&](Verdict verdict) {
        return resting_on(std::move(verdict).by_absence(), context, subject.meta.ns, {deployment ? "replicasets.apps" : "controllerrevisions.apps"});
    };
    const auto history = history_of(*object, context);
    if (!history.newest_cause.empty()) return rest(check::pass("The newest revision says why it was made"));
    constexpr std::size_t k_rolled_out = 2;
    if (history.revisions < k_rolled_out) return rest(check::not_applicable("Has a single revision"));
    return rest(check::warn(fmt::format("The newest of {} revisions does not say why it was made", history.revisions)))
        .fix(fmt::format("kubectl annotate {}/{} -n {} kubernetes.io/change-cause=\"<ticket> <commit>\"", subject.kind, subject.meta.name.view(),
                         subject.meta.ns.view()));
}

constexpr Parameter k_required_parameters[] = {
    {.name = "requiredAnnotations",
     .type = Parameter::Type::records,
     .fallback = "[]",
     .description = "{key, regex, on: [kinds]}: annotations that objects of these kinds must carry, their value matching the expression (RE2) "
                    "anywhere. Worth asking for: "
                    "a8r.io/owner, a8r.io/runbook, a8r.io/repository."},
};

constexpr Fields k_revision_fields[] = {{"controllerrevisions.apps", "revision"}};

constexpr Parameter k_tracking_parameters[] = {
    {.name = "instanceLabelKeys",
     .type = Parameter::Type::list,
     .fallback = "[app.kubernetes.io/instance, argocd.argoproj.io/instance]",
     .description = "Labels by which Argo CD tracks objects in its label mode; they count only if an Application of that name exists."},
};

constexpr Check k_checks[] = {
    {
        .id = "annot-change-tracking-missing",
        .title = "Changes to this workload cannot be traced to a source",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,applications.argoproj.io,pods",
        .grants = "WL,+AR,+PO",
        .parameters = k_tracking_parameters,
        .rationale = "After an incident the first question is what changed: an object that names its Application, release or commit answers it.",
        .rule = "pass: Argo CD, Flux, Helm, Config Sync, kapp, Fleet, OLM or an ApplySet left its mark, or Terraform or Pulumi wrote it, or it has a "
                "change-cause. warn: kubectl's last-applied-configuration only. fail: nothing. unknown: a label that Argo CD's label mode could "
                "claim, and Applications could not be read. not_applicable: objects that an operator made.",
        .remediation = "Deliver it through GitOps or Helm, or say in the pipeline why it changes:\n"
                       "  kubectl annotate deployment/<name> kubernetes.io/change-cause=\"<ticket> <commit>\" --overwrite",
        .limits = "deployment.kubernetes.io/revision is no evidence: the controller sets it always.",
        .references = "https://kubernetes.io/docs/reference/labels-annotations-taints/#change-cause, "
                      "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/",
        .judge_metadata = judge_change_tracking,
    },
    {
        .id = "annot-change-cause-stale",
        .title = "Same change-cause on different revisions",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,pods",
        .grants = "WL,+PO",
        .rationale = "A change-cause that nobody renews tells of a change that was made long ago.",
        .rule = "Of a Deployment's ReplicaSets, without those that a rollback took again. warn: two with different templates have the same "
                "change-cause. pass: none have. not_applicable: fewer than two have one.",
        .remediation = "kubectl annotate deployment/<name> kubernetes.io/change-cause=\"<ticket> <commit>\" --overwrite, with every rollout",
        .references = "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#checking-rollout-history-of-a-deployment",
        .judges_system_namespaces = true,
        .judge_metadata = judge_stale_cause,
    },
    {
        .id = "annot-tracking-inconsistent",
        .title = "Tracking annotation does not match this object",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,applications.argoproj.io,pods",
        .grants = "WL,+AR,+PO",
        .subjects = "WL",
        .rationale = "A copied object that carries another's tracking id looks managed and is not: nothing ever corrects or removes it.",
        .rule = "warn: Argo CD's tracking id names another object, or an Application that does not exist. pass: it names this one; a Helm release of "
                "another namespace is noted. unknown: Applications could not be read. not_applicable: neither annotation.",
        .remediation = "Remove the copied annotation, or restore the Application:\n"
                       "  kubectl annotate deployment/<name> argocd.argoproj.io/tracking-id-",
        .limits = "Where Applications are not served, or the object names an installation id, its Argo CD runs elsewhere and only the reference is "
                  "judged.",
        .references = "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/",
        .run = judge_tracking_consistency,
    },
    {
        .id = "annot-change-cause-missing",
        .title = "Rollout has no change-cause",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,controllerrevisions.apps,pods",
        .grants = "WL,+PO",
        .fields = k_revision_fields,
        .rationale = "`kubectl rollout history` shows numbers; the reason behind them is what helps to decide which one to go back to.",
        .rule = "For Deployments, StatefulSets and DaemonSets that no tool delivers. pass: the newest revision has a change-cause of its own. warn: "
                "it has none and there are two revisions or "
                "more. not_applicable: a single revision without one; delivered by GitOps or Helm; objects that an operator made.",
        .remediation = "kubectl annotate deployment/<name> kubernetes.io/change-cause=\"<ticket> <commit>\"",
        .references = "https://kubernetes.io/docs/reference/labels-annotations-taints/#change-cause",
        .judges_system_namespaces = true,
        .judge_metadata = judge_change_cause,
    },
    {
        .id = "annot-required-missing",
        .title = "Mandatory annotations are missing",
        .scope = Scope::object,
        .severity = Severity::low,
        .needs = "namespaces,WL",
        .grants = "NS,WL",
        .subjects = "namespaces,WL",
        .parameters = k_required_parameters,
        .rationale = "What an organisation needs to know of every workload (its repository, its runbook, its commit) belongs on the object.",
        .rule = "fail: an annotation that requiredAnnotations asks of the object's kind is missing, or does not match its expression. pass: all are "
                "there. not_applicable: none is asked of this "
                "kind; objects that an operator made.",
        .remediation = "Add the annotation in the chart or kustomization:\n"
                       "  commonAnnotations: {a8r.io/repository: https://git.example/shop/api}",
        .references = "https://ambassadorlabs.github.io/k8s-for-humans/",
        .judges_system_namespaces = true,
        .run = required_missing,
    },
    {
        .id = "annot-secret-like-value",
        .title = "Annotation contains a credential",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = "WL,namespaces,services,ingresses.networking.k8s.io,networkpolicies.networking.k8s.io",
        .grants = "WL,NS,SV,NP",
        .subjects = "WL,namespaces,services,ingresses.networking.k8s.io,networkpolicies.networking.k8s.io",
        .rationale = "Everybody with `view` reads annotations; they are logged, backed up and shown on dashboards.",
        .rule = "fail: an annotation of the object or its pod template has the form of a credential: a private key, a cloud or platform token, a URL "
                "with a password, a JSON Web Token with a "
                "subject that has not run out. pass: none has. not_applicable: no annotations; objects that an operator made.",
        .remediation = "Revoke the credential, remove the annotation, and keep the new one in a Secret.",
        .limits = "Only forms that are hardly ever anything else; CA bundles and names of Secrets do not match. The report names key and form, never "
                  "the value.",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/annotations/",
        .judges_system_namespaces = true,
        .run = secret_like_value,
    },
};

} // namespace

constinit const check::Control k_annotations{
    .id = "annotations",
    .step = 6,
    .title = "Annotations that track changes",
    .summary = "Who changed what, why and from which commit should be readable from the object itself; and nothing there should be secret.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "controls/control_list.hpp"
#include "controls/engine_health.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/policy_cover.hpp"
#include "controls/policy_engines.hpp"
#include "controls/policy_loading.hpp"
#include "controls/policy_scope.hpp"
#include "controls/policy_topics.hpp"
#include "controls/policy_violations.hpp"
#include "controls/software.hpp"
#include "controls/wording.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Fields;
using check::ObjectKey;
using check::Parameter;
using check::Scope;
using check::Severity;
using check::Status;
using check::Verdict;
using model::Document;
using model::Value;

// ---- policy-engine-present

std::size_t policy_count(const PolicyEngine& engine, const Context& context)
{
    std::size_t count = 0;
    for (const auto resource : check::split_list(engine.policies))
        count += documents_of(resource, context).size();
    return count;
}

/// What is there of an engine whose API is served.
Verdict judge_engine(const PolicyEngine& engine, const Context& context)
{
    const Software software{engine.name, engine.repositories};
    const auto installations = find_software(context, std::span{&software, 1});
    const bool has_webhook = std::ranges::any_of(context.inventory.documents_of(k_validating_webhooks), [&](const Document& configuration) {
        return std::ranges::any_of(configuration["webhooks"].items(),
                                   [&](const Value& webhook) { return is_engine_webhook(engine, configuration, webhook); });
    });
    const auto ready = std::ranges::find(installations, Readiness::ready, &Installation::readiness);
    if (installations.empty() && !has_webhook)
        return check::warn(fmt::format("{} has left its custom resources behind, but neither webhook nor controller", engine.name)).by_absence();
    if (ready == installations.end()) return check::warn(fmt::format("No controller of {} is ready", engine.name)).by_absence();
    if (!has_webhook)
        return check::warn(fmt::format("{} runs, but the API server does not ask it: its webhook is missing", engine.name)).by_absence();
    const auto policies = policy_count(engine, context);
    if (policies == 0) return check::warn(fmt::format("{} runs without a single policy", engine.name)).by_absence();
    return check::pass(fmt::format("{} runs with {} {}", engine.name, policies, policies == 1 ? "policy" : "policies"));
}

/// Policies of the API server's own kind that deny, shipped and generated ones left aside.
std::size_t denying_admission_policies(const Context& context)
{
    std::set<std::string_view> denied;
    for (const auto& binding : context.inventory.documents_of(k_admission_policy_bindings))
        if (is_user_policy(binding.meta.name) && binding.at("spec.validationActions").contains("Deny"))
            denied.insert(binding.at("spec.policyName").text());
    return static_cast<std::size_t>(std::ranges::count_if(context.inventory.documents_of(k_admission_policies), [&](const Document& policy) {
        return is_user_policy(policy.meta.name) && denied.contains(policy.meta.name);
    }));
}

bool uses_pod_security(const Context& context)
{
    return std::ranges::any_of(context.inventory.namespaces, [](const model::Namespace& ns) {
        const auto level = ns.meta.labels.get("pod-security.kubernetes.io/enforce");
        return level == "baseline" || level == "restricted";
    });
}

Verdict judge_present(const Context& context)
{
    std::optional<Verdict> best;
    for (const auto& engine : policy_engines()) {
        if (!is_served(engine, context)) continue;
        auto one = judge_engine(engine, context);
        if (one.status == Status::pass) return one;
        if (!best) best = std::move(one);
    }
    if (const auto policies = denying_admission_policies(context); policies > 0) {
        const auto what = fmt::format("{} of the API server's own kind deny", counted(policies, "policy object"));
        if (context.parameters.flag("acceptVAP")) return check::pass(what);
        return check::warn(what + "; no engine with mutation, background audit and reports").by_absence();
    }
    if (best) return std::move(*best);
    if (auto unobservable = unobservable_in_manifests(context, "whether a policy engine runs")) return *std::move(unobservable);
    if (uses_pod_security(context)) return check::warn("Only Pod Security admission is in force: it knows pods and nothing else").by_absence();
    if (context.inventory.cluster.platform == "openshift")
        return check::warn("Only OpenShift's security context constraints are in force").by_absence();
    return check::fail("Nothing judges what is written to this cluster").by_absence();
}

// ---- policy-enforcement-mode

struct Tally {
    std::size_t denying = 0;
    NameList observing;
    std::size_t policies = 0;

    void add(Enforcement enforcement, const Document& policy)
    {
        if (enforcement == Enforcement::none) return;
        ++policies;
        if (enforcement == Enforcement::denies)
            ++denying;
        else
            observing.add(fmt::format("{}/{}", policy.kind.view(), policy.meta.name.view()));
    }
};

Tally tally_policies(const Context& context)
{
    Tally tally;
    const auto add = [&](std::string_view resource, Enforcement (*enforcement)(const Document&)) {
        for (const auto* policy : documents_of(resource, context))
            tally.add(enforcement(*policy), *policy);
    };
    add("*.constraints.gatekeeper.sh", enforcement_of_constraint);
    add("clusterpolicies.kyverno.io", enforcement_of_kyverno_policy);
    add("policies.kyverno.io", enforcement_of_kyverno_policy);
    for (const auto kind : {"validatingpolicies.policies.kyverno.io", "namespacedvalidatingpolicies.policies.kyverno.io",
                            "imagevalidatingpolicies.policies.kyverno.io"})
        add(kind, enforcement_by_actions);
    for (const auto resource : check::split_list(policy_engines().back().policies))
        add(resource, enforcement_of_kubewarden_policy);
    for (const auto* binding : documents_of(k_admission_policy_bindings, context))
        if (is_user_policy(binding->meta.name)) tally.add(enforcement_by_actions(*binding), *binding);
    return tally;
}

Verdict judge_mode(const Context& context)
{
    const auto tally = tally_policies(context);
    if (tally.policies == 0) {
        if (const auto* gap = gap_in_group(k_constraint_group, context)) return context.unknown_for(*gap);
        return check::not_applicable("There are no policies");
    }
    constexpr double k_percent = 100;
    const auto share = k_percent * static_cast<double>(tally.denying) / static_cast<double>(tally.policies);
    const auto what = fmt::format("{} of {} deny", tally.denying, tally.policies == 1 ? "1 policy" : fmt::format("{} policies", tally.policies));
    Verdict verdict;
    if (tally.denying == 0)
        verdict = check::fail(what + ": everything that breaks them is let in").by_absence();
    else if (share < context.parameters.number("minEnforcing"))
        verdict = check::warn(what).by_absence();
    else
        verdict = check::pass(what);
    if (const auto* gap = gap_in_group(k_constraint_group, context)) return context.unknown_for(*gap);
    if (!tally.observing.empty()) verdict.evidence.emplace_back("observing", tally.observing.values());
    return verdict;
}

// ---- policy-webhook-fail-open

/// The newest audit of Gatekeeper, by the constraints that it wrote its results to.
Timestamp newest_audit(const Context& context)
{
    Timestamp newest;
    for (const auto* constraint : documents_of("*.constraints.gatekeeper.sh", context)) {
        const auto time = parse_rfc3339(constraint->at("status.auditTimestamp").text());
        if (time.known() && (!newest.known() || newest < time)) newest = time;
    }
    return newest;
}

Verdict judge_open_webhook(const PolicyEngine& engine, const Value& webhook, const Context& context)
{
    const auto name = webhook["name"].text();
    if (webhook["failurePolicy"].text() != "Ignore")
        return check::pass(fmt::format("{} ({}) fails closed", name, engine.name)).with("webhook", std::string{name});
    const auto what = fmt::format("{} ({}) lets everything in while it does not answer", name, engine.name);
    if (engine.name != "Gatekeeper") return check::warn(what + "; its background scan reports afterwards").with("webhook", std::string{name});
    constexpr seconds k_fresh{900};
    const auto audit = newest_audit(context);
    const auto age = audit.age(context.now);
    if (age && *age <= k_fresh) return check::warn(what + "; its audit reports afterwards").with("webhook", std::string{name});
    if (const auto* gap = gap_in_group(k_constraint_group, context)) return context.unknown_for(*gap);
    return check::fail(
               fmt::format("{}, and no audit reports afterwards: {}", what, age ? "the last was " + format_age(*age) + " ago" : "there was none"))
        .with("webhook", std::string{name});
}

Verdict judge_fail_open(const Context& context)
{
    auto verdict = check::not_applicable("No policy engine is asked about workloads");
    for (const auto& engine : policy_engines())
        for (const auto* webhook : webhooks_of(engine, context))
            verdict = check::worst(std::move(verdict), judge_open_webhook(engine, *webhook, context));
    return verdict;
}

constexpr Parameter k_present_parameters[] = {
    {.name = "acceptVAP",
     .type = Parameter::Type::flag,
     .fallback = "true",
     .description = "True: ValidatingAdmissionPolicies that deny are enough; false: they are a warning without an engine beside them."},
};
constexpr Parameter k_mode_parameters[] = {
    {.name = "minEnforcing",
     .type = Parameter::Type::number,
     .fallback = "50",
     .description = "The share of policies, in percent, that has to deny."},
};

constexpr Fields k_present_fields[] = {
    {k_validating_webhooks, "webhooks.name, webhooks.rules"},
    {k_admission_policies, "spec.failurePolicy"},
    {k_admission_policy_bindings, "spec.policyName, spec.validationActions"},
};
constexpr Fields k_mode_fields[] = {
    {"*.constraints.gatekeeper.sh", "spec.enforcementAction, spec.scopedEnforcementActions"},
    {"clusterpolicies.kyverno.io",
     "spec.validationFailureAction, spec.rules.validate.failureAction, spec.rules.verifyImages.failureAction, spec.rules.name"},
    {"policies.kyverno.io",
     "spec.validationFailureAction, spec.rules.validate.failureAction, spec.rules.verifyImages.failureAction, spec.rules.name"},
    {"validatingpolicies.policies.kyverno.io", "spec.validationActions"},
    {"namespacedvalidatingpolicies.policies.kyverno.io", "spec.validationActions"},
    {"imagevalidatingpolicies.policies.kyverno.io", "spec.validationActions"},
    {"clusteradmissionpolicies.policies.kubewarden.io", "spec.mode"},
    {"admissionpolicies.policies.kubewarden.io", "spec.mode"},
    {"clusteradmissionpolicygroups.policies.kubewarden.io", "spec.mode"},
    {"admissionpolicygroups.policies.kubewarden.io", "spec.mode"},
    {k_admission_policy_bindings, "spec.policyName, spec.validationActions"},
};
constexpr Fields k_open_fields[] = {
    {k_validating_webhooks, "webhooks.name, webhooks.rules, webhooks.failurePolicy"},
    {"*.constraints.gatekeeper.sh", "status.auditTimestamp"},
};
constexpr Fields k_health_fields[] = {
    {k_validating_webhooks, "webhooks.name, webhooks.rules, webhooks.clientConfig, webhooks.failurePolicy"},
    {"poddisruptionbudgets.policy", "spec.selector"},
};

constexpr Parameter k_topic_parameters[] = {
    {.name = "requiredTopics",
     .type = Parameter::Type::list,
     .fallback = "[privileged, hostNamespaces, hostPath, allowedRepos]",
     .description = "What policies have to be about: privileged, hostNamespaces, hostPath, capabilities, runAsNonRoot, allowedRepos, "
                    "requiredLabels, resources."},
    {.name = "topicMap",
     .type = Parameter::Type::records,
     .fallback = "[]",
     .description = "Your own constraint kinds and policies by topic, with `*`: {allowedRepos: [K8sOurRegistries, only-our-*]}."},
};
constexpr Parameter k_exception_parameters[] = {
    {.name = "expiryKeys",
     .type = Parameter::Type::list,
     .fallback = "[cleanup.kyverno.io/ttl]",
     .description = "Labels or annotations that give an exception an end."},
};

constexpr Check k_checks[] = {
    {
        .id = "policy-webhook-scope-gap",
        .title = "Webhook does not see workload writes",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs =
            "validatingwebhookconfigurations.admissionregistration.k8s.io,clusterpolicies.kyverno.io,policies.kyverno.io,"
            "validatingpolicies.policies.kyverno.io,namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,"
            "mutatingpolicies.policies.kyverno.io",
        .grants = "AD,+KY",
        .fields = k_webhook_scope_fields,
        .rationale = "What the engine is not asked about, no policy refuses: a pod can be made harmless and changed afterwards.",
        .rule =
            "fail: no webhook of the engine is asked when a pod is created. warn: none is asked about updates of pods or ephemeral containers, or "
            "one chooses objects by label. unknown: matchConditions. pass: every write is seen. not_applicable: no engine; Kyverno without a "
            "policy for pods, whose webhooks are as narrow as its policies.",
        .remediation = "Let the webhook see all writes:\n"
                       "  rules: [{operations: [CREATE, UPDATE], apiGroups: ['*'], apiVersions: ['*'], resources: ['*', pods/ephemeralcontainers]}]",
        .limits = "matchConditions, which are CEL, are not evaluated.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules",
        .judge_cluster = judge_webhook_scope,
    },
    {
        .id = "policy-namespace-exempt",
        .title = "Namespace bypasses the policy engine",
        .scope = Scope::namespace_,
        .severity = Severity::high,
        .needs = "validatingwebhookconfigurations.admissionregistration.k8s.io,namespaces,configs.config.gatekeeper.sh,WL,configmap:kyverno/kyverno",
        .grants = "AD,NS,GK,WL,+CM",
        .subjects = "namespaces",
        .fields = k_exempt_fields,
        .rationale = "An exemption that was made to get something deployed stays for everything that comes after it.",
        .rule = "For each engine that is installed. fail: no webhook of it selects the namespace, Gatekeeper's Config takes it out of admission, or "
                "Kyverno's resourceFilters take out all its objects. warn: it is taken out of Gatekeeper's audit. pass: none of these. "
                "not_applicable: system namespaces, the engine's own, no engine. One unknown for the cluster where Kyverno's ConfigMap is not read.",
        .remediation = "Take the label or entry away and except single objects instead:\n"
                       "  kubectl label namespace <name> admission.gatekeeper.sh/ignore-",
        .limits = "Gatekeeper's --exempt-namespace only permits the label: alone it exempts nothing. Other security webhooks are judged by "
                  "admission-controllers.",
        .references =
            "https://open-policy-agent.github.io/gatekeeper/website/docs/exempt-namespaces/, https://kyverno.io/docs/installation/customization/",
        .run = judge_exempt_namespaces,
    },
    {
        .id = "policy-audit-stale",
        .title = "Audit results are out of date",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "*.constraints.gatekeeper.sh,WL",
        .grants = "GK,WL",
        .fields = k_audit_fields,
        .rationale = "Constraints in dry run, and everything that was there before them, are known only through the audit.",
        .rule = "fail: the newest audit is older than 15 minutes and five intervals. warn: a constraint of more than 15 minutes was never audited. "
                "pass: fresh. not_applicable: no constraint that the audit looks at, or --audit-interval=0.",
        .remediation = "kubectl -n gatekeeper-system logs deployment/gatekeeper-audit: it is out of memory, or the API server throttles it",
        .references = "https://open-policy-agent.github.io/gatekeeper/website/docs/audit/",
        .judge_cluster = judge_policy_audit,
    },
    {
        .id = "policy-baseline-coverage",
        .title = "Required policy topics are not enforced here",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs =
            "namespaces,constrainttemplates.templates.gatekeeper.sh,*.constraints.gatekeeper.sh,clusterpolicies.kyverno.io,policies.kyverno.io,"
            "validatingpolicies.policies.kyverno.io,namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,"
            "mutatingpolicies.policies.kyverno.io,validatingadmissionpolicies.admissionregistration.k8s.io,"
            "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        .grants = "NS,GK,KY,AD",
        .fields = k_policy_fields,
        .parameters = k_topic_parameters,
        .rationale = "An engine with a policy about labels alone lets a privileged pod in.",
        .rule = "By the names that Gatekeeper's and Kyverno's libraries give to constraints and policies, by `topicMap`, and by the namespace's Pod "
                "Security level. pass: each of `requiredTopics` is enforced here. warn: one is only watched. fail: one is missing. unknown: one is "
                "missing and a policy acts here that no name explains.",
        .remediation = "Add the library's policy for the topic, or for those about pods:\n"
                       "  kubectl label namespace <name> pod-security.kubernetes.io/enforce=baseline",
        .limits = "What a policy of one's own is about is not read from its code: say it in `topicMap`.",
        .references = "https://open-policy-agent.github.io/gatekeeper-library/website/, https://kyverno.io/policies/, CIS 5.2.2",
        .judge_namespace = judge_policy_topics,
    },
    {
        .id = "policy-exception-broad",
        .title = "Policy exception is wider than needed",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "policyexceptions.kyverno.io,policyexceptions.policies.kyverno.io,*.constraints.gatekeeper.sh,"
                 "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        .grants = "KY,GK,AD",
        .subjects = "policyexceptions.kyverno.io,policyexceptions.policies.kyverno.io,validatingadmissionpolicybindings.admissionregistration.k8s.io",
        .fields = k_exception_fields,
        .parameters = k_exception_parameters,
        .rationale = "An exception for one object that is written for all of them is the policy's end.",
        .rule =
            "warn: a PolicyException that names no object, excepts every rule of a policy, or is older than 180 days without one of `expiryKeys`; "
            "a constraint whose excludedNamespaces match more than system namespaces; a binding that chooses namespaces by another label than "
            "their name. pass: else. No result without an exception.",
        .remediation = "Name the objects and give it an end:\n"
                       "  metadata: {labels: {cleanup.kyverno.io/ttl: 30d}}\n"
                       "  spec: {match: {any: [{resources: {kinds: [Pod], namespaces: [shop], names: [debug-*]}}]}}",
        .references = "https://kyverno.io/docs/exceptions/",
        .run = judge_policy_exceptions,
    },
    {
        .id = "policy-template-error",
        .title = "A policy is installed but not loaded",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs =
            "constrainttemplates.templates.gatekeeper.sh,*.constraints.gatekeeper.sh,clusterpolicies.kyverno.io,policies.kyverno.io,"
            "validatingpolicies.policies.kyverno.io,namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,"
            "mutatingpolicies.policies.kyverno.io,clusteradmissionpolicies.policies.kubewarden.io,admissionpolicies.policies.kubewarden.io,"
            "clusteradmissionpolicygroups.policies.kubewarden.io,admissionpolicygroups.policies.kubewarden.io",
        .grants = "GK,KY,KW",
        .subjects =
            "constrainttemplates.templates.gatekeeper.sh,clusterpolicies.kyverno.io,policies.kyverno.io,validatingpolicies.policies.kyverno.io,"
            "namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,mutatingpolicies.policies.kyverno.io,"
            "clusteradmissionpolicies.policies.kubewarden.io,admissionpolicies.policies.kubewarden.io,"
            "clusteradmissionpolicygroups.policies.kubewarden.io,admissionpolicygroups.policies.kubewarden.io",
        .fields = k_policy_loading_fields,
        .rationale = "A policy that its engine could not load protects nothing, and looks in the repository like one that does.",
        .rule = "fail: Gatekeeper reports an error, has not made the constraint's kind or no pod of it enforces the constraint; Kyverno's Ready or "
                "Kubewarden's "
                "PolicyActive is not True. warn: the engine has not reported on it for ten minutes. pass: loaded. No result without policies.",
        .remediation = "The message names the fault: kubectl get <kind> <name> -o jsonpath={.status}",
        .references = "https://open-policy-agent.github.io/gatekeeper/website/docs/debug/",
        .run = judge_policy_loading,
    },
    {
        .id = "policy-engine-healthy",
        .title = "Policy webhook has no healthy backend",
        .scope = Scope::cluster,
        .severity = Severity::critical,
        .needs = "validatingwebhookconfigurations.admissionregistration.k8s.io,mutatingwebhookconfigurations.admissionregistration.k8s.io,services,"
                 "endpointslices.discovery.k8s.io,WL,poddisruptionbudgets.policy,policyservers.policies.kubewarden.io",
        .grants = "AD,SV,WL,PD,+KW",
        .fields = k_health_fields,
        .rationale = "A webhook without a backend either lets everything through or refuses everything: both are found out too late.",
        .rule =
            "fail: a webhook of a policy engine has no ready endpoint. warn: one endpoint, no disruption budget, or Gatekeeper's audit is not ready. "
            "pass: two or more, with a budget. unknown: the webhook calls a URL. not_applicable: no engine that a webhook asks about workloads.",
        .remediation = "Bring the webhook's pods back, run at least two, and give them a PodDisruptionBudget:\n"
                       "  kubectl -n <namespace> get endpointslices,pods",
        .limits = "Gatekeeper's audit is one pod by design.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy",
        .judge_cluster = judge_engine_health,
    },
    {
        .id = "policy-engine-present",
        .title = "No admission policy engine",
        .scope = Scope::cluster,
        .severity = Severity::critical,
        .needs =
            "validatingwebhookconfigurations.admissionregistration.k8s.io,mutatingwebhookconfigurations.admissionregistration.k8s.io,"
            "validatingadmissionpolicies.admissionregistration.k8s.io,validatingadmissionpolicybindings.admissionregistration.k8s.io,"
            "constrainttemplates.templates.gatekeeper.sh,*.constraints.gatekeeper.sh,configs.config.gatekeeper.sh,clusterpolicies.kyverno.io,"
            "policies.kyverno.io,"
            "validatingpolicies.policies.kyverno.io,namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,"
            "mutatingpolicies.policies.kyverno.io,clusteradmissionpolicies.policies.kubewarden.io,admissionpolicies.policies.kubewarden.io,"
            "clusteradmissionpolicygroups.policies.kubewarden.io,admissionpolicygroups.policies.kubewarden.io,namespaces,WL",
        .grants = "AD,GK,KY,KW,NS,WL",
        .fields = k_present_fields,
        .parameters = k_present_parameters,
        .rationale = "Rules that live in a document are followed when somebody remembers; an engine asks on every write.",
        .rule = "pass: Gatekeeper, Kyverno or Kubewarden runs with a ready controller, its webhook and at least one policy; with acceptVAP also a "
                "ValidatingAdmissionPolicy of one's own whose "
                "binding denies. warn: an engine without policies, webhook or ready controller; only custom resources left behind; only "
                "ValidatingAdmissionPolicies, Pod Security admission or "
                "OpenShift's constraints. fail: none of these.",
        .remediation = "Install an engine, begin with its library in dry run, then enforce:\n"
                       "  helm install gatekeeper gatekeeper/gatekeeper -n gatekeeper-system --create-namespace",
        .limits = "Policies that an API server loads from its own disk (1.36 and newer) are invisible.",
        .references = "https://open-policy-agent.github.io/gatekeeper/website/docs/, https://kyverno.io/docs/, CIS 5.2.1",
        .judge_cluster = judge_present,
    },
    {
        .id = "policy-enforcement-mode",
        .title = "Policies only observe, nothing is denied",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "*.constraints.gatekeeper.sh,clusterpolicies.kyverno.io,policies.kyverno.io,validatingpolicies.policies.kyverno.io,"
                 "namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,mutatingpolicies.policies.kyverno.io,"
                 "clusteradmissionpolicies.policies.kubewarden.io,admissionpolicies.policies.kubewarden.io,clusteradmissionpolicygroups.policies."
                 "kubewarden.io,"
                 "admissionpolicygroups.policies.kubewarden.io,validatingadmissionpolicies.admissionregistration.k8s.io,"
                 "validatingadmissionpolicybindings.admissionregistration.k8s.io",
        .grants = "GK,KY,KW,AD",
        .fields = k_mode_fields,
        .parameters = k_mode_parameters,
        .rationale = "A policy in dry run writes reports; what it forbids runs all the same.",
        .rule = "pass: at least minEnforcing percent of the policies deny. warn: fewer. fail: none. not_applicable: there are no policies. Policies "
                "that only mutate or generate do not count, nor "
                "what engines generate.",
        .remediation = "Promote reviewed policies:\n"
                       "  kubectl patch <constraint kind> <name> --type=merge -p '{\"spec\": {\"enforcementAction\": \"deny\"}}'",
        .limits = "A constraint without enforcementAction denies; one that is scoped to gator alone does not.",
        .references = "https://open-policy-agent.github.io/gatekeeper/website/docs/enforcement-points/, "
                      "https://kyverno.io/docs/policy-types/cluster-policy/validate/",
        .judge_cluster = judge_mode,
    },
    {
        .id = "policy-webhook-fail-open",
        .title = "Admission webhook fails open",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "validatingwebhookconfigurations.admissionregistration.k8s.io,*.constraints.gatekeeper.sh",
        .grants = "AD,GK",
        .fields = k_open_fields,
        .rationale = "While the engine is down, everything it forbids gets in; only an audit finds it afterwards.",
        .rule = "The worst webhook of an engine that has rules decides. pass: failurePolicy Fail. warn: Ignore, with a fresh audit (Gatekeeper's "
                "within 15 minutes; Kyverno and Kubewarden scan in "
                "the background). fail: Ignore and no fresh audit. not_applicable: no engine.",
        .remediation = "Run the webhook with three replicas and a PodDisruptionBudget, then set failurePolicy: Fail and leave system namespaces out.",
        .limits = "Gatekeeper ships with Ignore as a deliberate trade-off between safety and availability.",
        .references = "https://open-policy-agent.github.io/gatekeeper/website/docs/failing-closed/",
        .judge_cluster = judge_fail_open,
    },
    {
        .id = "policy-violations-open",
        .title = "Existing objects violate policy",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "*.constraints.gatekeeper.sh,policyreports.wgpolicyk8s.io,clusterpolicyreports.wgpolicyk8s.io,reports.openreports.io,clusterreports."
                 "openreports.io",
        .grants = "GK,KY",
        .fields = k_violation_fields,
        .rationale = "Admission judges what is written; what was there before stays until somebody mends it, and cannot be changed any more without "
                     "breaking the rule.",
        .rule = "fail: a Gatekeeper audit lists violations of denying constraints in this namespace. warn: of observing ones, or a report of Kyverno "
                "or Kubewarden has failures. pass: none. "
                "unknown: a constraint lists fewer violations than it counts. not_applicable: no engine.",
        .remediation = "Mend the objects that are listed, then keep the policy on deny:\n"
                       "  kubectl get constraints -o json | jq '.items[].status.violations'",
        .limits = "Gatekeeper lists 20 violations a constraint by default. Reports of scanners in the same kind do not count.",
        .references = "https://open-policy-agent.github.io/gatekeeper/website/docs/audit/, https://kyverno.io/docs/policy-reports/",
        .judges_system_namespaces = true,
        .run = judge_open_violations,
    },
};

} // namespace

constinit const check::Control k_policy_engine{
    .id = "policy-engine",
    .step = 8,
    .title = "A policy engine that enforces",
    .summary = "Rules about what may run are worth something when the API server asks for them on every write, when they deny, and when nobody can "
               "step around them.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

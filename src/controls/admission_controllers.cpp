// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "admission_plugins.hpp"
#include "control_list.hpp"
#include "controls/webhook_failures.hpp"
#include "names.hpp"
#include "policy_cover.hpp"
#include "webhook_rules.hpp"
#include "webhooks.hpp"

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

// --- vap-effective ---

/// A kind of in-tree policy and the kind that binds it.
struct PolicyKind {
    std::string_view policies;
    std::string_view bindings;
    bool validates;
};
constexpr std::array k_policy_kinds{
    PolicyKind{"validatingadmissionpolicies.admissionregistration.k8s.io", "validatingadmissionpolicybindings.admissionregistration.k8s.io", true},
    PolicyKind{"mutatingadmissionpolicies.admissionregistration.k8s.io", "mutatingadmissionpolicybindings.admissionregistration.k8s.io", false},
};

/// Gatekeeper and Kyverno write such policies themselves: their own policies are what counts.
bool is_generated(const model::ObjectMeta& meta)
{
    return meta.name.view().starts_with("gatekeeper-") || meta.labels.is("app.kubernetes.io/managed-by", "kyverno");
}

std::vector<const model::Document*> bindings_of(const Context& context, std::string_view bindings, std::string_view policy)
{
    std::vector<const model::Document*> found;
    for (const auto& binding : context.inventory.documents_of(bindings))
        if (binding.at("spec.policyName").text() == policy) found.push_back(&binding);
    return found;
}

Verdict judge_bound_policy(const model::Document& policy, const std::vector<const model::Document*>& bindings, bool validates)
{
    NameList doubts;
    if (policy.at("status.typeChecking.expressionWarnings").size() > 0) doubts.add("the type checker warns about its expressions");
    const auto denies = [](const model::Document* binding) { return binding->at("spec.validationActions").contains("Deny"); };
    if (validates && std::ranges::none_of(bindings, denies)) doubts.add("no binding denies, they only warn or audit");
    if (policy.at("spec.failurePolicy").text() == "Ignore") doubts.add("errors let requests through (failurePolicy Ignore)");
    const auto lets_through = [](const model::Document* binding) { return binding->at("spec.paramRef.parameterNotFoundAction").text() == "Allow"; };
    if (policy.at("spec.paramKind").exists() && std::ranges::any_of(bindings, lets_through))
        doubts.add("a binding allows everything while its parameters are missing");
    if (!doubts.empty()) return warn(fmt::format("The policy has less effect than it seems: {}", doubts.text())).with("doubts", doubts.values());
    return pass("The policy is bound and takes effect").proven();
}

Verdict judge_policy(const model::Document& policy, const PolicyKind& kind, const Context& context)
{
    if (is_generated(policy.meta)) return not_applicable("A policy engine wrote it and is judged by its own policies").proven();
    if (!policy.api_version.view().ends_with("/v1")) return unknown(Reason::unobservable, "The API is served only in a version before v1");
    const auto bindings = bindings_of(context, kind.bindings, policy.meta.name);
    if (!bindings.empty()) return judge_bound_policy(policy, bindings, kind.validates);
    if (policy.meta.labels.is("purpose", "library")) return warn("A library policy that no binding uses").by_absence();
    return fail("No binding uses the policy: it has no effect").by_absence();
}

void run_vap_effective(const Context& context, check::Results& results)
{
    for (const auto& kind : k_policy_kinds) {
        const auto& policies = context.inventory.documents_of(kind.policies);
        for (const auto& policy : policies) {
            const bool young = !policy.meta.created.at_least(context.settings.min_age, context.now);
            results.add(check::ObjectKey::of(policy), {}, young ? not_applicable("It is new").proven() : judge_policy(policy, kind, context));
        }
        for (const auto& binding : context.inventory.documents_of(kind.bindings)) {
            const auto name = binding.at("spec.policyName").text();
            if (std::ranges::any_of(policies, [&](const auto& policy) { return policy.meta.name == name; })) continue;
            results.add(check::ObjectKey::of(binding), {},
                        warn(fmt::format("The binding names a policy that does not exist: {}", name)).by_absence());
        }
    }
}

constexpr std::string_view k_backend_paths = "webhooks.name, webhooks.clientConfig.url, webhooks.clientConfig.service, webhooks.failurePolicy";
constexpr std::string_view k_bundle_paths = "webhooks.name, webhooks.clientConfig.url, webhooks.clientConfig.caBundle";
constexpr std::string_view k_scope_paths =
    "webhooks.name, webhooks.clientConfig.url, webhooks.clientConfig.service, webhooks.failurePolicy, webhooks.rules, "
    "webhooks.namespaceSelector, webhooks.objectSelector, webhooks.matchConditions.name";
constexpr std::string_view k_url_paths = "webhooks.name, webhooks.clientConfig.url, webhooks.rules, metadata.managedFields";
constexpr std::string_view k_timeout_paths = "webhooks.name, webhooks.timeoutSeconds, webhooks.failurePolicy, webhooks.rules";
constexpr std::string_view k_hygiene_paths = "webhooks.name, webhooks.matchPolicy, webhooks.objectSelector, webhooks.reinvocationPolicy";

constexpr std::string_view k_validating = "validatingwebhookconfigurations.admissionregistration.k8s.io";
constexpr std::string_view k_mutating = "mutatingwebhookconfigurations.admissionregistration.k8s.io";
constexpr std::array k_backend_fields{Fields{k_validating, k_backend_paths}, Fields{k_mutating, k_backend_paths}};
constexpr std::array k_bundle_fields{Fields{k_validating, k_bundle_paths}, Fields{k_mutating, k_bundle_paths}};
constexpr std::array k_scope_fields{Fields{k_validating, k_scope_paths}, Fields{k_mutating, k_scope_paths}};
constexpr std::array k_ha_fields{Fields{k_validating, k_scope_paths}, Fields{k_mutating, k_scope_paths},
                                 Fields{"poddisruptionbudgets.policy", "spec.selector"}};
constexpr std::array k_url_fields{Fields{k_validating, k_url_paths}, Fields{k_mutating, k_url_paths}};
constexpr std::array k_observed_fields{
    Fields{"validatingwebhookconfigurations.admissionregistration.k8s.io", "webhooks.name"},
    Fields{"mutatingwebhookconfigurations.admissionregistration.k8s.io", "webhooks.name"},
};
constexpr Parameter k_failure_parameters[] = {
    {"window", Parameter::Type::duration, "24h", "How far back failed calls count."},
    {"minCount", Parameter::Type::number, "5", "Failed calls that are a finding: restarts of nodes make a few."},
};
constexpr std::array k_timeout_fields{Fields{k_validating, k_timeout_paths}, Fields{k_mutating, k_timeout_paths}};
constexpr std::array k_hygiene_fields{Fields{k_validating, k_hygiene_paths}, Fields{k_mutating, k_hygiene_paths}};
constexpr std::string_view k_policy_paths = "spec.failurePolicy, spec.paramKind, status.typeChecking";
constexpr std::string_view k_binding_paths = "spec.policyName, spec.paramRef, spec.validationActions";
constexpr std::array k_vap_fields{
    Fields{k_policy_kinds[0].policies, k_policy_paths},
    Fields{k_policy_kinds[0].bindings, k_binding_paths},
    Fields{k_policy_kinds[1].policies, k_policy_paths},
    Fields{k_policy_kinds[1].bindings, k_binding_paths},
};

constexpr std::array k_bundle_parameters{
    Parameter{"warnFraction", Parameter::Type::number, "0.1",
              "Share of a certificate's lifetime that may be left before a warning, 14 days at most."},
};
constexpr std::array k_url_parameters{
    Parameter{"allowedHosts", Parameter::Type::list, "[]", "Hosts outside the cluster that webhooks may call; `*` stands for any characters."},
    Parameter{"gitopsManagers", Parameter::Type::list,
              "[argocd-controller, argocd-application-controller, kustomize-controller, helm-controller, helm, Helm]",
              "Field managers of reconcilers."},
    Parameter{"ciManagers", Parameter::Type::list,
              "[helm, Terraform, pulumi-kubernetes, ansible, werf, skaffold, kapp, github-actions, gitlab-runner]",
              "Field managers that pipelines write with."},
};

constexpr Parameter k_required_plugins{"required", Parameter::Type::list,
                                       "[NamespaceLifecycle, ServiceAccount, NodeRestriction, PodSecurity, MutatingAdmissionWebhook, "
                                       "ValidatingAdmissionWebhook, LimitRanger, ResourceQuota]",
                                       "Admission plugins that every API server must run."};
constexpr Parameter k_plugin_parameters[] = {
    k_required_plugins,
    {"recommended", Parameter::Type::list, "[ValidatingAdmissionPolicy, DenyServiceExternalIPs, AlwaysPullImages, EventRateLimit]",
     "Plugins that the evidence names where they are off."},
};
constexpr Parameter k_dangerous_parameters[] = {k_required_plugins};

constexpr std::array k_checks{
    Check{
        .id = "webhook-backend-ready",
        .title = "Admission webhook has no working backend",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs =
            "validatingwebhookconfigurations.admissionregistration.k8s.io, mutatingwebhookconfigurations.admissionregistration.k8s.io, services, "
            "endpointslices.discovery.k8s.io",
        .grants = "AD,SV",
        .subjects = k_webhook_lists,
        .fields = k_backend_fields,
        .rationale = "A webhook without a backend either blocks what it intercepts or is skipped without a word, as its failurePolicy says.",
        .rule = "fail: the Service, its port or a ready endpoint is missing (critical with failurePolicy Fail). pass: each has a ready endpoint. "
                "not_applicable: URLs, and the webhooks of a policy engine.",
        .remediation = "Bring the backend up (kubectl -n NAMESPACE get endpointslices,pods), or remove what an uninstalled chart left behind: "
                       "kubectl delete validatingwebhookconfiguration NAME",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
        .judge_document = judge_webhook_backend,
    },
    Check{
        .id = "webhook-ca-bundle",
        .title = "Webhook CA bundle missing or expired",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = k_webhook_lists,
        .grants = "AD",
        .subjects = k_webhook_lists,
        .fields = k_bundle_fields,
        .parameters = k_bundle_parameters,
        .rationale = "The API server calls a webhook only if its certificate chains up to the bundle: with an expired one every call fails.",
        .rule = "fail: a Service's bundle is empty, unreadable or wholly expired. warn: it expires within 14 days or a tenth of its lifetime. pass: "
                "valid. "
                "not_applicable: a URL without a bundle.",
        .remediation =
            "Let its injector fill it again (cert-manager: kubectl annotate with cert-manager.io/inject-ca-from=NAMESPACE/CERTIFICATE), or rotate "
            "the certificate and patch webhooks[].clientConfig.caBundle.",
        .limits = "A valid bundle does not prove that the backend serves a certificate that it signs.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#service-reference",
        .judge_document = judge_webhook_ca_bundle,
    },
    Check{
        .id = "webhook-failure-policy",
        .title = "Security webhook fails open, or fragile webhook fails closed",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs =
            "validatingwebhookconfigurations.admissionregistration.k8s.io, mutatingwebhookconfigurations.admissionregistration.k8s.io, services, "
            "endpointslices.discovery.k8s.io",
        .grants = "AD,+SV",
        .subjects = k_webhook_lists,
        .fields = k_scope_fields,
        .rationale = "A security webhook that fails open protects only while it runs; a fragile one that fails closed takes the cluster with it.",
        .rule = "fail: fails closed for every workload with fewer than two ready backends. warn: a security webhook or an injector fails open. pass: "
                "otherwise. not_applicable: a policy engine's.",
        .remediation =
            "failurePolicy: Fail with two replicas, spread and with a disruption budget, for security; a narrow namespaceSelector and rules, or "
            "Ignore, for the rest.",
        .limits = "Security webhooks and injectors are known by name.",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
        .judge_document = judge_webhook_failure_policy,
    },
    Check{
        .id = "webhook-timeout",
        .title = "Webhook timeout too long",
        .scope = Scope::object,
        .severity = Severity::low,
        .needs = k_webhook_lists,
        .grants = "AD",
        .subjects = k_webhook_lists,
        .fields = k_timeout_fields,
        .rationale = "Every request that a webhook intercepts waits for it: a slow backend makes the whole API slow.",
        .rule =
            "pass: at most 10 s. warn: at most 15 s, or more on a narrow scope. fail: more, failing closed for workloads. One more warning for the "
            "cluster where mutating webhooks for new pods add up to more than 30 s.",
        .remediation =
            "kubectl patch mutatingwebhookconfiguration NAME --type=json -p '[{\"op\": \"replace\", \"path\": \"/webhooks/0/timeoutSeconds\", "
            "\"value\": 5}]'",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
        .run = run_webhook_timeout,
    },
    Check{
        .id = "webhook-fail-open-observed",
        .title = "Webhook was bypassed or failed recently",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "apiserver:/metrics, validatingwebhookconfigurations.admissionregistration.k8s.io, "
                 "mutatingwebhookconfigurations.admissionregistration.k8s.io",
        .grants = "ME,+AD",
        .subjects = k_webhook_lists,
        .fields = k_observed_fields,
        .parameters = k_failure_parameters,
        .rationale = "A webhook that is skipped leaves no trace in the objects that it never saw: only the API server counts it.",
        .rule =
            "By apiserver_admission_webhook_fail_open_count and apiserver_admission_webhook_rejection_count (calls that failed) of the API "
            "server's own metrics, compared with the last scrape of the same process before `window`, else the first in it. warn: at least "
            "minCount. fail: as many, and a security webhook was skipped. pass: fewer, or fewer since the API server started. unknown: metrics not "
            "read, or more since it started and no scrape to compare with.",
        .remediation = "kubectl get --raw /metrics | grep -E 'webhook_(fail_open|rejection)_count'; then look at the backend: kubectl -n NAMESPACE "
                       "get endpointslices,pods, and run two replicas with a PodDisruptionBudget.",
        .limits = "One API server answers a scrape: what its peers count is not seen. The daemon remembers a scrape an hour; an audit by command has "
                  "one alone, and the totals since the start to go by.",
        .references = "https://kubernetes.io/docs/reference/instrumentation/metrics/, "
                      "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
        .judge_document = judge_webhook_failures,
    },
    Check{
        .id = "webhook-scope",
        .title = "Webhook can block cluster recovery",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs =
            "validatingwebhookconfigurations.admissionregistration.k8s.io, mutatingwebhookconfigurations.admissionregistration.k8s.io, namespaces",
        .grants = "AD,NS",
        .subjects = k_webhook_lists,
        .fields = k_scope_fields,
        .rationale = "A webhook that has to admit its own pods, or those of the control plane, cannot be restarted once it is down.",
        .rule = "fail: fails closed and intercepts new pods of its own namespace, or leases in kube-node-lease. warn: that under a condition, every "
                "resource, "
                "pods of kube-system, nodes, or access reviews. pass: otherwise.",
        .remediation =
            "namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system, kube-node-lease, "
            "OWN-NAMESPACE]}]}",
        .limits = "Match conditions are not evaluated: where they exist the verdict is a warning.",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
        .judge_document = judge_webhook_scope,
    },
    Check{
        .id = "webhook-ha",
        .title = "Fail-closed webhook has a single backend pod",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs =
            "validatingwebhookconfigurations.admissionregistration.k8s.io, mutatingwebhookconfigurations.admissionregistration.k8s.io, services, "
            "endpointslices.discovery.k8s.io, pods, poddisruptionbudgets.policy, nodes",
        .grants = "AD,SV,PO,PD,NO",
        .subjects = k_webhook_lists,
        .fields = k_ha_fields,
        .rationale = "With one backend, each of its restarts is an outage of everything that it intercepts.",
        .rule = "fail: one ready backend or none, failing closed for workloads. warn: one backend, one node, or no disruption budget. pass: two on "
                "two nodes "
                "with a budget. not_applicable: fails open, a URL, one node, or a policy engine's.",
        .remediation = "kubectl scale deployment NAME --replicas=2, spread over nodes with topologySpreadConstraints, and: kubectl create pdb NAME "
                       "--selector=app=NAME --max-unavailable=1",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
        .judge_document = judge_webhook_ha,
    },
    Check{
        .id = "webhook-external-url",
        .title = "Admission data leaves the cluster",
        .scope = Scope::object,
        .severity = Severity::high,
        .needs = k_webhook_lists,
        .grants = "AD",
        .subjects = k_webhook_lists,
        .fields = k_url_fields,
        .parameters = k_url_parameters,
        .rationale = "A webhook gets whole objects: one at a URL outside sees, and a mutating one changes, what the cluster is told to run.",
        .rule = "fail: Pods, Secrets or ConfigMaps go to a host that is not allowed. warn: other objects do, or a mutating configuration appeared "
                "within a day "
                "without a pipeline. pass: allowed hosts and loopback. not_applicable: Services.",
        .remediation = "Run the webhook in the cluster and name it by clientConfig.service, or allow its host in allowedHosts.",
        .limits = "Managed platforms call hosts of their own: allow them.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#url",
        .judge_document = judge_webhook_external_url,
    },
    Check{
        .id = "webhook-hygiene",
        .title = "Webhook can be side-stepped by API version or opt-out label",
        .scope = Scope::object,
        .severity = Severity::low,
        .needs = k_webhook_lists,
        .grants = "AD",
        .subjects = k_webhook_lists,
        .fields = k_hygiene_fields,
        .rationale = "A rule that a label or another API version gets around stops only those who do not know it.",
        .rule = "warn: matchPolicy Exact, or a validating security webhook with an opt-out objectSelector. pass: otherwise.",
        .remediation = "Set matchPolicy: Equivalent, and exempt by namespace instead of by a label on the object.",
        .references = "https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/",
        .judge_document = judge_webhook_hygiene,
    },
    Check{
        .id = "vap-effective",
        .title = "ValidatingAdmissionPolicy has no effect",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "validatingadmissionpolicies.admissionregistration.k8s.io, validatingadmissionpolicybindings.admissionregistration.k8s.io, "
                 "mutatingadmissionpolicies.admissionregistration.k8s.io, mutatingadmissionpolicybindings.admissionregistration.k8s.io",
        .grants = "AD",
        .subjects = "validatingadmissionpolicies.admissionregistration.k8s.io, mutatingadmissionpolicies.admissionregistration.k8s.io",
        .fields = k_vap_fields,
        .rationale = "A policy does nothing until it is bound, and little while its bindings only audit.",
        .rule = "fail: no binding. warn: no binding denies, errors are ignored, missing parameters allow, the type checker warns, a library policy "
                "is unbound, "
                "or a binding names no policy. pass: bound and denying.",
        .remediation = "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingAdmissionPolicyBinding\nmetadata: {name: NAME}\n"
                       "spec: {policyName: NAME, validationActions: [Deny]}",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/",
        .run = run_vap_effective,
    },
    Check{
        .id = "admission-policy-control",
        .title = "No policy control acts on this namespace",
        .scope = Scope::namespace_,
        .severity = Severity::high,
        .needs = "namespaces,"
                 "validatingadmissionpolicies.admissionregistration.k8s.io,validatingadmissionpolicybindings.admissionregistration.k8s.io,"
                 "*.constraints.gatekeeper.sh,clusterpolicies.kyverno.io,policies.kyverno.io,validatingpolicies.policies.kyverno.io,"
                 "namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,mutatingpolicies.policies.kyverno.io,"
                 "clusteradmissionpolicies.policies.kubewarden.io,admissionpolicies.policies.kubewarden.io,"
                 "clusteradmissionpolicygroups.policies.kubewarden.io,admissionpolicygroups.policies.kubewarden.io,apiserver:/metrics",
        .grants = "NS,AD,GK,KY,KW,+ME",
        .fields = k_policy_cover_fields,
        .rationale = "Rights say who may create a pod; only admission says what the pod may be. Without it every deployer may become root on a node.",
        .rule = "pass: Pod Security enforces baseline or restricted, an enforcing policy of Gatekeeper, Kyverno, Kubewarden or a bound "
                "ValidatingAdmissionPolicy includes the namespace, or OpenShift's SCCs act. warn: such policies only observe, or Pod Security only "
                "warns and "
                "audits. fail: none. unknown: a list of policies was not read, or the API server's metrics name a policy that it read from a file.",
        .remediation = "kubectl label namespace <namespace> pod-security.kubernetes.io/enforce=baseline pod-security.kubernetes.io/warn=restricted",
        .limits = "An engine without policies, or with all of them in audit, does not count. What a policy asks for is not judged here.",
        .references = "https://kubernetes.io/docs/concepts/security/pod-security-admission/, CIS 5.2.1",
        .judge_namespace = judge_policy_control,
    },
    Check{
        .id = "psa-enforce",
        .title = "Pod Security enforcement missing or privileged",
        .scope = Scope::namespace_,
        .severity = Severity::high,
        .needs = "namespaces,pods,"
                 "validatingadmissionpolicies.admissionregistration.k8s.io,validatingadmissionpolicybindings.admissionregistration.k8s.io,"
                 "*.constraints.gatekeeper.sh,clusterpolicies.kyverno.io,policies.kyverno.io,validatingpolicies.policies.kyverno.io,"
                 "namespacedvalidatingpolicies.policies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,mutatingpolicies.policies.kyverno.io,"
                 "clusteradmissionpolicies.policies.kubewarden.io,admissionpolicies.policies.kubewarden.io,"
                 "clusteradmissionpolicygroups.policies.kubewarden.io,admissionpolicygroups.policies.kubewarden.io",
        .grants = "NS,PO,+AD,+GK,+KY,+KW",
        .fields = k_policy_cover_fields,
        .rationale = "The built-in admission of Pod Security needs one label, and refuses pods that take over the node.",
        .rule = "pass: the namespace enforces baseline or restricted. warn: by a version more than three minors old; another engine's enforcing "
                "policy acts "
                "instead; only warn or audit are set. fail: privileged, or nothing. unknown: nothing, and an API server has an admission "
                "configuration that "
                "may set a default, or a list was not read. not_applicable: OpenShift, without a level of its own.",
        .remediation =
            "kubectl label namespace <namespace> pod-security.kubernetes.io/enforce=baseline pod-security.kubernetes.io/enforce-version=latest",
        .limits = "It acts on pods that are created: those that run may break it. Exemptions are in a file on the node.",
        .references = "https://kubernetes.io/docs/concepts/security/pod-security-standards/, CIS 5.2.1",
        .judge_namespace = judge_pod_security,
    },
    Check{
        .id = "admission-plugins-required",
        .title = "Required admission plugin is not enabled",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "pods,nodes,apiserver:/metrics,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,+ME,+CM",
        .parameters = k_plugin_parameters,
        .rationale =
            "What these plugins refuse, nothing else refuses: NodeRestriction alone keeps a stolen kubelet credential from changing other nodes.",
        .rule = "The plugins that are on: the defaults of the server's version, those named by --enable-admission-plugins, without those of "
                "--disable-admission-plugins. pass: all of `required`, or the API server's metrics show them at work. fail: an API server "
                "lacks one. unknown: the flags are hidden and the metrics do not show it. not_applicable: OpenShift.",
        .remediation = "Add the plugin to the flag of every API server, in /etc/kubernetes/manifests/kube-apiserver.yaml for kubeadm:\n"
                       "  - --enable-admission-plugins=NodeRestriction",
        .limits = "k3s and RKE2 pass NodeRestriction themselves: it counts as on unless it is disabled.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/, CIS 1.2.9, CIS 1.2.14",
        .judge_cluster = judge_required_plugins,
    },
    Check{
        .id = "admission-plugins-dangerous",
        .title = "Unsafe admission configuration",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs = "pods,nodes,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,+NO,+CM",
        .parameters = k_dangerous_parameters,
        .rationale = "A plugin that admits everything, or a default that somebody switched off, opens the door that the other controls guard.",
        .rule =
            "fail: AlwaysAdmit or AlwaysDeny is enabled; one of `required` is disabled; a plugin is named that the server's version no longer has; "
            "replicas differ (their order is free). pass: none of these. unknown: the flags are hidden.",
        .remediation = "Remove the plugin from --enable-admission-plugins, or the entry from --disable-admission-plugins, on every API server.",
        .references = "https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/, CIS 1.2.10",
        .judge_cluster = judge_dangerous_plugins,
    },
};

} // namespace

constinit const check::Control k_admission_controllers{
    .id = "admission-controllers",
    .step = 16,
    .title = "Admission controllers",
    .summary = "What decides whether an object may enter the cluster is enabled, reachable, narrow in scope, and no single point of failure.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

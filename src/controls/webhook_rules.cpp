// SPDX-License-Identifier: Apache-2.0
#include "webhook_rules.hpp"
#include "controls/disruption_budgets.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "names.hpp"
#include "seaworthy/base/base64.hpp"
#include "seaworthy/base/certificate.hpp"
#include "seaworthy/base/pattern.hpp"
#include "value_selector.hpp"
#include "webhooks.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::fail;
using check::not_applicable;
using check::pass;
using check::Reason;
using check::Severity;
using check::Status;
using check::unknown;
using check::Verdict;
using check::warn;

/// The worst verdict over a configuration's webhooks; the names of those that it is true of go into the evidence.
template <typename Judge>
Verdict fold(const model::Document& configuration, Judge judge)
{
    auto result = not_applicable("It has no webhooks").proven();
    NameList names;
    for (const auto& value : configuration["webhooks"].items()) {
        const Webhook webhook{value};
        auto verdict = judge(webhook);
        if (verdict.status > result.status) names = {};
        if (verdict.status >= result.status) names.add(std::string{webhook.name()});
        result = worst(std::move(result), std::move(verdict));
    }
    if (!names.empty()) result.evidence.emplace_back("webhooks", names.values());
    return result;
}

/// Intercepts what every workload is made of.
bool intercepts_workloads(const Webhook& webhook)
{
    if (webhook.intercepts_all_resources()) return true;
    for (const std::string_view operation : {"CREATE", "UPDATE", "DELETE"})
        if (webhook.intercepts(operation, "", "pods") || webhook.intercepts(operation, "apps", "deployments")) return true;
    return false;
}

/// No selector asks for a label: only exclusions, or none.
bool is_broad(const Webhook& webhook)
{
    return intercepts_workloads(webhook) && !selector_opts_in(webhook["namespaceSelector"]) && !selector_opts_in(webhook["objectSelector"]);
}

const model::Service* backend_of(const Webhook& webhook, const Context& context)
{
    return context.index.find_service(webhook.service_namespace(), webhook.service_name());
}

bool is_single_node(const Context& context)
{
    return context.inventory.nodes.size() == 1 && context.gap("nodes") == nullptr;
}

Verdict engine_judges_it()
{
    return not_applicable("A policy engine's webhook: the policy-engine control judges it").proven();
}

} // namespace

// --- webhook-backend-ready ---

namespace {

Verdict judge_backend(const Webhook& webhook, const Context& context)
{
    if (!webhook.url().empty()) return not_applicable("It calls a URL").proven();
    const auto severity = webhook.fails_closed() ? Severity::critical : Severity::high;
    const auto effect = webhook.fails_closed() ? "what it intercepts is refused" : "it is skipped without a word";
    const auto service_id = fmt::format("{}/{}", webhook.service_namespace(), webhook.service_name());
    const auto* service = backend_of(webhook, context);
    if (service == nullptr) return fail(fmt::format("Its Service {} does not exist: {}", service_id, effect)).by_absence().at(severity);
    if (std::ranges::find(service->ports, webhook.service_port(), &model::ServicePort::port) == service->ports.end())
        return fail(fmt::format("Its Service {} has no port {}: {}", service_id, webhook.service_port(), effect)).at(severity);
    if (service->type == "ExternalName")
        return unknown(Reason::unobservable, fmt::format("Its Service {} is an alias of a host outside the cluster's sight", service_id));
    if (context.index.ready_endpoints(*service) == 0)
        return fail(fmt::format("No endpoint of its Service {} is ready: {}", service_id, effect)).by_absence().at(severity);
    return pass("Every webhook has a ready backend").proven();
}

} // namespace

Verdict judge_webhook_backend(const model::Document& configuration, const Context& context)
{
    if (belongs_to_policy_engine(configuration, context)) return engine_judges_it();
    if (auto hidden = context.inventory.cluster.partial; hidden)
        return unknown(Reason::unobservable, "Manifests do not show whether a backend is ready");
    return fold(configuration, [&](const Webhook& webhook) { return judge_backend(webhook, context); });
}

// --- webhook-ca-bundle ---

namespace {

Verdict judge_bundle(const Webhook& webhook, const Context& context)
{
    const auto written = webhook["clientConfig"]["caBundle"].text();
    if (written.empty()) {
        if (!webhook.url().empty()) return not_applicable("Its URL is verified with the system's roots").proven();
        return fail("Its CA bundle is empty: the API server cannot verify the backend");
    }
    const auto pem = decode_base64(written);
    const auto certificates = pem ? read_pem_certificates(*pem) : std::vector<CertificateValidity>{};
    if (certificates.empty()) return fail("Its CA bundle holds no certificate that can be read");
    const auto expired = [&](const CertificateValidity& certificate) { return certificate.not_after <= context.now; };
    const auto& last = *std::ranges::max_element(certificates, {}, &CertificateValidity::not_after);
    const auto until = format_rfc3339(last.not_after);
    if (expired(last)) return fail(fmt::format("Every certificate of its CA bundle has expired, the last one at {}", until)).with("notAfter", until);
    // Operators that renew their certificates themselves use short lifetimes: what matters is the share that is left.
    const auto lifetime = static_cast<double>(last.not_after.unix_seconds() - last.not_before.unix_seconds());
    const auto limit = std::min(14.0 * 86400, context.parameters.number("warnFraction") * lifetime);
    const auto left = static_cast<double>(last.not_after.unix_seconds() - context.now.unix_seconds());
    if (left < limit) return warn(fmt::format("Its CA bundle expires at {}", until)).with("notAfter", until);
    auto verdict = pass("Its CA bundle is valid").proven().with("notAfter", until);
    if (std::ranges::any_of(certificates, expired)) verdict.evidence.emplace_back("note", "the bundle still holds an expired certificate");
    return verdict;
}

std::string injector_of(const model::ObjectMeta& meta)
{
    if (const auto* source = meta.annotations.find("cert-manager.io/inject-ca-from"))
        return fmt::format("cert-manager fills it from Certificate {}: kubectl cert-manager status certificate shows why it does not",
                           source->view());
    if (meta.annotations.is("service.beta.openshift.io/inject-cabundle", "true")) return "OpenShift's service CA operator fills it: look at its logs";
    return {};
}

} // namespace

Verdict judge_webhook_ca_bundle(const model::Document& configuration, const Context& context)
{
    auto verdict = fold(configuration, [&](const Webhook& webhook) { return judge_bundle(webhook, context); });
    if (verdict.status >= Status::warn) verdict.remediation = injector_of(configuration.meta);
    return verdict;
}

// --- webhook-scope ---

namespace {

/// Creates pods: what a restart of the backend needs.
bool intercepts_pod_creation(const Webhook& webhook)
{
    return webhook.intercepts("CREATE", "", "pods");
}

bool intercepts_leases(const Webhook& webhook)
{
    return webhook.intercepts("CREATE", "coordination.k8s.io", "leases") || webhook.intercepts("UPDATE", "coordination.k8s.io", "leases");
}

bool intercepts_access(const Webhook& webhook)
{
    return webhook.intercepts("CREATE", "authentication.k8s.io", "tokenreviews") ||
           webhook.intercepts("CREATE", "authorization.k8s.io", "subjectaccessreviews");
}

bool intercepts_nodes(const Webhook& webhook)
{
    return webhook.intercepts("CREATE", "", "nodes") || webhook.intercepts("UPDATE", "", "nodes");
}

bool selects(const Webhook& webhook, std::string_view ns, const Context& context)
{
    const auto* found = context.index.find_namespace(ns);
    // Objects there may carry no label at all, so a selector that asks for one leaves them out.
    return webhook.selects_namespace(ns, found != nullptr ? found->meta.labels : model::StringMap{}) && !selector_opts_in(webhook["objectSelector"]);
}

Verdict judge_reach(const Webhook& webhook, const Context& context)
{
    if (!webhook.fails_closed()) return pass("It fails open, so it blocks nothing").proven();
    if (is_loopback_url(webhook.url())) return pass("It is served beside the API server").proven();
    if (const auto* gap = context.gap("namespaces"); gap != nullptr && !selector_is_empty(webhook["namespaceSelector"]))
        return context.unknown_for(*gap);
    const bool deadlock =
        !webhook.service_name().empty() && intercepts_pod_creation(webhook) && selects(webhook, webhook.service_namespace(), context);
    const bool leases = intercepts_leases(webhook) && selects(webhook, "kube-node-lease", context);
    if (deadlock || leases) {
        const auto message = deadlock ? fmt::format("It has to admit the pods of its own namespace {}: once all backends are down, none can start",
                                                    webhook.service_namespace())
                                      : std::string{"It intercepts the leases of kube-node-lease: when it is down, nodes count as lost"};
        if (webhook["matchConditions"].size() > 0)
            return warn(message + ", unless a match condition leaves them out").with("word", "matchConditions-present");
        if (!selector_is_empty(webhook["objectSelector"]))
            return warn(message + ", unless their labels leave them out").with("word", "objectSelector-present");
        return fail(message);
    }
    if (webhook.intercepts_all_resources()) return warn("It intercepts every resource: when it is down, nothing can be repaired");
    if (intercepts_pod_creation(webhook) && selects(webhook, "kube-system", context)) return warn("It has to admit the pods of kube-system");
    if (intercepts_nodes(webhook)) return warn("It intercepts nodes: when it is down, none can join");
    if (intercepts_access(webhook)) return warn("It intercepts TokenReviews or SubjectAccessReviews, which components need to authenticate");
    return pass("It does not stand in the way of repairs");
}

} // namespace

Verdict judge_webhook_scope(const model::Document& configuration, const Context& context)
{
    return fold(configuration, [&](const Webhook& webhook) { return judge_reach(webhook, context); });
}

// --- webhook-external-url ---

namespace {

bool sends_sensitive_objects(const Webhook& webhook)
{
    if (webhook.intercepts_all_resources()) return true;
    for (const std::string_view operation : {"CREATE", "UPDATE", "DELETE", "CONNECT"})
        for (const std::string_view resource : {"secrets", "configmaps", "pods"})
            if (webhook.intercepts(operation, "", resource)) return true;
    return false;
}

Verdict judge_url(const Webhook& webhook, const Context& context)
{
    if (webhook.url().empty()) return not_applicable("It calls a Service in the cluster").proven();
    const auto host = host_of_url(webhook.url());
    if (is_loopback_url(webhook.url())) return pass("It is served beside the API server").proven();
    if (glob_match_any(context.parameters.list("allowedHosts"), host)) return pass(fmt::format("Its host {} is allowed", host)).proven();
    if (sends_sensitive_objects(webhook))
        return fail(fmt::format("Pods, Secrets or ConfigMaps are sent to {}, outside the cluster", host)).with("host", std::string{host});
    return warn(fmt::format("Objects are sent to {}, outside the cluster", host)).with("host", std::string{host});
}

/// A mutating configuration that appeared within a day and that no pipeline wrote: somebody put himself between users and the API.
bool is_new_and_unmanaged(const model::Document& configuration, const Context& context)
{
    if (configuration.kind != "MutatingWebhookConfiguration" || !configuration.meta.created.known()) return false;
    if (configuration.meta.created.at_least(std::chrono::hours{24}, context.now)) return false;
    const auto entries = configuration.at("metadata.managedFields").items();
    return !entries.empty() && std::ranges::none_of(entries, [&](const model::Value& entry) {
        const auto manager = entry["manager"].text();
        const auto wrote = [&](const std::vector<std::string>& managers) { return std::ranges::find(managers, manager) != managers.end(); };
        return wrote(context.parameters.list("gitopsManagers")) || wrote(context.parameters.list("ciManagers"));
    });
}

} // namespace

Verdict judge_webhook_external_url(const model::Document& configuration, const Context& context)
{
    auto verdict = fold(configuration, [&](const Webhook& webhook) { return judge_url(webhook, context); });
    if (verdict.status < Status::warn && is_new_and_unmanaged(configuration, context))
        return warn("A mutating webhook appeared within the last day and no pipeline wrote it").with("word", "new-interception-point");
    return verdict;
}

// --- webhook-ha ---

namespace {

struct Backends {
    std::size_t ready = 0;
    std::set<std::string_view> nodes;
    std::set<std::string_view> pods;
};

Backends backends_of(const model::Service& service, const Context& context)
{
    Backends backends;
    for (const auto* slice : context.index.endpoint_slices_of(service)) {
        for (const auto& endpoint : slice->endpoints) {
            if (!endpoint.ready) continue;
            ++backends.ready;
            if (!endpoint.node_name.empty()) backends.nodes.insert(endpoint.node_name);
            if (endpoint.target_kind == "Pod") backends.pods.insert(endpoint.target_name);
        }
    }
    return backends;
}

bool has_disruption_budget(const model::Service& service, const Backends& backends, const Context& context)
{
    return std::ranges::any_of(context.index.active_pods_in(service.meta.ns), [&](const auto* pod) {
        return backends.pods.contains(pod->name) && has_budget(service.meta.ns, pod->labels(), context);
    });
}

Verdict judge_ha(const Webhook& webhook, const Context& context)
{
    if (!webhook.fails_closed()) return not_applicable("It fails open").proven();
    if (!webhook.url().empty()) return not_applicable("It calls a URL").proven();
    const auto* service = backend_of(webhook, context);
    const auto backends = service != nullptr ? backends_of(*service, context) : Backends{};
    if (backends.ready < 2) {
        const auto message = fmt::format("It fails closed and has {} ready backend", backends.ready == 0 ? "no" : "one");
        return (intercepts_workloads(webhook) ? fail(message) : warn(message)).by_absence();
    }
    if (backends.nodes.size() == 1) return warn("It fails closed and all its backends run on one node").by_absence();
    if (!has_disruption_budget(*service, backends, context))
        return warn("It fails closed and no disruption budget keeps a backend up during drains").by_absence();
    return pass("Its backends survive the loss of a node");
}

} // namespace

Verdict judge_webhook_ha(const model::Document& configuration, const Context& context)
{
    if (belongs_to_policy_engine(configuration, context)) return engine_judges_it();
    if (context.inventory.cluster.partial) return unknown(Reason::unobservable, "Manifests do not show how many backends are ready");
    if (is_single_node(context)) return not_applicable("The cluster has a single node");
    return fold(configuration, [&](const Webhook& webhook) { return judge_ha(webhook, context); });
}

// --- webhook-failure-policy ---

namespace {

Verdict judge_failure_policy(const model::Document& configuration, const Webhook& webhook, const Context& context)
{
    if (!webhook.fails_closed()) {
        if (is_security_webhook(configuration, webhook)) return warn("A security webhook fails open: while it is down, nothing is refused");
        if (is_injector(configuration, webhook)) return warn("An injector fails open: while it is down, pods start without their sidecar");
        return pass("It fails open").proven();
    }
    if (!is_broad(webhook)) return pass("It fails closed on a narrow scope").proven();
    if (!webhook.url().empty()) return pass("It fails closed, and runs outside the cluster").proven();
    if (is_single_node(context)) return pass("It fails closed on the cluster's only node");
    for (const std::string_view resource : {"services", "endpointslices.discovery.k8s.io"})
        if (const auto* gap = context.gap(resource, webhook.service_namespace())) return context.unknown_for(*gap);
    const auto* service = backend_of(webhook, context);
    const auto ready = service != nullptr ? backends_of(*service, context).ready : 0;
    if (ready < 2)
        return fail(
            fmt::format("It fails closed for every workload, with {} ready backend: its outage is the cluster's", ready == 0 ? "no" : "a single"));
    return pass("It fails closed, with several backends").proven();
}

} // namespace

Verdict judge_webhook_failure_policy(const model::Document& configuration, const Context& context)
{
    if (belongs_to_policy_engine(configuration, context)) return engine_judges_it();
    return fold(configuration, [&](const Webhook& webhook) { return judge_failure_policy(configuration, webhook, context); });
}

// --- webhook-hygiene ---

namespace {

Verdict judge_hygiene(const model::Document& configuration, const Webhook& webhook, bool engine)
{
    if (webhook["matchPolicy"].text() == "Exact") return warn("It matches API versions exactly: the same object in another version passes by");
    const auto& objects = webhook["objectSelector"];
    const bool validates = configuration.kind == "ValidatingWebhookConfiguration";
    if (!engine && validates && is_security_webhook(configuration, webhook) && !selector_is_empty(objects) && !selector_opts_in(objects))
        return warn("A label on the object is enough to get past this security webhook");
    auto verdict = pass("It cannot be side-stepped by version or label").proven();
    if (!validates && is_injector(configuration, webhook) && webhook["reinvocationPolicy"].text() != "IfNeeded")
        verdict.evidence.emplace_back("note", "containers that later webhooks add are not seen by this injector (reinvocationPolicy Never)");
    return verdict;
}

} // namespace

Verdict judge_webhook_hygiene(const model::Document& configuration, const Context& context)
{
    const bool engine = belongs_to_policy_engine(configuration, context);
    return fold(configuration, [&](const Webhook& webhook) { return judge_hygiene(configuration, webhook, engine); });
}

// --- webhook-timeout ---

namespace {

int timeout_of(const Webhook& webhook)
{
    return static_cast<int>(webhook["timeoutSeconds"].number_or(10));
}

Verdict judge_timeout(const Webhook& webhook)
{
    const auto seconds = timeout_of(webhook);
    if (seconds <= 10) return pass("It waits ten seconds at most").proven();
    const auto message = fmt::format("Requests may wait {} seconds for it", seconds);
    return seconds > 15 && webhook.fails_closed() && intercepts_workloads(webhook) ? fail(message) : warn(message);
}

} // namespace

void run_webhook_timeout(const Context& context, check::Results& results)
{
    int serial = 0;
    NameList slow;
    for (const auto list : check::split_list(k_webhook_lists)) {
        for (const auto& configuration : context.inventory.documents_of(list)) {
            const bool young = !configuration.meta.created.at_least(context.settings.min_age, context.now);
            results.add(check::ObjectKey::of(configuration), {}, young ? not_applicable("It is new").proven() : fold(configuration, judge_timeout));
            if (configuration.kind != "MutatingWebhookConfiguration") continue;
            int longest = 0; // its webhooks mostly exclude one another, so only the slowest counts
            for (const auto& value : configuration["webhooks"].items())
                if (const Webhook webhook{value}; intercepts_pod_creation(webhook)) longest = std::max(longest, timeout_of(webhook));
            serial += longest;
            if (longest > 0) slow.add(configuration.meta.name.str());
        }
    }
    if (serial > 30)
        results.add(check::ObjectKey::cluster(), {},
                    warn(fmt::format("Mutating webhooks are called one after the other: creating a pod may wait {} seconds in all", serial))
                        .with("configurations", slow.values()));
}

} // namespace seaworthy::controls

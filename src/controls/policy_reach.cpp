// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_reach.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/policy_rules.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Reason;
using check::Results;
using check::Verdict;
using model::Direction;
using model::Isolation;
using model::NetworkPolicy;
using model::NetworkPolicyPeer;
using model::NetworkPolicyRule;
using model::StringMap;
using model::Workload;

/// Every namespace: `namespaceSelector: {}` without a choice of pods.
bool is_every_namespace(const NetworkPolicyPeer& peer)
{
    return peer.namespace_selector.present && peer.namespace_selector.empty() && peer.pod_selector.empty();
}

// ---- netpol-cross-namespace-open

/// True if tenants could give their namespaces the labels that the selector asks for.
bool is_forgeable(const model::LabelSelector& selector)
{
    const auto fixed = [](std::string_view key) {
        return key == "kubernetes.io/metadata.name" || key == "capsule.clastix.io/tenant" || key == "projectcapsule.dev/tenant";
    };
    return std::ranges::none_of(selector.match_labels, [&](const auto& entry) { return fixed(entry.key); }) &&
           std::ranges::none_of(selector.match_expressions, [&](const auto& term) { return fixed(term.key); });
}

bool shares_its_ports(const NetworkPolicyRule& rule, const Context& context)
{
    const auto& shared = context.parameters.list("sharedPorts");
    return !rule.ports.empty() && std::ranges::all_of(rule.ports, [&](const auto& port) {
        return port.end_port == 0 && std::ranges::find(shared, port.port.view()) != shared.end();
    });
}

// ---- netpol-datastore-exposed

constexpr std::string_view k_store_words[] = {"postgres", "timescaledb", "mysql",      "mariadb",       "percona",    "mongo", "redis",
                                              "valkey",   "cassandra",   "scylla",     "elasticsearch", "opensearch", "etcd",  "memcached",
                                              "couchdb",  "influxdb",    "clickhouse", "rabbitmq",      "kafka",      "mssql"};
/// Parts of a name that say that it is not the store itself.
constexpr std::string_view k_beside_words[] = {"operator", "exporter", "client", "backup", "pgbouncer"};

bool has_beside_word(std::string_view name)
{
    while (true) {
        const auto end = name.find_first_of("-_.");
        if (std::ranges::find(k_beside_words, name.substr(0, end)) != std::end(k_beside_words)) return true;
        if (end == std::string_view::npos) return false;
        name.remove_prefix(end + 1);
    }
}

bool names_store(std::string_view name)
{
    return !has_beside_word(name) &&
           std::ranges::any_of(k_store_words, [&](std::string_view word) { return name.find(word) != std::string_view::npos; });
}

bool is_store(const Workload& workload)
{
    bool by_image = false;
    bool beside = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate& pod_template) {
        const auto image = model::parse_image_reference(container.image);
        const auto name = image ? std::string_view{image->path}.substr(image->path.rfind('/') + 1) : std::string_view{};
        by_image = by_image || names_store(name);
        beside = beside || has_beside_word(name);
        for (const std::string_view key : {"app.kubernetes.io/name", "app"})
            by_image = by_image || (!beside && names_store(pod_template.labels.get(key)));
    });
    return by_image;
}

std::vector<Target> store_ports(const Workload& workload, const Context& context)
{
    const auto& ports = context.parameters.list("ports");
    const auto is_one = [&](std::int32_t number) { return std::ranges::find(ports, std::to_string(number)) != ports.end(); };
    std::vector<Target> found;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        for (const auto& port : container.ports)
            if (is_one(port.container_port)) found.push_back({port.container_port, port.name});
    });
    for (const auto* service : context.index.services_of(workload))
        for (const auto& port : service->ports) {
            const auto number = port.target_port.empty() ? port.port : port_number(port.target_port);
            if (is_one(number)) found.push_back({number, {}});
        }
    return found;
}

/// From where the rules let connections to a store's port in.
enum class Sources { named, own_namespace, everywhere };

Sources sources_of(const model::PodIdentity& pod, const std::vector<Target>& ports, const Context& context, bool& doubtful)
{
    using Who = model::Connection::Who;
    const auto lets_in = [&](Who who) {
        return std::ranges::any_of(ports, [&](const Target& port) {
            model::Connection connection;
            connection.who = who;
            connection.port = port.number;
            connection.port_name = port.name;
            connection.ns = pod.ns;
            if (const auto* ns = context.index.find_namespace(pod.ns)) connection.namespace_labels = &ns->meta.labels;
            const auto answer = context.network.admits(pod, Direction::ingress, connection);
            doubtful = doubtful || answer == model::Answer::unresolved;
            return answer == model::Answer::yes;
        });
    };
    if (lets_in(Who::anybody)) return Sources::everywhere;
    return lets_in(Who::whole_namespace) ? Sources::own_namespace : Sources::named;
}

// ---- netpol-egress-metadata

constexpr std::string_view k_metadata_address = "169.254.169.254";
constexpr std::string_view k_metadata_address_v6 = "fd00:ec2::254";

bool has_metadata_service(const Context& context)
{
    static constexpr std::string_view k_clouds[] = {"aws:", "gce:", "azure:", "openstack:"};
    return std::ranges::any_of(context.inventory.nodes, [](const model::Node& node) {
        return std::ranges::any_of(k_clouds, [&](std::string_view cloud) { return node.provider_id.view().starts_with(cloud); });
    });
}

/// GKE's metadata server answers pods itself, and not with the node's credentials.
bool has_metadata_proxy(const Context& context)
{
    return std::ranges::any_of(context.index.workloads_in("kube-system"),
                               [](const auto* workload) { return workload->kind == "DaemonSet" && workload->name == "gke-metadata-server"; });
}

model::Answer admits_metadata(const model::PodIdentity& pod, std::string_view address, const Context& context)
{
    model::Connection connection;
    connection.who = model::Connection::Who::outside;
    connection.port = 80;
    connection.addresses = {&address, 1};
    return context.network.admits(pod, Direction::egress, connection);
}

// ---- dangling

/// The distinct label sets of pods and templates by namespace: what selectors can find.
class Selectable {
public:
    explicit Selectable(const Context& context)
    {
        for (const auto& workload : context.index.workloads()) {
            auto& here = m_labels[workload.ns];
            for (const auto* pod : workload.pods)
                here.insert(&pod->labels());
            for (const auto* pod_template : workload.templates)
                here.insert(&pod_template->labels);
        }
        for (const std::string_view kind : {"rollouts.argoproj.io", "services.serving.knative.dev"})
            for (const auto& document : context.inventory.documents_of(kind))
                m_documents[document.meta.ns].push_back(&document);
    }

    /// True if the peer, as a policy of `ns` writes it, is some pod or, without a pod selector, some namespace.
    [[nodiscard]] bool finds(std::string_view ns, const NetworkPolicyPeer& peer, const Context& context)
    {
        // Most policies of a cluster write the same few peers. Equal maps of labels have one address.
        const bool simple = peer.namespace_selector.match_expressions.empty() && peer.pod_selector.match_expressions.empty();
        const PeerKey key{peer.namespace_selector.present ? std::string_view{} : ns, peer.namespace_selector.present,
                          peer.namespace_selector.match_labels.begin(), peer.pod_selector.match_labels.begin()};
        if (const auto known = m_peers.find(key); simple && known != m_peers.end()) return known->second;
        const bool found = !peer.namespace_selector.present ? finds(ns, peer.pod_selector)
                                                            : std::ranges::any_of(context.inventory.namespaces, [&](const model::Namespace& each) {
                                                                  return peer.namespace_selector.matches(each.meta.labels) &&
                                                                         (peer.pod_selector.empty() || finds(each.meta.name, peer.pod_selector));
                                                              });
        if (simple) m_peers.emplace(key, found);
        return found;
    }

    [[nodiscard]] bool finds(std::string_view ns, const model::LabelSelector& selector) const
    {
        if (const auto found = m_labels.find(ns); found != m_labels.end())
            if (std::ranges::any_of(found->second, [&](const auto* labels) { return selector.matches(*labels); })) return true;
        const auto documents = m_documents.find(ns);
        return documents != m_documents.end() &&
               std::ranges::any_of(documents->second, [&](const auto* document) { return could_match(selector, *document); });
    }

private:
    /// Labels of a template inside a Document: every wanted label is there. Expressions are taken for matching.
    static bool could_match(const model::LabelSelector& selector, const model::Document& document)
    {
        const auto& labels = document.at("spec.template.metadata")["labels"];
        return std::ranges::all_of(selector.match_labels, [&](const auto& entry) {
            return labels[entry.key].text() == entry.value.view() ||
                   (entry.key == "serving.knative.dev/service" && entry.value == document.meta.name);
        });
    }

    /// Equal label maps of one inventory have one address, but for their own container: compared by content's address.
    struct SameMap {
        std::size_t operator()(const StringMap* map) const { return std::hash<const void*>{}(map->begin()); }
        bool operator()(const StringMap* a, const StringMap* b) const { return a->begin() == b->begin(); }
    };
    std::unordered_map<std::string_view, std::unordered_set<const StringMap*, SameMap, SameMap>> m_labels;
    std::unordered_map<std::string_view, std::vector<const model::Document*>> m_documents;
    /// The policy's namespace where it matters, whether there is a namespace selector, and the two maps of labels.
    using PeerKey = std::tuple<std::string_view, bool, const void*, const void*>;
    std::map<PeerKey, bool> m_peers;
};

Verdict dangling(std::string message, const NetworkPolicy& policy, const Context& context)
{
    if (policy.meta.created.known() && !policy.meta.created.at_least(context.parameters.duration("grace"), context.now))
        return check::pass(std::move(message)).with("note", std::string{"younger than the grace"}).proven();
    if (glob_match_any(context.parameters.list("requirePolicies"), policy.meta.ns)) return check::fail(std::move(message)).by_absence();
    return check::warn(std::move(message)).by_absence();
}

Verdict judge_selector(const NetworkPolicy& policy, Selectable& selectable, const Context& context)
{
    if (policy.pod_selector.empty()) return check::not_applicable("It selects every pod, present and future").proven();
    if (selectable.finds(policy.meta.ns, policy.pod_selector)) return check::pass("It selects pods").proven();
    return dangling("It selects no pod and no template: it protects nothing", policy, context);
}

std::string described(const NetworkPolicyPeer& peer)
{
    const auto written = [](const model::LabelSelector& selector) {
        std::string text;
        for (const auto& [key, value] : selector.match_labels)
            text += fmt::format("{}{}={}", text.empty() ? "" : ",", key.view(), value.view());
        for (const auto& term : selector.match_expressions)
            text += fmt::format("{}{}", text.empty() ? "" : ",", term.key.view());
        return text;
    };
    const auto ns = written(peer.namespace_selector);
    const auto pods = written(peer.pod_selector);
    if (ns.empty()) return "pods " + pods;
    return pods.empty() ? "namespaces " + ns : fmt::format("pods {} in namespaces {}", pods, ns);
}

Verdict judge_peers(const NetworkPolicy& policy, Selectable& selectable, const Context& context)
{
    NameList nobody;
    bool any = false;
    for (const auto direction : {Direction::ingress, Direction::egress})
        for (const auto& rule : model::rules(policy, direction))
            for (const auto& peer : rule.peers) {
                if (!peer.cidr.empty() || (peer.namespace_selector.empty() && peer.pod_selector.empty())) continue;
                any = true;
                if (!selectable.finds(policy.meta.ns, peer, context)) nobody.add(described(peer));
            }
    if (!any) return check::not_applicable("No peer of it names pods or namespaces").proven();
    if (nobody.empty()) return check::pass("Every peer of it is somebody").proven();
    return dangling(fmt::format("A peer is nobody: {}", nobody.text()), policy, context);
}

template <typename Judge>
void judge_each_policy(const Context& context, Results& results, Judge judge)
{
    Selectable selectable{context};
    for (const auto& policy : context.inventory.network_policies) {
        auto verdict = too_young(policy.meta, context);
        if (!verdict && context.is_system(policy.meta.ns)) verdict = check::not_applicable("Not judged in a system namespace").proven();
        if (!verdict) verdict = judge(policy, selectable, context);
        results.add(ObjectKey::of("networking.k8s.io/v1", "NetworkPolicy", policy.meta), policy.meta.ns, *std::move(verdict));
    }
}

// ---- netpol-cluster-baseline

bool makes_network_policies(const model::Document& document, std::string_view list, std::string_view member)
{
    return std::ranges::any_of(document.at(list).items(), [&](const model::Value& entry) {
        if (entry.at(member).text() == "NetworkPolicy") return true;
        return std::ranges::any_of(entry[member].items(), [](const model::Value& item) { return item["kind"].text() == "NetworkPolicy"; });
    });
}

/// True if the policy is about every pod of every namespace of users.
model::Answer covers_user_namespaces(const model::Document& policy, const Context& context)
{
    auto all = model::Answer::yes;
    for (const auto& ns : context.inventory.namespaces) {
        if (context.is_system(ns.meta.name)) continue;
        const auto covers = context.network.covers(policy, ns.meta.name);
        if (covers == model::Answer::no) return covers;
        if (covers == model::Answer::unresolved) all = covers;
    }
    return all;
}

} // namespace

Verdict judge_cross_namespace(const NetworkPolicy& policy, const Context& context)
{
    const bool tenants = !context.inventory.documents_of("tenants.capsule.clastix.io").empty();
    bool any = false;
    bool every = false;
    bool forgeable = false;
    for (const auto& rule : model::rules(policy, Direction::ingress))
        for (const auto& peer : rule.peers) {
            any = true;
            if (shares_its_ports(rule, context)) continue;
            every = every || is_every_namespace(peer);
            forgeable = forgeable || (peer.namespace_selector.present && !peer.namespace_selector.empty() && is_forgeable(peer.namespace_selector));
        }
    if (!any) return check::not_applicable("No rule of it lets named sources in").proven();
    if (glob_match_any(context.parameters.list("sharedNamespaces"), policy.meta.ns)) return check::pass("Its namespace serves all others").proven();
    const auto* gap = context.gap("tenants.capsule.clastix.io");
    if (gap != nullptr && gap->reason == Reason::not_served) gap = nullptr;
    forgeable = forgeable && (tenants || gap != nullptr); // in a cluster of one tenant any label will do
    if (!every && !forgeable) return check::pass("It names whom it lets in").proven();
    const auto message = every ? std::string{"It lets the pods of every namespace in"}
                               : std::string{"It lets namespaces in by a label that tenants may set themselves"};
    // Tenants turn the warning into a failure, so whether there are any has to be known.
    if (gap != nullptr) return context.unknown_for(*gap);
    return tenants ? check::fail(message) : check::warn(message);
}

Verdict judge_datastore(const Workload& workload, const Context& context)
{
    if (!is_store(workload)) return check::not_applicable("It is no data store").proven();
    const auto ports = store_ports(workload, context);
    if (ports.empty())
        return resting_on(check::not_applicable("It is called like a data store and listens on no port of one"), context, workload.ns,
                          {"services", "pods"});
    const auto pods = filtered_pods(workload, [](const auto&) { return true; });
    if (pods.empty()) return check::not_applicable("No pod of it that network policies filter");
    if (const auto* gap = context.network.unread(workload.ns)) return context.unknown_for(*gap);
    auto widest = Sources::named;
    std::string doubt;
    for (const auto& pod : pods) {
        const auto state = context.network.of_pod(pod, Direction::ingress);
        bool doubtful = state == Isolation::unresolved;
        widest = std::max(widest, sources_of(pod, ports, context, doubtful));
        if (widest == Sources::everywhere && (state == Isolation::open || state == Isolation::reopened))
            return check::fail("Every pod of the cluster may connect to the data store");
        if (doubtful && doubt.empty()) doubt = context.network.doubt(pod, Direction::ingress);
        if (doubtful && doubt.empty()) doubt = "a policy";
    }
    if (widest == Sources::everywhere) return check::fail("A rule lets every namespace, or every address, connect to the data store");
    if (!doubt.empty()) return unresolved_by(doubt);
    if (widest == Sources::own_namespace && has_exposed_workload(workload.ns, context))
        return check::warn("Every pod of the namespace may connect to the data store, and one of them is reachable from outside");
    if (widest == Sources::own_namespace)
        return resting_on(check::pass("Only its own namespace may connect, and nothing there is reachable from outside"), context, workload.ns,
                          {"services", "ingresses.networking.k8s.io", "httproutes.gateway.networking.k8s.io", "grpcroutes.gateway.networking.k8s.io",
                           "virtualservices.networking.istio.io", "ingressroutes.traefik.io", "httpproxies.projectcontour.io",
                           "routes.route.openshift.io", "services.serving.knative.dev", "pods", "WL"});
    return resting_on_each_pod(check::pass("Only named sources may connect to the data store"), workload, context);
}

Verdict judge_metadata_service(const Workload& workload, const Context& context)
{
    if (const auto* gap = context.gap("nodes")) return context.unknown_for(*gap);
    if (!has_metadata_service(context)) return check::not_applicable("The nodes are of no cloud with a metadata service").proven();
    if (has_metadata_proxy(context)) return check::not_applicable("GKE's metadata server answers pods").proven();
    const auto pods = filtered_pods(workload, [](const auto&) { return true; });
    if (pods.empty()) return check::not_applicable("No pod of it that network policies filter");
    if (const auto* gap = context.network.unread(workload.ns)) return context.unknown_for(*gap);
    std::string doubt;
    for (const auto& pod : pods) {
        const auto state = context.network.of_pod(pod, Direction::egress);
        // What an egress firewall lets out is not followed that far.
        const auto answer = state == Isolation::external_only ? model::Answer::unresolved : admits_metadata(pod, k_metadata_address, context);
        // With everything of the other family goes the address that the service has there.
        const bool by_other_address = state == Isolation::reopened && admits_metadata(pod, k_metadata_address_v6, context) == model::Answer::yes;
        if (answer == model::Answer::yes || by_other_address)
            return check::warn("Its pods may ask the cloud's metadata service for the node's credentials");
        if (answer == model::Answer::unresolved) doubt = context.network.doubt(pod, Direction::egress);
        if (answer == model::Answer::unresolved && doubt.empty()) doubt = "a policy";
    }
    if (!doubt.empty()) return unresolved_by(doubt);
    return resting_on_each_pod(check::pass("No rule lets it reach the cloud's metadata service"), workload, context);
}

void judge_dangling_selectors(const Context& context, Results& results)
{
    judge_each_policy(context, results, judge_selector);
}

void judge_dangling_peers(const Context& context, Results& results)
{
    judge_each_policy(context, results, judge_peers);
}

Verdict judge_cluster_baseline(const Context& context)
{
    bool doubtful = false;
    for (const std::string_view kind : {"ciliumclusterwidenetworkpolicies.cilium.io", "globalnetworkpolicies.projectcalico.org",
                                        "globalnetworkpolicies.crd.projectcalico.org", "clusternetworkpolicies.crd.antrea.io"})
        for (const auto& policy : context.inventory.documents_of(kind)) {
            const auto covers = covers_user_namespaces(policy, context);
            if (covers == model::Answer::yes)
                return resting_on(check::pass("A policy of the CNI covers the whole cluster"), context, "*", {"namespaces"});
            doubtful = doubtful || covers == model::Answer::unresolved;
        }
    bool idle = false;
    for (const std::string_view kind : {"clusternetworkpolicies.policy.networking.k8s.io", "adminnetworkpolicies.policy.networking.k8s.io",
                                        "baselineadminnetworkpolicies.policy.networking.k8s.io"})
        for (const auto& policy : context.inventory.documents_of(kind)) {
            const auto covers = covers_user_namespaces(policy, context);
            doubtful = doubtful || covers == model::Answer::unresolved;
            if (covers != model::Answer::yes) continue;
            const auto accepted = [](const model::Value& condition) { return condition["status"].text() == "True"; };
            if (std::ranges::any_of(policy.at("status.conditions").items(), accepted))
                return resting_on(check::pass(fmt::format("{} {} covers the whole cluster", policy.kind.view(), policy.meta.name.view())), context,
                                  "*", {"namespaces"});
            idle = true;
        }
    for (const auto& policy : context.inventory.documents_of("clusterpolicies.kyverno.io"))
        if (makes_network_policies(policy, "spec.rules", "generate.kind"))
            return check::pass(fmt::format("Kyverno makes network policies (ClusterPolicy {})", policy.meta.name.view())).proven();
    for (const auto& tenant : context.inventory.documents_of("tenants.capsule.clastix.io"))
        if (!tenant.at("spec.networkPolicies.items").items().empty()) return check::pass("Capsule gives tenants network policies").proven();
    for (const std::string_view kind : {"tenantresources.capsule.clastix.io", "globaltenantresources.capsule.clastix.io"})
        for (const auto& resource : context.inventory.documents_of(kind))
            if (makes_network_policies(resource, "spec.resources", "rawItems")) return check::pass("Capsule gives tenants network policies").proven();
    if (doubtful) return unresolved_by("a policy for the whole cluster");
    const auto namespaces = std::ranges::count_if(context.inventory.namespaces, [&](const auto& ns) { return !context.is_system(ns.meta.name); });
    if (idle) return check::warn("A cluster-wide policy is there, and no CNI has accepted it").by_absence();
    if (static_cast<double>(namespaces) <= context.parameters.number("nsThreshold"))
        return check::not_applicable("Few namespaces: each can have policies of its own");
    return check::warn(fmt::format("{} namespaces, and no policy that covers them all", namespaces)).by_absence();
}

} // namespace seaworthy::controls

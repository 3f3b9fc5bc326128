// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/index.hpp"

#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "model/owner_chain.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/registry_config.hpp"

namespace seaworthy::model {
namespace {

/// The API's lists come by name, mostly: a list that starts over or is read from the watch cache need not.
template <typename T>
void sort_by_name(std::unordered_map<std::string_view, std::vector<const T*>>& map)
{
    const auto by_name = [](const T* a, const T* b) { return a->meta.name < b->meta.name; };
    for (auto& [ns, objects] : map)
        if (!std::is_sorted(objects.begin(), objects.end(), by_name)) std::sort(objects.begin(), objects.end(), by_name);
}

template <typename T>
std::span<const T* const> in_namespace(const std::unordered_map<std::string_view, std::vector<const T*>>& map, std::string_view ns)
{
    const auto at = map.find(ns);
    return at != map.end() ? std::span<const T* const>{at->second} : std::span<const T* const>{};
}

std::string key(std::string_view ns, std::string_view name)
{
    return fmt::format("{}/{}", ns, name);
}
std::string key(std::string_view ns, std::string_view kind, std::string_view name)
{
    return fmt::format("{}/{}/{}", ns, kind, name);
}

std::string_view api_group(std::string_view api_version)
{
    const auto slash = api_version.find('/');
    return slash == std::string_view::npos ? std::string_view{} : api_version.substr(0, slash);
}

/// Collects roots under their identity: namespace, kind, API group and name.
class RootBuilder {
public:
    RootBuilder(const Inventory& inventory, TextPool& kind_names) : m_chain(inventory), m_kind_names(kind_names) {}

    Workload& root_of(const Pod& pod)
    {
        if (!pod.is_mirror() && pod.controller() != nullptr) return of(pod.ns(), m_chain.root_of(pod.ns(), *pod.controller()));
        Workload& root = insert(pod.ns(), "v1", "Pod", pod.name, pod.uid);
        root.bare_pod = &pod;
        root.mirror = pod.is_mirror();
        root.created = pod.created;
        return root;
    }
    Workload& root_of(const WorkloadObject& object) { return of(object.meta.ns, m_chain.root_of(object)); }

    std::deque<Workload>& roots() { return m_roots; }

private:
    Workload& of(Text ns, const Root& chain_end)
    {
        if (chain_end.object == nullptr) {
            const OwnerReference& named = *chain_end.named;
            return insert(ns, named.api_version, named.kind, named.name, named.uid);
        }
        const WorkloadObject& object = *chain_end.object;
        Workload& root = insert(ns, kind_api_version(object.kind), kind_name(object.kind), object.meta.name, object.meta.uid);
        root.object = &object;
        root.created = object.meta.created;
        root.finished = object.finished;
        return root;
    }
    Workload& insert(Text ns, std::string_view api_version, std::string_view kind, Text name, Text uid)
    {
        const auto [at, added] = m_ids.try_emplace(fmt::format("{}/{}.{}/{}", ns.view(), kind, api_group(api_version), name.view()), nullptr);
        if (added) {
            Workload& root = m_roots.emplace_back();
            root.api_version = m_kind_names.intern(api_version);
            root.kind = m_kind_names.intern(kind);
            root.ns = ns;
            root.name = name;
            root.uid = uid;
            at->second = &root;
        }
        return *at->second;
    }

    OwnerChain m_chain;
    TextPool& m_kind_names;
    std::unordered_map<std::string, Workload*> m_ids;
    std::deque<Workload> m_roots;
};

/// Where no controller's template was read, each distinct spec of the pods stands for one.
void add_templates_of_pods(Workload& root, std::deque<PodTemplate>& store)
{
    std::set<const PodSpec*> seen;
    const auto add = [&](const Pod& pod) {
        if (!seen.insert(pod.spec()).second) return;
        root.templates.push_back(&store.emplace_back(PodTemplate{pod.labels(), pod.annotations(), pod.spec()}));
    };
    if (root.bare_pod != nullptr) add(*root.bare_pod);
    for (const Pod* pod : root.pods)
        add(*pod);
}

} // namespace

bool Workload::declares_container(std::string_view container) const
{
    return std::any_of(templates.begin(), templates.end(), [&](const PodTemplate* entry) {
        const auto all = entry->spec->containers;
        return std::any_of(all.begin(), all.end(), [&](const Container& candidate) { return candidate.name == container; });
    });
}

bool Workload::runs() const
{
    if (!pods.empty()) return true;
    return std::any_of(controllers.begin(), controllers.end(), [](const WorkloadObject* controller) { return controller->wanted_pods() > 0; });
}

bool is_system_namespace(std::string_view name)
{
    // C6. Whole names where a team could choose the prefix; prefixes only where the platform owns them.
    static constexpr std::string_view k_globs[] = {
        "kube-system",
        "kube-public",
        "kube-node-lease",
        "kube-flannel",
        "openshift",
        "openshift-*",
        "azure-arc",
        "azure-arc-*",
        "gke-managed-*",
        "gke-gmp-*",
        "gmp-*",
        "config-management-*",
        "cattle-*",
        "tigera-*",
        "calico-*",
        "gke-connect",
        "gke-mcs",
        "fleet-default",
        "fleet-local",
        "fleet-system",
        "rancher-operator-system",
        "amazon-cloudwatch",
        "amazon-guardduty",
        "aws-observability",
        "aws-application-networking-system",
        "local-path-storage",
        "gatekeeper-system",
        "kyverno",
    };
    return std::any_of(std::begin(k_globs), std::end(k_globs), [&](std::string_view glob) { return glob_match(glob, name); });
}

Index::Index(const Inventory& inventory) : m_inventory(inventory)
{
    link_workloads();
    index_objects();
    index_images();
    collect_namespace_names();
    read_node_reports();
}

void Index::read_node_reports()
{
    constexpr std::string_view k_scheme = "node:";
    for (auto at = m_inventory.probes.lower_bound(k_scheme); at != m_inventory.probes.end() && at->first.starts_with(k_scheme); ++at) {
        // The newest that is one; no rule looks behind it.
        const auto& rows = at->second;
        const auto answer = std::find_if(rows.rbegin(), rows.rend(), [](const ProbeAnswer& row) { return row.status == 200; });
        if (answer != rows.rend())
            m_node_reports.emplace(&*answer, std::make_shared<const Result<RegistryConfig>>(parse_registry_config(answer->body)));
    }
}

const Result<RegistryConfig>* Index::report_in(const ProbeAnswer& answer) const
{
    const auto at = m_node_reports.find(&answer);
    return at != m_node_reports.end() ? at->second.get() : nullptr;
}

void Index::link_workloads()
{
    RootBuilder builder{m_inventory, m_kind_names};
    std::unordered_map<OwnerKey, Workload*, HashOwnerKey> root_of_owner;
    std::unordered_map<const void*, Workload*> root_of_object;
    std::vector<PlacedPod> placed;
    placed.reserve(m_inventory.pods.size());

    for (const WorkloadObject& object : m_inventory.workloads) {
        Workload& root = builder.root_of(object);
        root.controllers.push_back(&object);
        if (object.pod_template.spec != nullptr) root.templates.push_back(&object.pod_template);
        root_of_object.emplace(&object, &root);
    }
    for (const Pod& pod : m_inventory.pods) {
        const bool alone = pod.controller() == nullptr || pod.is_mirror();
        if (!pod.is_active() && !alone) continue; // C4: counts nowhere
        Workload* root = nullptr;
        if (alone) {
            root = &builder.root_of(pod);
            root->finished = !pod.is_active();
            root_of_object.emplace(&pod, root);
        } else {
            const auto [at, added] = root_of_owner.try_emplace(OwnerKey{pod.controller(), pod.ns()}, nullptr);
            if (added) at->second = &builder.root_of(pod);
            root = at->second;
        }
        if (!pod.is_active()) continue;
        placed.push_back({root, &pod});
        if (!root->created.known() || (root->object == nullptr && pod.created < root->created)) root->created = pod.created;
    }

    // One order whatever order the lists came in.
    std::vector<Workload*> order;
    for (Workload& root : builder.roots())
        order.push_back(&root);
    std::sort(order.begin(), order.end(), [](const Workload* a, const Workload* b) {
        return std::tuple{a->ns.view(), a->kind.view(), a->name.view(), a->api_version.view()} <
               std::tuple{b->ns.view(), b->kind.view(), b->name.view(), b->api_version.view()};
    });
    std::unordered_map<const Workload*, Workload*> moved;
    for (Workload* root : order) {
        std::sort(root->controllers.begin(), root->controllers.end(), [](const WorkloadObject* a, const WorkloadObject* b) {
            return std::tuple{a->kind, a->meta.name.view()} < std::tuple{b->kind, b->meta.name.view()};
        });
        moved.emplace(root, &m_workloads.emplace_back(std::move(*root)));
        m_workloads_by_ns[m_workloads.back().ns].push_back(&m_workloads.back());
    }
    for (PlacedPod& pod : placed)
        pod.root = moved.at(pod.root);
    link_pods(placed);
    for (const auto& [owner, root] : root_of_owner)
        m_root_of_owner.emplace(owner, moved.at(root));
    for (const auto& [object, root] : root_of_object)
        m_root_of_object.emplace(object, moved.at(root));
}

void Index::link_pods(std::vector<PlacedPod>& placed)
{
    std::unordered_map<const Workload*, std::size_t> rank;
    for (const Workload& workload : m_workloads)
        rank.emplace(&workload, rank.size());
    for (PlacedPod& pod : placed)
        pod.rank = rank.at(pod.root);
    std::sort(placed.begin(), placed.end(),
              [](const PlacedPod& a, const PlacedPod& b) { return a.rank != b.rank ? a.rank < b.rank : a.pod->name < b.pod->name; });
    m_pods.reserve(placed.size());
    for (const PlacedPod& pod : placed)
        m_pods.push_back(pod.pod);
    const auto run_of = [&](std::size_t first, const auto& belongs) {
        std::size_t last = first;
        while (last < placed.size() && belongs(placed[last]))
            ++last;
        return std::span{m_pods}.subspan(first, last - first);
    };
    for (std::size_t at = 0; at < placed.size(); at += placed[at].root->pods.size())
        placed[at].root->pods = run_of(at, [&](const PlacedPod& pod) { return pod.root == placed[at].root; });
    for (std::size_t at = 0; at < placed.size();) {
        const auto in_ns = run_of(at, [&](const PlacedPod& pod) { return pod.root->ns == placed[at].root->ns; });
        m_pods_by_ns.emplace(placed[at].root->ns.view(), in_ns);
        at += in_ns.size();
    }
    for (Workload& workload : m_workloads)
        if (workload.templates.empty()) add_templates_of_pods(workload, m_pod_templates);
}

void Index::index_objects()
{
    for (const Namespace& ns : m_inventory.namespaces)
        m_namespaces.emplace(ns.meta.name, &ns);
    for (const Service& service : m_inventory.services)
        m_services_by_ns[service.meta.ns].push_back(&service);
    for (const NetworkPolicy& policy : m_inventory.network_policies)
        m_policies_by_ns[policy.meta.ns].push_back(&policy);
    for (const auto& [resource, documents] : m_inventory.documents)
        for (const Document& document : documents)
            m_documents_by_ns[resource][document.meta.ns].push_back(&document);
    sort_by_name(m_services_by_ns);
    sort_by_name(m_policies_by_ns);
    for (auto& [resource, documents] : m_documents_by_ns)
        sort_by_name(documents);
    for (const ServiceAccount& account : m_inventory.service_accounts)
        m_service_accounts.emplace(key(account.meta.ns, account.meta.name), &account);
    for (const EndpointSlice& slice : m_inventory.endpoint_slices)
        m_slices[key(slice.meta.ns, slice.service_name)].push_back(&slice);
    for (const Event& event : m_inventory.events)
        m_events[key(event.involved_ns, event.involved_kind, event.involved_name)].push_back(&event);
    for (const OwnedController& owned : m_inventory.owned_controllers)
        if (const auto owner = owned.meta.controller; owner != nullptr) m_owned[key(owned.meta.ns, owner->kind, owner->name)].push_back(&owned);
    for (const Node& node : m_inventory.nodes) {
        m_nodes.emplace(node.meta.name, &node);
        for (const NodeImage& image : node.images)
            for (const Text name : image.names)
                m_node_images[name].push_back({&node, image.size_bytes});
    }
    for (const SecretRow& secret : m_inventory.secrets)
        m_secrets.emplace(key(secret.ns, secret.name), &secret);
}

void Index::index_images()
{
    std::unordered_map<Text, ImageUse*> seen; // nullptr: no image reference
    for (const Workload& workload : m_workloads) {
        for (const PodTemplate* pod_template : workload.templates) {
            for (const Container& container : pod_template->spec->containers) {
                if (container.kind == Container::Kind::ephemeral) continue;
                const auto [at, added] = seen.try_emplace(container.image, nullptr);
                if (added)
                    if (auto reference = parse_image_reference(container.image))
                        at->second = &m_images.emplace_back(ImageUse{std::move(*reference), {}});
                if (at->second == nullptr) continue;
                auto& workloads = at->second->workloads;
                if (workloads.empty() || workloads.back() != &workload) workloads.push_back(&workload);
            }
        }
    }
    for (const ImageUse& use : m_images)
        m_images_by_name[std::string_view{use.reference.path}.substr(use.reference.path.rfind('/') + 1)].push_back(&use);
}

void Index::collect_namespace_names()
{
    std::set<std::string_view> seen;
    const auto add = [&](Text name) {
        if (!name.empty() && seen.insert(name.view()).second) m_namespace_names.push_back(name);
    };
    for (const Namespace& ns : m_inventory.namespaces)
        add(ns.meta.name);
    if (m_inventory.gap("namespaces") != nullptr) { // the objects that were read tell which namespaces there are
        for (const Workload& workload : m_workloads)
            add(workload.ns);
        for (const Service& service : m_inventory.services)
            add(service.meta.ns);
        for (const ServiceAccount& account : m_inventory.service_accounts)
            add(account.meta.ns);
        for (const RoleBinding& binding : m_inventory.role_bindings)
            add(binding.meta.ns);
        for (const NetworkPolicy& policy : m_inventory.network_policies)
            add(policy.meta.ns);
    }
    std::sort(m_namespace_names.begin(), m_namespace_names.end());
}

std::span<const Workload* const> Index::workloads_in(std::string_view ns) const
{
    return in_namespace(m_workloads_by_ns, ns);
}
std::span<const Pod* const> Index::active_pods_in(std::string_view ns) const
{
    const auto at = m_pods_by_ns.find(ns);
    return at != m_pods_by_ns.end() ? at->second : std::span<const Pod* const>{};
}
std::span<const Service* const> Index::services_in(std::string_view ns) const
{
    return in_namespace(m_services_by_ns, ns);
}
std::span<const NetworkPolicy* const> Index::network_policies_in(std::string_view ns) const
{
    return in_namespace(m_policies_by_ns, ns);
}

std::span<const ImageUse* const> Index::images_named(std::string_view last_component) const
{
    const auto at = m_images_by_name.find(last_component);
    return at != m_images_by_name.end() ? std::span<const ImageUse* const>{at->second} : std::span<const ImageUse* const>{};
}

std::span<const Document* const> Index::documents_in(std::string_view resource, std::string_view ns) const
{
    const auto at = m_documents_by_ns.find(resource);
    return at != m_documents_by_ns.end() ? in_namespace(at->second, ns) : std::span<const Document* const>{};
}

const Workload* Index::root_of(const Pod& pod) const
{
    if (pod.controller() != nullptr && !pod.is_mirror()) {
        const auto at = m_root_of_owner.find(OwnerKey{pod.controller(), pod.ns()});
        return at != m_root_of_owner.end() && pod.is_active() ? at->second : nullptr;
    }
    const auto at = m_root_of_object.find(&pod);
    return at != m_root_of_object.end() ? at->second : nullptr;
}

const Workload* Index::root_of(const WorkloadObject& object) const
{
    const auto at = m_root_of_object.find(&object);
    return at != m_root_of_object.end() ? at->second : nullptr;
}

std::span<const Event* const> Index::events_about(std::string_view ns, std::string_view kind, std::string_view name) const
{
    const auto at = m_events.find(key(ns, kind, name));
    return at != m_events.end() ? std::span<const Event* const>{at->second} : std::span<const Event* const>{};
}

const Namespace* Index::find_namespace(std::string_view name) const
{
    const auto at = m_namespaces.find(name);
    return at != m_namespaces.end() ? at->second : nullptr;
}

const Service* Index::find_service(std::string_view ns, std::string_view name) const
{
    const auto all = services_in(ns);
    const auto at = std::find_if(all.begin(), all.end(), [&](const Service* service) { return service->meta.name == name; });
    return at != all.end() ? *at : nullptr;
}

const ServiceAccount* Index::find_service_account(std::string_view ns, std::string_view name) const
{
    const auto at = m_service_accounts.find(key(ns, name));
    return at != m_service_accounts.end() ? at->second : nullptr;
}

std::span<const OwnedController* const> Index::owned_by(const WorkloadObject& object) const
{
    const auto at = m_owned.find(key(object.meta.ns, kind_name(object.kind), object.meta.name));
    return at != m_owned.end() ? std::span<const OwnedController* const>{at->second} : std::span<const OwnedController* const>{};
}

std::span<const NodeImageUse> Index::node_images(std::string_view name) const
{
    const auto at = m_node_images.find(name);
    return at != m_node_images.end() ? std::span<const NodeImageUse>{at->second} : std::span<const NodeImageUse>{};
}

const Node* Index::find_node(std::string_view name) const
{
    const auto at = m_nodes.find(name);
    return at != m_nodes.end() ? at->second : nullptr;
}

const SecretRow* Index::find_secret(std::string_view ns, std::string_view name) const
{
    const auto at = m_secrets.find(key(ns, name));
    return at != m_secrets.end() ? at->second : nullptr;
}

std::span<const EndpointSlice* const> Index::endpoint_slices_of(const Service& service) const
{
    const auto at = m_slices.find(key(service.meta.ns, service.meta.name));
    return at != m_slices.end() ? std::span<const EndpointSlice* const>{at->second} : std::span<const EndpointSlice* const>{};
}

std::uint32_t Index::ready_endpoints(const Service& service) const
{
    std::uint32_t ready = 0;
    for (const EndpointSlice* slice : endpoint_slices_of(service))
        ready += static_cast<std::uint32_t>(
            std::count_if(slice->endpoints.begin(), slice->endpoints.end(), [](const Endpoint& endpoint) { return endpoint.ready; }));
    return ready;
}

std::vector<const Service*> Index::services_of(const Workload& workload) const
{
    std::vector<const Service*> selected;
    for (const Service* service : services_in(workload.ns)) {
        const auto selects = [&](const StringMap& labels) { return map_selects(service->selector, labels); };
        const bool by_template =
            std::any_of(workload.templates.begin(), workload.templates.end(), [&](const PodTemplate* entry) { return selects(entry->labels); });
        if (by_template || std::any_of(workload.pods.begin(), workload.pods.end(), [&](const Pod* pod) { return selects(pod->labels()); }))
            selected.push_back(service);
    }
    return selected;
}

} // namespace seaworthy::model

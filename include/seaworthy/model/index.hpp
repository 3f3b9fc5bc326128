// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/model/image_reference.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::model {

struct RegistryConfig;

/// C1: what a person owns. A built-in workload at the top of its owner chain, a custom resource that pods or workloads name as their
/// controller, or a pod that nothing controls (bare, or a mirror pod).
struct Workload {
    Text api_version;
    Text kind;
    Text ns;
    Text name;
    Text uid;
    const WorkloadObject* object = nullptr;         ///< set where the root is a built-in workload that was read
    const Pod* bare_pod = nullptr;                  ///< set where the root is a pod
    std::vector<const WorkloadObject*> controllers; ///< the built-in workloads under this root (itself, or C2 the operator's)
    std::vector<const PodTemplate*> templates;      ///< each distinct template once: the controllers', else those of the pods
    std::span<const Pod* const> pods;               ///< active pods (C4) of this root, by name
    Timestamp created;                              ///< of the object or the bare pod, else of the oldest pod
    bool mirror = false;                            ///< C3
    bool finished = false;                          ///< C4: a finished Job, or a bare pod that is not active

    [[nodiscard]] bool operator_owned() const { return object == nullptr && bare_pod == nullptr; }
    /// True if a container of that name is in a template; false for one that only pods have: an injected sidecar (C5).
    [[nodiscard]] bool declares_container(std::string_view container) const;
    /// True if some pod runs or is wanted: active pods, or in manifests a controller that wants pods.
    [[nodiscard]] bool runs() const;
};

/// An image as templates write it, and the workloads that do.
struct ImageUse {
    ImageReference reference;
    std::vector<const Workload*> workloads; ///< in the index's order, each once
};

/// An image as one node lists it.
struct NodeImageUse {
    const Node* node = nullptr;
    std::int64_t size_bytes = 0;
};

enum class NamespaceClass : std::uint8_t { application, system };
/// C6: a name that belongs to Kubernetes or the platform.
[[nodiscard]] bool is_system_namespace(std::string_view name);

/// Cross-links of one inventory, built once. Everything here points into the inventory, which must outlive it.
class Index {
public:
    explicit Index(const Inventory& inventory);

    [[nodiscard]] const std::deque<Workload>& workloads() const { return m_workloads; } ///< by namespace, kind, name
    [[nodiscard]] std::span<const Workload* const> workloads_in(std::string_view ns) const;
    /// The root of a pod; nullptr for one that is not active.
    [[nodiscard]] const Workload* root_of(const Pod& pod) const;
    /// The root of a built-in workload object.
    [[nodiscard]] const Workload* root_of(const WorkloadObject& object) const;
    /// The built-in controllers that the object owns: a Deployment's ReplicaSets, a CronJob's Jobs.
    [[nodiscard]] std::span<const OwnedController* const> owned_by(const WorkloadObject& object) const;
    /// By workload, then by name.
    [[nodiscard]] std::span<const Pod* const> active_pods_in(std::string_view ns) const;
    [[nodiscard]] std::span<const Service* const> services_in(std::string_view ns) const;
    [[nodiscard]] std::span<const NetworkPolicy* const> network_policies_in(std::string_view ns) const;
    [[nodiscard]] std::span<const Event* const> events_about(std::string_view ns, std::string_view kind, std::string_view name) const;
    [[nodiscard]] const Namespace* find_namespace(std::string_view name) const;
    [[nodiscard]] const Service* find_service(std::string_view ns, std::string_view name) const;
    [[nodiscard]] const ServiceAccount* find_service_account(std::string_view ns, std::string_view name) const;
    /// The row of a Secret list, where the optional grant SE gave one.
    [[nodiscard]] const SecretRow* find_secret(std::string_view ns, std::string_view name) const;
    [[nodiscard]] std::span<const EndpointSlice* const> endpoint_slices_of(const Service& service) const;
    /// The documents of a resource in one namespace.
    [[nodiscard]] std::span<const Document* const> documents_in(std::string_view resource, std::string_view ns) const;
    /// The distinct images of all templates, ephemeral containers left out.
    [[nodiscard]] const std::deque<ImageUse>& images() const { return m_images; }
    /// Those whose repository path ends in this component: "pilot" of `docker.io/istio/pilot`.
    [[nodiscard]] std::span<const ImageUse* const> images_named(std::string_view last_component) const;
    /// The nodes that list an image under exactly this name, tag or digest.
    [[nodiscard]] std::span<const NodeImageUse> node_images(std::string_view name) const;
    [[nodiscard]] const Node* find_node(std::string_view name) const;
    /// A node-probe's answer as a report, read once: all rules about mirrors go by it. nullptr for an answer of anything else.
    [[nodiscard]] const Result<RegistryConfig>* report_in(const ProbeAnswer& answer) const;
    /// Ready endpoints over all slices of the service.
    [[nodiscard]] std::uint32_t ready_endpoints(const Service& service) const;
    /// Services of the workload's namespace whose selector selects a template or an active pod of it.
    [[nodiscard]] std::vector<const Service*> services_of(const Workload& workload) const;
    /// Namespace names: the Namespace objects, and those that objects name where the list itself could not be read; sorted.
    [[nodiscard]] std::span<const Text> namespace_names() const { return m_namespace_names; }

private:
    /// An owner as the objects of one namespace name it. OwnerReferences are stored once, so their address is their identity.
    struct OwnerKey {
        const OwnerReference* owner;
        std::string_view ns;
        friend bool operator==(const OwnerKey&, const OwnerKey&) = default;
    };
    struct HashOwnerKey {
        std::size_t operator()(const OwnerKey& key) const { return std::hash<const void*>{}(key.owner) ^ std::hash<std::string_view>{}(key.ns); }
    };
    template <typename T>
    using ByName = std::unordered_map<std::string, T>; ///< "namespace/name" or "namespace/Kind/name"
    template <typename T>
    using ByNamespace = std::unordered_map<std::string_view, std::vector<const T*>>;

    struct PlacedPod {
        Workload* root = nullptr;
        const Pod* pod = nullptr;
        std::size_t rank = 0; ///< the root's, in the order of m_workloads
    };
    void link_workloads();
    void link_pods(std::vector<PlacedPod>& placed);
    void index_objects();
    void index_images();
    void collect_namespace_names();
    void read_node_reports();

    const Inventory& m_inventory;
    TextPool m_kind_names; ///< of built-in kinds, which objects do not carry
    std::deque<Workload> m_workloads;
    std::deque<PodTemplate> m_pod_templates; ///< of pods whose controller was not read
    std::vector<Text> m_namespace_names;
    ByNamespace<Workload> m_workloads_by_ns;
    std::vector<const Pod*> m_pods; ///< all active ones: by namespace, then by root
    std::unordered_map<std::string_view, std::span<const Pod* const>> m_pods_by_ns;
    ByNamespace<Service> m_services_by_ns;
    ByNamespace<NetworkPolicy> m_policies_by_ns;
    std::unordered_map<std::string_view, ByNamespace<Document>> m_documents_by_ns; ///< by resource
    std::unordered_map<std::string_view, const Namespace*> m_namespaces;
    std::deque<ImageUse> m_images;
    std::unordered_map<std::string_view, std::vector<const ImageUse*>> m_images_by_name;
    ByName<std::vector<const Event*>> m_events;
    ByName<std::vector<const EndpointSlice*>> m_slices;
    ByName<const ServiceAccount*> m_service_accounts;
    ByName<const SecretRow*> m_secrets;
    std::unordered_map<std::string_view, std::vector<NodeImageUse>> m_node_images;
    std::unordered_map<std::string_view, const Node*> m_nodes;
    std::unordered_map<const ProbeAnswer*, std::shared_ptr<const Result<RegistryConfig>>> m_node_reports;
    ByName<std::vector<const OwnedController*>> m_owned; ///< by their owner
    std::unordered_map<OwnerKey, const Workload*, HashOwnerKey> m_root_of_owner;
    std::unordered_map<const void*, const Workload*> m_root_of_object; ///< WorkloadObjects, bare and mirror pods
};

} // namespace seaworthy::model

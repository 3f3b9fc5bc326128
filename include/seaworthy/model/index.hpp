// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "seaworthy/model/inventory.hpp"

namespace seaworthy::model {

/// C1: what a person owns. A built-in workload at the top of its owner chain, a custom resource that pods or workloads name as their
/// controller, or a pod that nothing controls (bare, or a mirror pod).
struct Workload {
    Text api_version;
    Text kind;
    Text ns;
    Text name;
    Text uid;
    const WorkloadObject* object = nullptr; ///< set where the root is a built-in workload that was read
    const Pod* bare_pod = nullptr;          ///< set where the root is a pod
    std::vector<const WorkloadObject*> controllers; ///< the built-in workloads under this root (itself, or C2 the operator's)
    std::vector<const PodTemplate*> templates;      ///< each distinct template once: the controllers', else those of the pods
    std::vector<const Pod*> pods;                   ///< active pods (C4) of this root
    Timestamp created;   ///< of the object or the bare pod, else of the oldest pod
    bool mirror = false; ///< C3
    bool finished = false; ///< C4: a finished Job, or a bare pod that is not active

    [[nodiscard]] bool operator_owned() const { return object == nullptr && bare_pod == nullptr; }
    /// True if a container of that name is in a template; false for one that only pods have: an injected sidecar (C5).
    [[nodiscard]] bool declares_container(std::string_view container) const;
    /// True if some pod runs or is wanted: active pods, or in manifests a controller that wants pods.
    [[nodiscard]] bool runs() const;
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
    [[nodiscard]] std::span<const Pod* const> active_pods_in(std::string_view ns) const;
    [[nodiscard]] std::span<const Service* const> services_in(std::string_view ns) const;
    [[nodiscard]] std::span<const NetworkPolicy* const> network_policies_in(std::string_view ns) const;
    [[nodiscard]] std::span<const Event* const> events_about(std::string_view ns, std::string_view kind, std::string_view name) const;
    [[nodiscard]] const Namespace* find_namespace(std::string_view name) const;
    [[nodiscard]] const Service* find_service(std::string_view ns, std::string_view name) const;
    [[nodiscard]] const ServiceAccount* find_service_account(std::string_view ns, std::string_view name) const;
    [[nodiscard]] std::span<const EndpointSlice* const> endpoint_slices_of(const Service& service) const;
    /// Ready endpoints over all slices of the service.
    [[nodiscard]] std::uint32_t ready_endpoints(const Service& service) const;
    /// Services of the workload's namespace whose selector selects a template or an active pod of it.
    [[nodiscard]] std::vector<const Service*> services_of(const Workload& workload) const;
    /// Namespace names: the Namespace objects, and those that objects name where the list itself could not be read; sorted.
    [[nodiscard]] std::span<const Text> namespace_names() const { return m_namespace_names; }

private:
    const Inventory& m_inventory;
    std::deque<Workload> m_workloads;
    std::deque<PodTemplate> m_pod_templates; ///< templates of pods whose controller was not read
    std::vector<Text> m_namespace_names;

    using Key = std::string;
    std::unordered_map<std::string_view, std::vector<const Workload*>> m_workloads_by_ns;
    std::unordered_map<std::string_view, std::vector<const Pod*>> m_pods_by_ns;
    std::unordered_map<std::string_view, std::vector<const Service*>> m_services_by_ns;
    std::unordered_map<std::string_view, std::vector<const NetworkPolicy*>> m_policies_by_ns;
    std::unordered_map<std::string_view, const Namespace*> m_namespaces;
    std::unordered_map<Key, std::vector<const Event*>> m_events;
    std::unordered_map<Key, std::vector<const EndpointSlice*>> m_slices;
    std::unordered_map<Key, const ServiceAccount*> m_service_accounts;
    std::unordered_map<const Pod*, const Workload*> m_root_of_pod;
    std::unordered_map<const WorkloadObject*, const Workload*> m_root_of_object;
};

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/model/document.hpp"
#include "seaworthy/model/gap.hpp"
#include "seaworthy/model/objects.hpp"
#include "seaworthy/model/workload.hpp"

namespace seaworthy::model {

class Vault; // the pools that hash-cons an inventory's parts; see vault.hpp

/// A built-in controller that another built-in workload owns (a Deployment's ReplicaSet, a CronJob's Job): a link in the owner chain (C1).
struct OwnedController {
    WorkloadKind kind = WorkloadKind::replica_set;
    ObjectMeta meta;
    std::int32_t replicas = 0;
    bool finished = false;
};

/// What one configured read-only probe, or a review of the audit's own rights, answered.
struct ProbeAnswer {
    Timestamp at;
    int status = 0;    ///< HTTP status; 0 where `error` is set
    std::string error; ///< timeout | refused | dns | reset | tls_untrusted | tls_expired | tls_name | plain_http
    std::string body;
    std::map<std::string, std::string, std::less<>> headers; ///< names in lower case
    Timestamp tls_not_after;
    bool tls_verified = false;
    std::string authorization; ///< "anonymous": asked with a token that anybody gets; or empty
    std::uint32_t samples = 1; ///< equal answers in a row that this one stands for; `at` is the newest of them
};

struct ClusterFacts {
    std::string name;
    std::string uid;     ///< the uid of namespace kube-system
    std::string version; ///< /version gitVersion
    std::string platform = "unknown";
    bool partial = false;   ///< manifests: not a whole cluster (interfaces.md §3)
    bool consistent = true; ///< false: a list went on after its resource version had expired (410)
};

/// What an audit wants to read, derived from the `needs` of the enabled checks.
struct ReadPlan {
    struct Item {
        std::string resource;            ///< "pods", "clusterpolicies.kyverno.io"; `*.constraints.gatekeeper.sh`: every resource of the group
        std::vector<std::string> fields; ///< for Documents: the declared field paths; `[]` is implied at arrays
    };
    std::vector<Item> lists;
    std::vector<std::string> config_maps;   ///< "namespace/name", read one by one (grant CM)
    std::vector<std::string> secret_labels; ///< label keys that checks ask for by selector (grant SE)
    std::vector<std::string> namespaces;    ///< only these; empty: the whole cluster
    std::vector<std::string> probes;        ///< URLs as interfaces.md §3 writes them
    bool self_reviews = false;
};

/// What one audit read: an immutable snapshot of small facts. Built by an InventorySource, frozen, dropped after the report.
/// "None" means none only where there is no gap.
class Inventory {
public:
    Inventory();
    ~Inventory();
    Inventory(Inventory&&) noexcept;
    Inventory& operator=(Inventory&&) noexcept;

    Timestamp taken_at;
    ClusterFacts cluster;

    std::deque<Namespace> namespaces;
    std::deque<Node> nodes;
    std::deque<Pod> pods;
    std::deque<WorkloadObject> workloads; ///< all kinds; not those in `owned_controllers`
    std::deque<OwnedController> owned_controllers;
    std::deque<Service> services;
    std::deque<EndpointSlice> endpoint_slices;
    std::deque<NetworkPolicy> network_policies;
    std::deque<ServiceAccount> service_accounts;
    std::deque<Role> roles;                ///< Roles and ClusterRoles
    std::deque<RoleBinding> role_bindings; ///< RoleBindings and ClusterRoleBindings
    std::deque<Event> events;
    std::deque<SecretRow> secrets;
    std::map<std::string, std::deque<Document>, std::less<>> documents;  ///< by resource id: rarer built-in kinds and custom resources
    std::map<std::string, std::vector<ProbeAnswer>, std::less<>> probes; ///< by URL as interfaces.md §3 writes it, oldest first

    std::vector<Gap> gaps;
    std::set<std::string, std::less<>> served; ///< resource ids in discovery
    std::set<std::string, std::less<>> listed; ///< resource ids that were asked for (or are complete in a snapshot)

    /// The gap that hides objects of `resource` in `ns`, or nullptr where the list is complete there. `ns` "*": any gap of that resource.
    [[nodiscard]] const Gap* gap(std::string_view resource, std::string_view ns = "*") const;
    /// The documents of a resource id; an empty list where none were read.
    [[nodiscard]] const std::deque<Document>& documents_of(std::string_view resource) const;
    /// True if discovery lists the resource.
    [[nodiscard]] bool serves(std::string_view resource) const { return served.contains(resource); }
    /// True if discovery lists anything in the API group.
    [[nodiscard]] bool serves_group(std::string_view group) const;
    /// The newest answer of a probe, or nullptr.
    [[nodiscard]] const ProbeAnswer* probe(std::string_view url) const;

    /// To be called when everything is read: frees what only decoders need.
    void freeze();
    /// For decoders only.
    [[nodiscard]] Vault& vault() { return *m_vault; }

private:
    std::unique_ptr<Vault> m_vault;
};

/// Where inventories come from: a live cluster, a snapshot, manifests. An interface, so that the engine never sees kube/.
class InventorySource {
public:
    virtual ~InventorySource() = default;
    /// Reads everything that the plan asks for. One failing list is a gap, not an error; an error means that there is nothing to judge.
    /// Blocks; gives up at once when `stop` is requested.
    [[nodiscard]] virtual Result<Inventory> read(const ReadPlan& plan, std::stop_token stop) = 0;
    /// True for files: what they hold may be read without anybody's grant.
    [[nodiscard]] virtual bool needs_no_grants() const { return false; }
};

} // namespace seaworthy::model

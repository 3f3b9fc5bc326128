// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "seaworthy/model/inventory.hpp"

namespace seaworthy::model {

/// The top of an owner chain (C1): a built-in workload that was read, or whatever an ownerReference names last.
struct Root {
    const WorkloadObject* object = nullptr;
    const OwnerReference* named = nullptr; ///< set where `object` is not
};

/// Follows controller references: Pod → ReplicaSet → Deployment, Job → CronJob, ReplicationController → DeploymentConfig, and on to the
/// custom resource that owns the built-in workload (C2). Stops at the first owner that was not read.
class OwnerChain {
public:
    explicit OwnerChain(const Inventory& inventory);

    [[nodiscard]] Root root_of(std::string_view ns, const OwnerReference& owner) const;
    [[nodiscard]] Root root_of(const WorkloadObject& object) const;

private:
    struct Link {
        const WorkloadObject* object = nullptr;
        const OwnedController* owned = nullptr;
        [[nodiscard]] const ObjectMeta& meta() const { return object != nullptr ? object->meta : owned->meta; }
    };
    [[nodiscard]] const Link* find(std::string_view ns, const OwnerReference& owner) const;

    std::unordered_map<std::string_view, Link> m_by_uid;
    std::unordered_map<std::string, Link> m_by_name; ///< for manifests, whose objects have no uid
};

} // namespace seaworthy::model

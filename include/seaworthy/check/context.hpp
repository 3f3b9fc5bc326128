// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check/derived.hpp"
#include "seaworthy/check/settings.hpp"
#include "seaworthy/check/verdict.hpp"
#include "seaworthy/model/index.hpp"
#include "seaworthy/model/inventory.hpp"
#include "seaworthy/model/rbac_index.hpp"

namespace seaworthy::model {
class NetworkIsolation;
}

namespace seaworthy::check {

/// Everything that a rule may look at. Rules are pure: no clock, no I/O, no state between calls.
struct Context {
    const model::Inventory& inventory;
    const model::Index& index;
    const model::RbacIndex& rbac;
    const model::NetworkIsolation& network;
    Derived& derived; ///< from the above
    const Settings& settings;
    const Parameters& parameters; ///< of the check that is being judged
    Timestamp now;                ///< the audit's clock: `Inventory::taken_at`

    [[nodiscard]] bool is_system(std::string_view ns) const; ///< C6 with the configuration's additions
    /// The gap that hides objects of a needed resource from this check, or nullptr.
    [[nodiscard]] const model::Gap* gap(std::string_view resource, std::string_view ns = "*") const { return inventory.gap(resource, ns); }
    /// An `unknown` that names the gap and its grant.
    [[nodiscard]] Verdict unknown_for(const model::Gap& gap) const;
    /// A standing attestation (C17): configured, true and not expired.
    [[nodiscard]] const Attestation* attested(std::string_view key) const;
};

/// What a metadata rule judges: a workload object, or a pod that nothing controls.
struct MetadataSubject {
    std::string_view api_version;
    std::string_view kind;
    const model::ObjectMeta& meta;
    const model::WorkloadObject* object = nullptr; ///< nullptr for a bare pod
    const model::Pod* pod = nullptr;
    [[nodiscard]] const model::PodTemplate* pod_template() const { return object != nullptr ? &object->pod_template : nullptr; }
};

/// The object of a result: apiVersion, kind, namespace, name, uid.
struct ObjectKey {
    std::string api_version;
    std::string kind;
    std::string ns;
    std::string name;
    std::string uid;

    [[nodiscard]] static ObjectKey of(const model::Workload& workload);
    [[nodiscard]] static ObjectKey of(std::string_view api_version, std::string_view kind, const model::ObjectMeta& meta);
    [[nodiscard]] static ObjectKey of(const model::Document& document);
    [[nodiscard]] static ObjectKey of(const model::Role& role);
    [[nodiscard]] static ObjectKey of(const model::RoleBinding& binding);
    [[nodiscard]] static ObjectKey cluster();
    [[nodiscard]] static ObjectKey registry(std::string_view host);
};

/// Where a rule that finds its subjects itself (`Check::run`) puts its verdicts.
class Results {
public:
    virtual ~Results() = default;
    /// `counts_in`: the namespace whose score the result counts in; empty: the cluster's.
    virtual void add(const ObjectKey& object, std::string_view counts_in, Verdict verdict) = 0;
};

} // namespace seaworthy::check

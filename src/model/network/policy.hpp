// SPDX-License-Identifier: Apache-2.0
// A network policy of any API, as the evaluation reads it: whom it is about, what its rules say in their order, and where it stands among
// the others. Points into the inventory.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "model/network/label_expression.hpp"
#include "model/network/traffic.hpp"
#include "seaworthy/model/network_isolation.hpp"

namespace seaworthy::model {

/// Whom a rule names. What a rule names several times adds up.
struct TrafficPeer {
    enum class Kind : std::uint8_t {
        anybody,
        pods,       ///< by `pods`
        outside,    ///< every address outside of the cluster
        block,      ///< by `cidr` and `except`
        somebody,   ///< a part of anybody that cannot be told from here: a name, a service, a group of a cloud
        unresolved, ///< at most `ends`
    };
    Kind kind = Kind::anybody;
    Ends ends = Ends::both; ///< of a block: an API may mean only addresses that no pod has
    bool v4 = true;
    bool v6 = true;
    LabelExpression pods;
    std::string_view cidr;
    std::vector<std::string_view> except;
};

struct TrafficPort {
    Protocols protocols = k_every_protocol;
    std::int32_t first = 0;
    std::int32_t last = 65535;
    std::string_view name; ///< instead of a number
    [[nodiscard]] bool is_every() const { return name.empty() && first <= 1 && last >= 65535; }
};

enum class PolicyAction : std::uint8_t { allow, deny, pass };

struct TrafficRule {
    PolicyAction action = PolicyAction::allow;
    bool partial = false;           ///< acts on a part of what it names (requests of a method, from a port), or nobody knows whether it acts
    std::vector<TrafficPeer> peers; ///< none: nobody
    std::vector<TrafficPort> ports; ///< none: no port of the protocols that are asked about

    void admit_anybody() { peers.emplace_back(); }
    void admit_every_port() { ports.emplace_back(); }
};

/// What a rule covers for sure, and what it could cover.
struct Cover {
    Traffic sure;
    Traffic possible;
};
[[nodiscard]] Cover cover_of(const TrafficRule& rule);
/// The same at the connection's port alone, as cells of its protocol.
[[nodiscard]] Cover cover_of(const TrafficRule& rule, const Connection& connection);
[[nodiscard]] Match covers(const TrafficRule& rule, const Connection& connection);

/// Where a policy stands: the stages of all APIs in the order of their strength, in each tiers, in each policies.
struct PolicyPlace {
    enum class Stage : std::uint8_t { admin, before_default, antrea, main, after_default, baseline };
    /// Within stage `main`, the tier that NetworkPolicies are in.
    enum class Layer : std::uint8_t { cilium_denies, before_network_policies, network_policies, after_network_policies };
    Stage stage = Stage::main;
    double tier_order = 0;
    std::string_view tier;
    Layer layer = Layer::network_policies;
    double rank = 0; ///< of the API's own tiers that Antrea's Pass skips together
    double order = 0;
    std::string_view name;
    std::size_t part = 0; ///< of one object

    [[nodiscard]] auto key() const { return std::tie(stage, tier_order, tier, layer, rank, order, name, part); }
    [[nodiscard]] bool same_tier(const PolicyPlace& other) const
    {
        return stage == other.stage && tier_order == other.tier_order && tier == other.tier;
    }
};

struct PolicyWay {
    bool affects = false;
    Match isolates = Match::no;     ///< what no rule of the tier decides is denied
    std::vector<TrafficRule> rules; ///< of a NetworkPolicy only until `wide` is made: there are most of them
    struct Wide {
        PolicyAction action = PolicyAction::allow;
        std::shared_ptr<const Cover> cover; ///< equal ones are one
    };
    std::vector<Wide> wide; ///< made of the rules that cover whole cells
};

struct Policy {
    const Document* document = nullptr;        ///< nullptr: a NetworkPolicy, or a setting
    const NetworkPolicy* kubernetes = nullptr; ///< nullptr: of another API
    std::string_view kind;
    std::string_view ns;
    std::string_view name;
    std::string_view home; ///< the namespace that its pods are in; empty: any
    LabelExpression subject;
    PolicyPlace place;
    bool tier_passes = false; ///< what the tier leaves undecided goes on
    bool unplaced = false;    ///< where its tier stands is not known
    bool any_order = false;   ///< its API leaves open which of two in the same place comes first
    PolicyWay ingress;
    PolicyWay egress;

    [[nodiscard]] PolicyWay& way(Direction direction) { return direction == Direction::ingress ? ingress : egress; }
    [[nodiscard]] const PolicyWay& way(Direction direction) const { return direction == Direction::ingress ? ingress : egress; }
};

using Policies = std::vector<Policy>;
/// One reader an API. Each appends what the inventory has of it.
void read_network_policies(const Inventory& inventory, Policies& policies);
[[nodiscard]] std::vector<TrafficRule> read_rules(const NetworkPolicy& policy, Direction direction);
void read_cilium_policies(const Inventory& inventory, Policies& policies);
void read_calico_policies(const Inventory& inventory, Policies& policies);
void read_antrea_policies(const Inventory& inventory, Policies& policies);
void read_cluster_network_policies(const Inventory& inventory, Policies& policies);
/// True if the firewalls of a namespace, read in their order, deny what is outside of the cluster.
[[nodiscard]] bool denies_outside(std::span<const Document* const> egress_firewalls);

} // namespace seaworthy::model

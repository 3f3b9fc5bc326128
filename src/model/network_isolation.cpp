// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/network_isolation.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "model/network/rules_kept.hpp"
#include "model/network/walk.hpp"

namespace seaworthy::model {
namespace {

/// The policy APIs besides NetworkPolicy that can isolate or open pods.
struct PolicyList {
    std::string_view resource;
    bool namespaced;
};
constexpr std::array k_policy_lists{
    PolicyList{"networkpolicies.networking.k8s.io", true},
    PolicyList{"clusternetworkpolicies.policy.networking.k8s.io", false},
    PolicyList{"adminnetworkpolicies.policy.networking.k8s.io", false},
    PolicyList{"baselineadminnetworkpolicies.policy.networking.k8s.io", false},
    PolicyList{"ciliumnetworkpolicies.cilium.io", true},
    PolicyList{"ciliumclusterwidenetworkpolicies.cilium.io", false},
    PolicyList{"networkpolicies.projectcalico.org", true},
    PolicyList{"globalnetworkpolicies.projectcalico.org", false},
    PolicyList{"networkpolicies.crd.projectcalico.org", true},
    PolicyList{"globalnetworkpolicies.crd.projectcalico.org", false},
    PolicyList{"networkpolicies.crd.antrea.io", true},
    PolicyList{"clusternetworkpolicies.crd.antrea.io", false},
    PolicyList{"egressfirewalls.k8s.ovn.org", true},
};
constexpr std::string_view k_egress_firewalls = "egressfirewalls.k8s.ovn.org";
constexpr std::string_view k_tier_lists[] = {"tiers.projectcalico.org", "tiers.crd.projectcalico.org", "tiers.crd.antrea.io"};

template <typename Key>
void mix(std::size_t& hash, const Key& key)
{
    hash ^= std::hash<Key>{}(key) + 0x9e3779b97f4a7c15U + (hash << 6U) + (hash >> 2U);
}

using Ranks = std::vector<std::uint32_t>;

/// Policies by a label that their pods have to have, so that a pod is not asked about all of them.
struct Bucket {
    struct Hash {
        std::size_t operator()(const std::pair<std::string_view, std::string_view>& label) const
        {
            std::size_t hash = 0;
            mix(hash, label.first);
            mix(hash, label.second);
            return hash;
        }
    };
    std::unordered_map<std::pair<std::string_view, std::string_view>, Ranks, Hash> by_label;
    Ranks rest;

    void add(const Policy& policy, std::uint32_t rank)
    {
        const auto anchors = policy.subject.anchors();
        if (!anchors) return rest.push_back(rank);
        for (const auto& label : *anchors)
            if (auto& there = by_label[label]; there.empty() || there.back() != rank) there.push_back(rank);
    }
    void collect(const StringMap& labels, Ranks& into) const
    {
        into.insert(into.end(), rest.begin(), rest.end());
        if (by_label.empty()) return;
        for (const auto& [key, value] : labels)
            if (const auto found = by_label.find({key.view(), value.view()}); found != by_label.end())
                into.insert(into.end(), found->second.begin(), found->second.end());
    }
};

/// What the policies of one namespace, and those of the cluster that may act on it, are.
struct NamespaceView {
    const StringMap* labels = nullptr; ///< nullptr: not read
    Bucket own;
    Ranks anywhere; ///< of those without an anchor, the ones that the namespace does not exclude
    bool outside_denied = false;
};

struct Judgement {
    Isolation ingress = Isolation::open;
    Isolation egress = Isolation::open;
    const Policy* ingress_doubt = nullptr;
    const Policy* egress_doubt = nullptr;
};

bool is_exact(const PolicyWay& way)
{
    return way.isolates != Match::unresolved &&
           std::ranges::all_of(way.wide, [](const auto& wide) { return wide.cover->sure == wide.cover->possible; });
}

Ending<Traffic> walk(std::span<const Selected> selected, Direction direction, Bound bound)
{
    Walk<Traffic> walk{direction, bound, Traffic::everything()};
    for (const auto& each : selected)
        walk.enter(each, [](const PolicyWay& way, auto step) {
            for (const auto& wide : way.wide)
                step(wide.action, wide.cover->sure, wide.cover->possible);
        });
    return walk.end();
}

Isolation isolation_of(const Ending<Traffic>& ending, Direction direction)
{
    static const auto k_pods = Traffic::of(Ends::pods);
    static const auto k_outside = Traffic::of(Ends::outside);
    const auto reachable = ending.open | ending.allowed;
    if (direction == Direction::ingress ? (ending.open & k_pods).any() : ending.open.any()) {
        if (direction == Direction::egress && !(reachable & k_outside).any()) return Isolation::external_only;
        return Isolation::open;
    }
    for (const bool v6 : {false, true})
        if (ending.allowed.holds(Traffic::of(Ends::pods, v6)) && reachable.holds(Traffic::of(Ends::outside, v6))) return Isolation::reopened;
    return Isolation::isolated;
}

bool is_open(Isolation isolation)
{
    return isolation == Isolation::open || isolation == Isolation::reopened;
}

/// The first policy that says something unresolved in that direction.
const Policy* first_doubt(std::span<const Selected> selected, Direction direction)
{
    for (const auto& each : selected)
        if (each.policy->way(direction).affects && (!each.surely || each.policy->unplaced || !is_exact(each.policy->way(direction))))
            return each.policy;
    return nullptr;
}

Isolation judge(std::span<const Selected> selected, Direction direction, const Policy*& doubt)
{
    const auto least = walk(selected, direction, Bound::least);
    auto isolation = isolation_of(least, direction);
    doubt = first_doubt(selected, direction);
    if (doubt != nullptr) {
        const auto most = isolation_of(walk(selected, direction, Bound::most), direction);
        if (most != isolation && !(is_open(most) && is_open(isolation))) isolation = Isolation::unresolved;
    }
    if (least.unclear) isolation = Isolation::unresolved;
    if (isolation == Isolation::unresolved && doubt == nullptr && !selected.empty()) doubt = selected.front().policy;
    return isolation;
}

std::string name_of_doubt(const Judgement& judgement, Direction direction)
{
    const auto* policy = direction == Direction::ingress ? judgement.ingress_doubt : judgement.egress_doubt;
    if (policy == nullptr) return {};
    return policy->ns.empty() ? fmt::format("{} {}", policy->kind, policy->name) : fmt::format("{} {}/{}", policy->kind, policy->ns, policy->name);
}

} // namespace

std::string_view name(Direction direction)
{
    return direction == Direction::ingress ? "ingress" : "egress";
}

PodIdentity identity_of(std::string_view ns, const StringMap& labels, const PodSpec* spec)
{
    return {ns, labels, spec != nullptr ? spec->service_account.view() : std::string_view{}};
}

class NetworkIsolation::Model {
public:
    Model(const Inventory& inventory, const Index& index) : m_inventory(inventory), m_index(index)
    {
        read_network_policies(inventory, m_policies);
        read_cilium_policies(inventory, m_policies);
        read_calico_policies(inventory, m_policies);
        read_antrea_policies(inventory, m_policies);
        read_cluster_network_policies(inventory, m_policies);
        std::ranges::sort(m_policies, [](const Policy& a, const Policy& b) {
            return std::tuple{a.place.key(), a.kind, a.ns, a.name} < std::tuple{b.place.key(), b.kind, b.ns, b.name};
        });
        Covers covers;
        for (std::uint32_t rank = 0; rank < m_policies.size(); ++rank)
            add(m_policies[rank], rank, covers);
        add_namespaces();
        for (const auto& workload : index.workloads())
            judge_pods_of(workload);
        decltype(m_questions){}.swap(m_questions);
    }

    [[nodiscard]] Judgement of_pod(const PodIdentity& pod) const
    {
        const auto* view = find(pod.ns);
        if (view != nullptr)
            if (const auto known = m_pods.find(pod_key(*view, pod)); known != m_pods.end()) return known->second;
        return judge_both(view, select(view, facts_of(view, pod)));
    }

    [[nodiscard]] Judgement of_any_pod(std::string_view ns, bool with_baseline) const
    {
        const auto* view = find(ns);
        auto selected = select(view, {.ns = ns, .namespace_labels = view != nullptr ? view->labels : nullptr});
        if (!with_baseline) std::erase_if(selected, [](const Selected& each) { return is_kubernetes_baseline(*each.policy); });
        return judge_both(view, selected);
    }

    [[nodiscard]] Answer admits(const PodIdentity& pod, Direction direction, const Connection& connection) const
    {
        const auto* view = find(pod.ns);
        const auto selected = select(view, facts_of(view, pod));
        const auto answer = admits_at(selected, direction, connection);
        // Anybody may also be all that several rules name together.
        if (connection.who != Connection::Who::anybody || answer == Answer::yes) return answer;
        const auto together = admits_cells(selected, direction, connection);
        return together == Answer::no ? answer : together;
    }

    [[nodiscard]] PolicySummary summary_of(const Document& document) const
    {
        PolicySummary summary;
        for_each_part(document, [&](const Policy& policy) {
            add_summary(policy.ingress, summary.opens_ingress, summary.doubtful);
            add_summary(policy.egress, summary.opens_egress, summary.doubtful);
        });
        return summary;
    }

    [[nodiscard]] Answer selects(const Document& document, const PodIdentity& pod) const
    {
        return selects(document, pod.ns, facts_of(find(pod.ns), pod));
    }

    [[nodiscard]] Answer covers(const Document& document, std::string_view ns) const
    {
        const auto* view = find(ns);
        return selects(document, ns, {.ns = ns, .namespace_labels = view != nullptr ? view->labels : nullptr});
    }

    [[nodiscard]] const Gap* unread(std::string_view ns) const
    {
        for (const auto& [resource, namespaced] : k_policy_lists)
            if (const auto* gap = hidden(resource, namespaced ? ns : std::string_view{"*"})) return gap;
        if (m_asks_namespaces)
            if (const auto* gap = hidden("namespaces", "*")) return gap;
        if (m_asks_accounts)
            if (const auto* gap = hidden("serviceaccounts", ns)) return gap;
        if (m_unplaced)
            for (const auto tiers : k_tier_lists)
                if (const auto* gap = hidden(tiers, "*")) return gap;
        return m_inventory.serves_group("cilium.io") ? hidden("configmaps", "kube-system") : nullptr;
    }

private:
    struct PodKey {
        const NamespaceView* ns;
        const KeyValue* labels; ///< equal maps of one inventory have one address
        std::string_view account;
        friend bool operator==(const PodKey&, const PodKey&) = default;
    };
    struct HashPodKey {
        std::size_t operator()(const PodKey& key) const
        {
            std::size_t hash = 0;
            mix(hash, static_cast<const void*>(key.ns));
            mix(hash, static_cast<const void*>(key.labels));
            mix(hash, key.account);
            return hash;
        }
    };
    /// What policies ask of a pod: its namespace, its account, and those of its labels that any policy names.
    struct Question {
        std::vector<std::string_view> parts;
        friend bool operator==(const Question&, const Question&) = default;
    };
    struct HashQuestion {
        std::size_t operator()(const Question& question) const
        {
            std::size_t hash = 0;
            for (const auto part : question.parts)
                mix(hash, part);
            return hash;
        }
    };

    template <typename Passes>
    static Answer between_bounds(Passes passes)
    {
        bool unclear = false;
        const bool least = passes(Bound::least, unclear);
        const bool most = passes(Bound::most, unclear);
        if (unclear || least != most) return Answer::unresolved;
        return least ? Answer::yes : Answer::no;
    }

    static Answer admits_at(std::span<const Selected> selected, Direction direction, const Connection& connection)
    {
        return between_bounds([&](Bound bound, bool& unclear) {
            Walk<OneCell> walk{direction, bound, OneCell{true}};
            for (const auto& each : selected)
                walk.enter(each, [&](const PolicyWay&, auto step) {
                    for_each_rule(*each.policy, direction, [&](const TrafficRule& rule) {
                        if (const auto match = model::covers(rule, connection); match != Match::no && match != Match::depends)
                            step(rule.action, OneCell{match == Match::yes}, OneCell{true});
                    });
                });
            const auto ending = walk.end();
            unclear = unclear || ending.unclear;
            return ending.allowed.set || ending.open.set;
        });
    }

    /// Every pod, or every address outside, of a family.
    static Answer admits_cells(std::span<const Selected> selected, Direction direction, const Connection& connection)
    {
        return between_bounds([&](Bound bound, bool& unclear) {
            const auto protocol = protocol_by_name(connection.protocol);
            Traffic everything;
            everything.add(protocol, Ends::both);
            Walk<Traffic> walk{direction, bound, everything};
            for (const auto& each : selected)
                walk.enter(each, [&](const PolicyWay&, auto step) {
                    for_each_rule(*each.policy, direction, [&](const TrafficRule& rule) {
                        if (const auto cover = cover_of(rule, connection); cover.possible.any()) step(rule.action, cover.sure, cover.possible);
                    });
                });
            const auto ending = walk.end();
            unclear = unclear || ending.unclear;
            const auto reachable = ending.allowed | ending.open;
            for (const bool v6 : {false, true})
                for (const auto ends : {Ends::pods, Ends::outside})
                    if (reachable.holds(Traffic::of(ends, v6, protocol))) return true;
            return false;
        });
    }

    template <typename Visit>
    void for_each_part(const Document& document, Visit visit) const
    {
        const auto [first, last] = m_by_document.equal_range(&document);
        for (auto part = first; part != last; ++part)
            visit(m_policies[part->second]);
    }

    static void add_summary(const PolicyWay& way, bool& opens, bool& doubtful)
    {
        const auto is_everything = [](const Traffic& traffic) {
            return traffic.holds(Traffic::of(Ends::both, false)) || traffic.holds(Traffic::of(Ends::both, true));
        };
        for (const auto& wide : way.wide) {
            if (wide.action == PolicyAction::allow) {
                opens = opens || is_everything(wide.cover->sure);
                doubtful = doubtful || (!is_everything(wide.cover->sure) && is_everything(wide.cover->possible));
            } else if (is_everything(wide.cover->sure)) {
                return; // what follows acts on nothing
            }
        }
    }

    [[nodiscard]] Answer selects(const Document& document, std::string_view ns, const PodFacts& facts) const
    {
        auto answer = Answer::no;
        for_each_part(document, [&](const Policy& policy) {
            if (!policy.home.empty() && policy.home != ns) return;
            const auto match = policy.subject.evaluate(facts);
            if (match == Match::yes) answer = Answer::yes;
            if (match == Match::unresolved && answer == Answer::no) answer = Answer::unresolved;
        });
        return answer;
    }

    static bool is_kubernetes_baseline(const Policy& policy)
    {
        return policy.place.stage == PolicyPlace::Stage::baseline && policy.place.tier.empty();
    }

    void add(Policy& policy, std::uint32_t rank, Covers& covers)
    {
        covers.make_wide(policy);
        if (policy.document != nullptr) m_by_document.emplace(policy.document, rank);
        (policy.home.empty() ? m_anywhere : m_namespaces[policy.home].own).add(policy, rank);
        policy.subject.for_each_label([&](std::string_view key) { m_labels.insert(key); });
        m_asks_namespaces = m_asks_namespaces || policy.subject.asks_for(LabelExpression::Field::namespace_label);
        m_asks_accounts = m_asks_accounts || policy.subject.asks_for(LabelExpression::Field::service_account_label);
        m_names_accounts = m_names_accounts || policy.subject.asks_for(LabelExpression::Field::service_account_name);
        m_unplaced = m_unplaced || policy.unplaced;
    }

    void add_namespaces()
    {
        for (const Text ns : m_index.namespace_names())
            m_namespaces[ns.view()];
        for (auto& [name, view] : m_namespaces) {
            const auto* object = m_index.find_namespace(name);
            if (object != nullptr) view.labels = &object->meta.labels;
            const PodFacts any{.ns = name, .namespace_labels = view.labels};
            for (const auto rank : m_anywhere.rest)
                if (m_policies[rank].subject.evaluate(any) != Match::no) view.anywhere.push_back(rank);
            const auto firewalls = m_index.documents_in(k_egress_firewalls, name);
            view.outside_denied = !firewalls.empty() && denies_outside(firewalls);
        }
    }

    [[nodiscard]] const NamespaceView* find(std::string_view ns) const
    {
        const auto found = m_namespaces.find(ns);
        return found != m_namespaces.end() ? &found->second : nullptr;
    }

    [[nodiscard]] std::string_view account_of(const PodIdentity& pod) const
    {
        if (!m_asks_accounts && !m_names_accounts) return {};
        return pod.service_account.empty() ? std::string_view{"default"} : pod.service_account;
    }
    [[nodiscard]] PodKey pod_key(const NamespaceView& view, const PodIdentity& pod) const { return {&view, pod.labels.begin(), account_of(pod)}; }

    [[nodiscard]] PodFacts facts_of(const NamespaceView* view, const PodIdentity& pod) const
    {
        PodFacts facts{.ns = pod.ns, .labels = &pod.labels, .service_account = account_of(pod)};
        if (view != nullptr) facts.namespace_labels = view->labels;
        if (m_asks_accounts)
            if (const auto* account = m_index.find_service_account(pod.ns, facts.service_account))
                facts.service_account_labels = &account->meta.labels;
        return facts;
    }

    /// The policies that select such a pod, in their order. Of any pod of a namespace, those that select each.
    [[nodiscard]] std::vector<Selected> select(const NamespaceView* view, const PodFacts& facts) const
    {
        static const StringMap k_none;
        const auto& labels = facts.labels != nullptr ? *facts.labels : k_none;
        Ranks ranks;
        if (view != nullptr) {
            view->own.collect(labels, ranks);
            ranks.insert(ranks.end(), view->anywhere.begin(), view->anywhere.end());
        } else {
            ranks = m_anywhere.rest;
        }
        if (!m_anywhere.by_label.empty())
            for (const auto& [key, value] : labels)
                if (const auto found = m_anywhere.by_label.find({key.view(), value.view()}); found != m_anywhere.by_label.end())
                    ranks.insert(ranks.end(), found->second.begin(), found->second.end());
        std::ranges::sort(ranks);
        ranks.erase(std::unique(ranks.begin(), ranks.end()), ranks.end());
        std::vector<Selected> selected;
        for (const auto rank : ranks) {
            const auto match = m_policies[rank].subject.evaluate(facts);
            if (match == Match::yes || match == Match::unresolved) selected.push_back({&m_policies[rank], match == Match::yes});
        }
        return selected;
    }

    static Judgement judge_both(const NamespaceView* view, std::span<const Selected> selected)
    {
        Judgement judgement;
        judgement.ingress = judge(selected, Direction::ingress, judgement.ingress_doubt);
        judgement.egress = judge(selected, Direction::egress, judgement.egress_doubt);
        if (view != nullptr && view->outside_denied && is_open(judgement.egress)) judgement.egress = Isolation::external_only;
        return judgement;
    }

    void judge_pods_of(const Workload& workload)
    {
        const auto* view = find(workload.ns);
        if (view == nullptr) return;
        for (const auto* pod : workload.pods)
            remember(*view, identity_of(workload.ns, pod->labels(), pod->spec()));
        if (!workload.pods.empty()) return;
        for (const auto* pod_template : workload.templates)
            remember(*view, identity_of(workload.ns, pod_template->labels, pod_template->spec));
    }

    void remember(const NamespaceView& view, const PodIdentity& pod)
    {
        const auto [place, is_new] = m_pods.try_emplace(pod_key(view, pod));
        if (!is_new) return;
        Question question{{pod.ns, account_of(pod)}};
        for (const auto& [key, value] : pod.labels)
            if (m_labels.contains(key.view())) question.parts.insert(question.parts.end(), {key.view(), value.view()});
        const auto [answer, is_asked] = m_questions.try_emplace(std::move(question));
        if (is_asked) answer->second = judge_both(&view, select(&view, facts_of(&view, pod)));
        place->second = answer->second;
    }

    [[nodiscard]] const Gap* hidden(std::string_view resource, std::string_view ns) const
    {
        const auto* gap = m_inventory.gap(resource, ns);
        if (gap == nullptr || gap->reason == Reason::not_served) return nullptr;
        // Manifests are judged by the policies in them.
        return m_inventory.cluster.partial && gap->reason == Reason::unobservable ? nullptr : gap;
    }

    const Inventory& m_inventory;
    const Index& m_index;
    Policies m_policies; ///< from the strongest to the weakest
    std::unordered_multimap<const Document*, std::uint32_t> m_by_document;
    std::unordered_map<std::string_view, NamespaceView> m_namespaces;
    Bucket m_anywhere;
    std::unordered_set<std::string_view> m_labels; ///< that subjects ask for
    bool m_asks_namespaces = false;
    bool m_asks_accounts = false;
    bool m_names_accounts = false;
    bool m_unplaced = false;
    std::unordered_map<PodKey, Judgement, HashPodKey> m_pods;
    std::unordered_map<Question, Judgement, HashQuestion> m_questions;
};

NetworkIsolation::NetworkIsolation(const Inventory& inventory, const Index& index) : m_model(std::make_unique<const Model>(inventory, index)) {}
NetworkIsolation::~NetworkIsolation() = default;
NetworkIsolation::NetworkIsolation(NetworkIsolation&&) noexcept = default;

Isolation NetworkIsolation::of_pod(const PodIdentity& pod, Direction direction) const
{
    const auto judgement = m_model->of_pod(pod);
    return direction == Direction::ingress ? judgement.ingress : judgement.egress;
}

Isolation NetworkIsolation::of_any_pod(std::string_view ns, Direction direction) const
{
    const auto judgement = m_model->of_any_pod(ns, true);
    return direction == Direction::ingress ? judgement.ingress : judgement.egress;
}

Isolation NetworkIsolation::of_any_pod_above_baseline(std::string_view ns, Direction direction) const
{
    const auto judgement = m_model->of_any_pod(ns, false);
    return direction == Direction::ingress ? judgement.ingress : judgement.egress;
}

Answer NetworkIsolation::admits(const PodIdentity& pod, Direction direction, const Connection& connection) const
{
    return m_model->admits(pod, direction, connection);
}

std::string NetworkIsolation::doubt(const PodIdentity& pod, Direction direction) const
{
    return name_of_doubt(m_model->of_pod(pod), direction);
}

std::string NetworkIsolation::doubt_about_any_pod(std::string_view ns, Direction direction) const
{
    return name_of_doubt(m_model->of_any_pod(ns, true), direction);
}

PolicySummary NetworkIsolation::summary_of(const Document& policy) const
{
    return m_model->summary_of(policy);
}

Answer NetworkIsolation::selects(const Document& policy, const PodIdentity& pod) const
{
    return m_model->selects(policy, pod);
}

Answer NetworkIsolation::covers(const Document& policy, std::string_view ns) const
{
    return m_model->covers(policy, ns);
}

const Gap* NetworkIsolation::unread(std::string_view ns) const
{
    return m_model->unread(ns);
}

} // namespace seaworthy::model

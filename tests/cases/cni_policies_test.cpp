// SPDX-License-Identifier: Apache-2.0
// Random clusters with policies of Cilium or Calico beside NetworkPolicies, judged by the product and connection by connection: each packet
// meets the policies in the order that the projects document. Shares nothing with the product.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

#include <fmt/format.h>

#include "cases/naive_network.hpp"
#include "seaworthy/model/network_isolation.hpp"
#include "unit/kube/decode_fixture.hpp"

using namespace seaworthy;

namespace {

constexpr std::uint32_t k_seed = 20'261'128;
constexpr int k_clusters = 3000;

struct Packet {
    bool outside = false;
    int octet = 0; ///< of its address, 10 to 255
    bool v6 = false;
    std::string protocol;
    int port = 0;
};

struct Rule {
    std::string action; ///< "Allow", "Deny", "Pass", "Log"
    std::string who;    ///< "anybody", "cluster", "outside", "some", "nobody", or a block
    std::string protocol;
    int port = 0;
};

struct Policy {
    std::string ns; ///< empty: the cluster
    std::vector<naive::Term> pods;
    std::string type; ///< "Ingress" or "Egress"
    std::vector<Rule> rules;
    std::vector<Rule> denials; ///< Cilium
    double order = 0;
    bool security = false; ///< in a tier before the default one
};

bool selects(const Policy& policy, const naive::Pod& pod)
{
    if (!policy.ns.empty() && policy.ns != pod.ns) return false;
    return std::all_of(policy.pods.begin(), policy.pods.end(), [&](const naive::Term& term) {
        const auto at = pod.labels.find(term.key);
        const bool has = at != pod.labels.end();
        const bool listed = has && std::count(term.values.begin(), term.values.end(), at->second) > 0;
        if (term.op == "In") return listed;
        if (term.op == "NotIn") return !listed;
        return term.op == "Exists" ? has : !has;
    });
}

/// The blocks of the vocabulary, by the first octets that they hold.
bool holds(const std::string& block, const Packet& packet)
{
    if (block == "::/0") return packet.v6;
    if (packet.v6) return false;
    if (block == "0.0.0.0/0") return true;
    if (block == "0.0.0.0/1") return packet.octet < 128;
    if (block == "128.0.0.0/1") return packet.octet >= 128;
    return block == "10.0.0.0/8" && packet.octet == 10;
}

bool matches(const Rule& rule, const Packet& packet, bool blocks_hold_pods)
{
    if (!rule.protocol.empty() && rule.protocol != packet.protocol) return false;
    if (rule.port != 0 && rule.port != packet.port) return false;
    if (rule.who == "anybody") return true;
    if (rule.who == "cluster") return !packet.outside;
    if (rule.who == "outside") return packet.outside;
    if (rule.who == "some" || rule.who == "nobody") return false; // the pod that asks is none of them
    return (packet.outside || blocks_hold_pods) && holds(rule.who, packet);
}

struct World {
    std::vector<naive::Pod> pods;
    std::vector<Policy> policies;
    std::vector<Policy> network_policies; ///< their rules allow
};

std::vector<const Policy*> acting(const std::vector<Policy>& policies, const naive::Pod& pod, const std::string& type)
{
    std::vector<const Policy*> found;
    for (const auto& policy : policies)
        if (policy.type == type && selects(policy, pod)) found.push_back(&policy);
    return found;
}

bool any_matches(const std::vector<Rule>& rules, const Packet& packet, bool blocks_hold_pods)
{
    return std::any_of(rules.begin(), rules.end(), [&](const Rule& rule) { return matches(rule, packet, blocks_hold_pods); });
}

/// Denials first, then what any policy allows.
bool cilium_lets_through(const std::vector<const Policy*>& own, const std::vector<const Policy*>& kubernetes, const Packet& packet)
{
    for (const auto* policy : own)
        if (any_matches(policy->denials, packet, false)) return false;
    for (const auto* policy : own)
        if (any_matches(policy->rules, packet, false)) return true;
    return std::any_of(kubernetes.begin(), kubernetes.end(), [&](const auto* policy) { return any_matches(policy->rules, packet, true); });
}

/// Tier by tier, policy by policy, rule by rule. A tier that has a policy for the pod denies what none of its rules decides.
bool calico_lets_through(std::vector<const Policy*> own, const std::vector<const Policy*>& kubernetes, const Packet& packet)
{
    std::sort(own.begin(), own.end(), [](const auto* a, const auto* b) { return a->order < b->order; });
    for (const bool security : {true, false}) {
        bool any = !security && !kubernetes.empty();
        bool passed = false;
        bool asked_kubernetes = security;
        const auto ask_kubernetes = [&] {
            asked_kubernetes = true;
            return std::any_of(kubernetes.begin(), kubernetes.end(), [&](const auto* policy) { return any_matches(policy->rules, packet, true); });
        };
        for (const auto* policy : own) {
            if (policy->security != security) continue;
            any = true;
            if (!asked_kubernetes && policy->order > 1000 && ask_kubernetes()) return true;
            for (const auto& rule : policy->rules) {
                if (rule.action == "Log" || !matches(rule, packet, true)) continue;
                if (rule.action == "Allow") return true;
                if (rule.action == "Deny") return false;
                passed = true;
                break;
            }
            if (passed) break;
        }
        if (passed) continue;
        if (!asked_kubernetes && ask_kubernetes()) return true;
        if (any) return false;
    }
    return true;
}

std::string state(const World& world, const naive::Pod& pod, const std::string& type, bool cilium)
{
    const auto own = acting(world.policies, pod, type);
    const auto kubernetes = acting(world.network_policies, pod, type);
    if (own.empty() && kubernetes.empty()) return "open";
    for (const bool v6 : {false, true}) {
        bool all = true;
        for (const bool outside : {false, true})
            for (const auto* protocol : {"TCP", "UDP", "SCTP"})
                for (const int octet : {10, 11, 127, 128, 200, 255}) {
                    const Packet packet{outside, octet, v6, protocol, 54};
                    all = all && (cilium ? cilium_lets_through(own, kubernetes, packet) : calico_lets_through(own, kubernetes, packet));
                }
        if (all) return "let through";
    }
    return "isolated";
}

class Dice {
public:
    explicit Dice(std::uint32_t seed) : m_random(seed) {}

    World world(bool cilium)
    {
        World world;
        for (const std::string ns : {"alpha", "beta"})
            for (int left = number(1, 3); left > 0; --left) {
                naive::Pod pod{ns, fmt::format("{}-{}", ns, left), {}};
                if (chance(80)) pod.labels["app"] = one({"web", "api"});
                if (chance(50)) pod.labels["tier"] = one({"front", "back"});
                world.pods.push_back(std::move(pod));
            }
        for (int left = number(1, 4); left > 0; --left)
            world.policies.push_back(policy(cilium, left));
        for (int left = number(0, 2); left > 0; --left)
            world.network_policies.push_back(network_policy());
        return world;
    }

private:
    bool chance(int percent) { return number(1, 100) <= percent; }
    int number(int least, int most) { return std::uniform_int_distribution<int>{least, most}(m_random); }
    std::string one(const std::vector<std::string>& items)
    {
        return items.at(static_cast<std::size_t>(number(0, static_cast<int>(items.size()) - 1)));
    }

    std::vector<naive::Term> terms()
    {
        std::vector<naive::Term> terms;
        for (int left = chance(45) ? 0 : number(1, 2); left > 0; --left) {
            naive::Term term{one({"app", "tier"}), one({"In", "NotIn", "Exists", "DoesNotExist"}), {}};
            if (term.op.ends_with("In")) term.values = {one({"web", "api", "front", "back"})};
            terms.push_back(std::move(term));
        }
        return terms;
    }

    Rule rule(bool cilium)
    {
        Rule rule;
        rule.action = cilium ? "Allow" : one({"Allow", "Allow", "Deny", "Pass", "Log"});
        rule.who = one({"anybody", "anybody", "cluster", "some", "0.0.0.0/0", "::/0", "0.0.0.0/1", "128.0.0.0/1", "10.0.0.0/8"});
        if (cilium && chance(30)) rule.who = one({"outside", "outside", "nobody"});
        if (rule.who == "nobody") return rule;
        if (chance(35)) rule.protocol = one({"TCP", "UDP", "SCTP"});
        if (!rule.protocol.empty() && chance(40)) rule.port = 80;
        return rule;
    }

    Policy policy(bool cilium, int number_of_it)
    {
        Policy policy;
        if (chance(70)) policy.ns = one({"alpha", "beta"});
        policy.pods = terms();
        policy.type = one({"Ingress", "Egress"});
        for (int left = number(cilium ? 1 : 0, 4); left > 0; --left)
            policy.rules.push_back(rule(cilium));
        if (cilium && chance(35)) policy.denials.push_back(rule(true));
        policy.order = number_of_it + (chance(50) ? 0 : 2000);
        policy.security = !cilium && chance(30);
        return policy;
    }

    Policy network_policy()
    {
        Policy policy;
        policy.ns = one({"alpha", "beta"});
        policy.pods = terms();
        policy.type = one({"Ingress", "Egress"});
        for (int left = number(0, 2); left > 0; --left) {
            policy.rules.push_back(rule(false));
            policy.rules.back().port = 0;
        }
        return policy;
    }

    std::mt19937 m_random;
};

std::string joined(const std::vector<std::string>& parts, const char* between)
{
    std::string all;
    for (const auto& part : parts)
        all += (all.empty() ? "" : between) + part;
    return all;
}

std::string expressions(const std::vector<naive::Term>& terms)
{
    std::vector<std::string> parts;
    for (const auto& term : terms)
        parts.push_back(fmt::format("{{'key':'{}','operator':'{}'{}}}", term.key, term.op,
                                    term.values.empty() ? "" : fmt::format(",'values':['{}']", term.values.front())));
    return parts.empty() ? "{}" : "{'matchExpressions':[" + joined(parts, ",") + "]}";
}

/// With ` for the quotes inside.
std::string calico_expression(const std::vector<naive::Term>& terms)
{
    std::vector<std::string> parts;
    for (const auto& term : terms) {
        if (term.op == "In") parts.push_back(fmt::format("{} == `{}`", term.key, term.values.front()));
        if (term.op == "NotIn") parts.push_back(fmt::format("{} not in {{`{}`}}", term.key, term.values.front()));
        if (term.op == "Exists") parts.push_back(fmt::format("has({})", term.key));
        if (term.op == "DoesNotExist") parts.push_back(fmt::format("!has({})", term.key));
    }
    return parts.empty() ? "all()" : joined(parts, " && ");
}

std::string cilium_rule(const Rule& rule, bool in)
{
    std::vector<std::string> parts;
    const std::string way = in ? "from" : "to";
    if (rule.who == "anybody") parts.push_back("'" + way + "Entities':['all']");
    if (rule.who == "cluster") parts.push_back("'" + way + "Entities':['cluster']");
    if (rule.who == "outside") parts.push_back("'" + way + "Entities':['world']");
    if (rule.who == "some") parts.push_back("'" + way + "Endpoints':[{'matchLabels':{'k8s:io.kubernetes.pod.namespace':'gamma'}}]");
    if (rule.who.find('/') != std::string::npos) parts.push_back("'" + way + "CIDR':['" + rule.who + "']");
    if (!rule.protocol.empty()) parts.push_back(fmt::format("'toPorts':[{{'ports':[{{'port':'{}','protocol':'{}'}}]}}]", rule.port, rule.protocol));
    return "{" + joined(parts, ",") + "}";
}

std::string calico_rule(const Rule& rule, bool in)
{
    std::vector<std::string> other;
    if (rule.who == "cluster") other.push_back("'namespaceSelector':'all()'");
    if (rule.who == "some") other.push_back("'namespaceSelector':'all()','selector':'app == `nobody`'");
    if (rule.who.find('/') != std::string::npos) other.push_back("'nets':['" + rule.who + "']");
    std::vector<std::string> destination = in ? std::vector<std::string>{} : other;
    if (rule.port != 0) destination.push_back(fmt::format("'ports':[{}]", rule.port));
    std::string all = fmt::format("{{'action':'{}'", rule.action);
    if (!rule.protocol.empty()) all += ",'protocol':'" + rule.protocol + "'";
    if (in && !other.empty()) all += ",'source':{" + joined(other, ",") + "}";
    if (!destination.empty()) all += ",'destination':{" + joined(destination, ",") + "}";
    return all + "}";
}

std::string kubernetes_rule(const Rule& rule, bool in)
{
    std::vector<std::string> parts;
    std::string peer;
    if (rule.who == "cluster") peer = "{'namespaceSelector':{}}";
    if (rule.who == "some") peer = "{'podSelector':{'matchLabels':{'app':'nobody'}}}";
    if (rule.who.find('/') != std::string::npos) peer = "{'ipBlock':{'cidr':'" + rule.who + "'}}";
    if (!peer.empty()) parts.push_back(fmt::format("'{}':[{}]", in ? "from" : "to", peer));
    if (!rule.protocol.empty()) parts.push_back("'ports':[{'protocol':'" + rule.protocol + "'}]");
    return "{" + joined(parts, ",") + "}";
}

using Writer = std::string (*)(const Rule&, bool);
std::string rules(const std::vector<Rule>& rules, bool in, Writer write)
{
    std::vector<std::string> parts;
    for (const auto& rule : rules)
        parts.push_back(write(rule, in));
    return "[" + joined(parts, ",") + "]";
}

std::string metadata(const Policy& policy, int number)
{
    return fmt::format("'apiVersion':'v1','kind':'Policy','metadata':{{'name':'p{}'{}}}", number,
                       policy.ns.empty() ? "" : ",'namespace':'" + policy.ns + "'");
}

struct Written {
    std::string resource;
    std::string json;
};

Written write(const Policy& policy, int number, bool cilium)
{
    const bool in = policy.type == "Ingress";
    const std::string way = in ? "ingress" : "egress";
    if (cilium) {
        auto spec = fmt::format("'endpointSelector':{},'{}':{}", expressions(policy.pods), way, rules(policy.rules, in, cilium_rule));
        if (!policy.denials.empty()) spec += fmt::format(",'{}Deny':{}", way, rules(policy.denials, in, cilium_rule));
        return {policy.ns.empty() ? "ciliumclusterwidenetworkpolicies.cilium.io" : "ciliumnetworkpolicies.cilium.io",
                fmt::format("{{{},'spec':{{{}}}}}", metadata(policy, number), spec)};
    }
    auto json = fmt::format("{{{},'spec':{{'tier':'{}','order':{},'selector':'{}','types':['{}'],'{}':{}}}}}", metadata(policy, number),
                            policy.security ? "security" : "default", policy.order, calico_expression(policy.pods), policy.type, way,
                            rules(policy.rules, in, calico_rule));
    for (auto at = json.find('`'); at != std::string::npos; at = json.find('`'))
        json.replace(at, 1, "\\\"");
    return {policy.ns.empty() ? "globalnetworkpolicies.projectcalico.org" : "networkpolicies.projectcalico.org", json};
}

Written write_network_policy(const Policy& policy, int number)
{
    const bool in = policy.type == "Ingress";
    return {"networkpolicies.networking.k8s.io",
            fmt::format("{{{},'spec':{{'podSelector':{},'policyTypes':['{}'],'{}':{}}}}}", metadata(policy, number), expressions(policy.pods),
                        policy.type, in ? "ingress" : "egress", rules(policy.rules, in, kubernetes_rule))};
}

std::string name_of(model::Isolation isolation)
{
    switch (isolation) {
    case model::Isolation::open:
    case model::Isolation::reopened: return "let through";
    case model::Isolation::isolated: return "isolated";
    case model::Isolation::external_only: return "external only";
    case model::Isolation::unresolved: break;
    }
    return "unresolved";
}

void compare(bool cilium)
{
    model::ReadPlan plan;
    for (const auto* list : {"ciliumnetworkpolicies.cilium.io", "ciliumclusterwidenetworkpolicies.cilium.io", "networkpolicies.projectcalico.org",
                             "globalnetworkpolicies.projectcalico.org", "tiers.projectcalico.org"})
        plan.lists.push_back({list, {"spec"}});
    std::map<std::string, int> seen;
    for (std::uint32_t seed = 0; seed < k_clusters; ++seed) {
        const auto world = Dice{k_seed + seed}.world(cilium);
        kube::Decoding decoding{plan};
        std::string text;
        for (const std::string ns : {"alpha", "beta"})
            decoding.decode("namespaces", naive::json(naive::Namespace{ns, {{"kubernetes.io/metadata.name", ns}}}));
        decoding.decode("tiers.projectcalico.org", "{'apiVersion':'v3','kind':'Tier','metadata':{'name':'security'},'spec':{'order':100}}");
        for (const auto& pod : world.pods)
            decoding.decode("pods", naive::json(pod));
        int number = 0;
        const auto decode = [&](const Written& written) {
            decoding.decode(written.resource, written.json);
            text += "\n" + written.resource + " " + written.json;
        };
        for (const auto& policy : world.policies)
            decode(write(policy, ++number, cilium));
        for (const auto& policy : world.network_policies)
            decode(write_network_policy(policy, ++number));
        REQUIRE(decoding.inventory.gaps.empty());
        const model::Index index{decoding.inventory};
        const model::NetworkIsolation network{decoding.inventory, index};
        for (std::size_t i = 0; i < world.pods.size(); ++i) {
            const auto& pod = decoding.inventory.pods[i];
            for (const auto direction : {model::Direction::ingress, model::Direction::egress}) {
                auto expected = state(world, world.pods[i], direction == model::Direction::ingress ? "Ingress" : "Egress", cilium);
                ++seen[expected];
                if (expected == "open") expected = "let through";
                const auto found = name_of(network.of_pod(model::identity_of(pod.ns(), pod.labels(), pod.spec()), direction));
                if (found != expected)
                    FAIL_CHECK("seed " << seed << ", " << naive::json(world.pods[i]) << " " << name(direction) << ": " << found << ", not "
                                       << expected << text);
            }
        }
    }
    for (const auto* each : {"open", "let through", "isolated"})
        CHECK(seen[each] > 500);
}

} // namespace

TEST_CASE("random policies of Cilium let through what its documentation says", "[properties][netpol][cilium]")
{
    compare(true);
}

TEST_CASE("random policies of Calico let through what its documentation says", "[properties][netpol][calico]")
{
    compare(false);
}

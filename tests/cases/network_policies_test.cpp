// SPDX-License-Identifier: Apache-2.0
// Network policies judged by the product and by a naive reading of their documentation.
#include <catch2/catch.hpp>

#include <map>
#include <random>

#include <fmt/format.h>

#include "cases/case_files.hpp"
#include "cases/isolation_name.hpp"
#include "cases/naive_network.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/engine/engine.hpp"
#include "seaworthy/model/network_isolation.hpp"
#include "unit/kube/decode_fixture.hpp"

using namespace seaworthy;
using kube::Decoding;
using model::Direction;
using model::Isolation;
using test::name_of;

namespace {

constexpr std::uint32_t k_seed = 20'261'127;
constexpr int k_clusters = 2000;

constexpr std::pair<naive::Way, Direction> k_ways[] = {{naive::Way::in, Direction::ingress}, {naive::Way::out, Direction::egress}};

/// How the cluster's DNS is published: its pods listen on a port by a name, and its Service names one or the other.
struct Dns {
    int port = 53;
    bool by_name = false;
};

/// A cluster by seed, in the words of a small vocabulary, so that selectors meet labels.
class Dice {
public:
    explicit Dice(std::uint32_t seed) : m_random(seed) {}

    naive::Cluster cluster()
    {
        naive::Cluster cluster;
        cluster.namespaces.push_back({"kube-system", {{"kubernetes.io/metadata.name", "kube-system"}}});
        for (const std::string name : {"alpha", "beta", "gamma"}) {
            naive::Namespace ns{name, {{"kubernetes.io/metadata.name", name}}};
            if (chance(60)) ns.labels["team"] = one<std::string>({"red", "blue"});
            for (int left = number(1, 3); left > 0; --left)
                cluster.pods.push_back({name, fmt::format("{}-{}", name, left), labels()});
            for (int left = number(0, 4); left > 0; --left)
                cluster.policies.push_back(policy(name));
            cluster.namespaces.push_back(std::move(ns));
        }
        return cluster;
    }
    Dns dns() { return {one<int>({53, 5353}), chance(40)}; }

private:
    bool chance(int percent) { return number(1, 100) <= percent; }
    int number(int least, int most) { return std::uniform_int_distribution<int>{least, most}(m_random); }
    template <typename T>
    T one(std::vector<T> items)
    {
        return items.at(static_cast<std::size_t>(number(0, static_cast<int>(items.size()) - 1)));
    }

    naive::Labels labels()
    {
        naive::Labels labels;
        if (chance(80)) labels["app"] = one<std::string>({"web", "api", "db"});
        if (chance(50)) labels["tier"] = one<std::string>({"front", "back"});
        return labels;
    }

    naive::Selector selector(std::vector<std::string> keys, std::vector<std::string> values)
    {
        naive::Selector selector;
        if (chance(35)) return selector;
        if (chance(60)) selector.labels[one(keys)] = one(values);
        for (int left = number(0, 2); left > 0; --left) {
            naive::Term term{one(keys), one<std::string>({"In", "NotIn", "Exists", "DoesNotExist"}), {}};
            if (term.op.ends_with("In"))
                for (int more = number(1, 2); more > 0; --more)
                    term.values.push_back(one(values));
            selector.terms.push_back(std::move(term));
        }
        return selector;
    }
    naive::Selector of_pods() { return selector({"app", "tier", "k8s-app"}, {"web", "api", "db", "front", "back", "kube-dns"}); }
    naive::Selector of_namespaces() { return selector({"team", "kubernetes.io/metadata.name"}, {"red", "blue", "alpha", "kube-system"}); }

    naive::Peer peer()
    {
        naive::Peer peer;
        if (chance(45)) {
            peer.cidr = one<std::string>({"0.0.0.0/0", "0.0.0.0/0", "::/0", "10.0.0.0/8", "10.244.0.0/16", "192.168.0.0/16", "203.0.113.0/24",
                                          "10.1.2.3/0", "0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1", "fd00::/8", "10.244.0.5/32", "fe80::1/0"});
            const bool v6 = peer.cidr.find(':') != std::string::npos;
            const bool wide = peer.cidr.ends_with("/0") || peer.cidr.ends_with("/1");
            if (wide && chance(40)) peer.except.push_back(v6 ? "fd00::/8" : one<std::string>({"10.0.0.0/8", "169.254.169.254/32"}));
            return peer;
        }
        const int kind = number(1, 3);
        if (kind != 2) peer.pods = of_pods();
        if (kind != 1) peer.namespaces = of_namespaces();
        return peer;
    }

    naive::Port port()
    {
        naive::Port port;
        port.protocol = one<std::string>({"", "TCP", "UDP", "SCTP"});
        port.port = one<std::string>({"", "53", "5353", "80", "dns", "dns-tcp", "http", "1", "50"});
        if (port.port == "1" && chance(80)) port.end = 65535;
        if (port.port == "50" && chance(80)) port.end = one<int>({60, 6000});
        return port;
    }

    naive::Rule rule()
    {
        naive::Rule rule;
        for (int left = chance(30) ? 0 : number(1, 3); left > 0; --left)
            rule.peers.push_back(peer());
        for (int left = chance(45) ? 0 : number(1, 4); left > 0; --left)
            rule.ports.push_back(port());
        return rule;
    }

    std::optional<std::vector<naive::Rule>> rules()
    {
        if (chance(25)) return std::nullopt;
        std::vector<naive::Rule> rules;
        for (int left = number(0, 2); left > 0; --left)
            rules.push_back(rule());
        return rules;
    }

    naive::Policy policy(const std::string& ns)
    {
        naive::Policy policy{ns, of_pods(), std::nullopt, rules(), rules()};
        if (chance(70)) policy.types = one<std::vector<std::string>>({{"Ingress"}, {"Egress"}, {"Ingress", "Egress"}, {"Egress", "Ingress"}, {}});
        return policy;
    }

    std::mt19937 m_random;
};

void decode(const naive::Cluster& cluster, Decoding& decoding)
{
    for (const auto& ns : cluster.namespaces)
        decoding.decode("namespaces", naive::json(ns));
    for (const auto& pod : cluster.pods)
        decoding.decode("pods", naive::json(pod));
    int number = 0;
    for (const auto& policy : cluster.policies)
        decoding.decode("networkpolicies.networking.k8s.io", naive::json(policy, fmt::format("p{}", number++)));
}

void decode(const Dns& dns, Decoding& decoding)
{
    const auto target = [&](const std::string& name) { return dns.by_name ? "'" + name + "'" : std::to_string(dns.port); };
    decoding.decode("services",
                    fmt::format("{{'metadata':{{'name':'kube-dns','namespace':'kube-system'}},'spec':{{'selector':{{'k8s-app':'kube-dns'}},"
                                "'ports':[{{'port':53,'protocol':'UDP','targetPort':{}}},{{'port':53,'protocol':'TCP','targetPort':{}}}]}}}}",
                                target("dns"), target("dns-tcp")));
    decoding.decode("pods",
                    fmt::format("{{'metadata':{{'name':'dns','namespace':'kube-system','labels':{{'k8s-app':'kube-dns'}}}},'spec':{{'nodeName':'n',"
                                "'containers':[{{'name':'dns','image':'registry.k8s.io/coredns:1','ports':[{{'name':'dns','containerPort':{0},"
                                "'protocol':'UDP'}},{{'name':'dns-tcp','containerPort':{0},'protocol':'TCP'}}]}}]}},'status':{{'phase':'Running'}}}}",
                                dns.port));
    decoding.decode("endpointslices.discovery.k8s.io",
                    "{'metadata':{'name':'dns-1','namespace':'kube-system','labels':{'kubernetes.io/service-name':'kube-dns'}},'addressType':'IPv4',"
                    "'endpoints':[{'addresses':['10.244.0.5'],'conditions':{'ready':true}}]}");
}

/// Every policy of the cluster, for the report of a difference.
std::string written(const naive::Cluster& cluster)
{
    std::string all;
    for (const auto& policy : cluster.policies)
        all += "\n" + naive::json(policy, "p");
    for (const auto& pod : cluster.pods)
        all += "\n" + naive::json(pod);
    return all;
}

check::Settings only(const std::string& id)
{
    auto settings = check::default_settings(controls::catalog());
    for (auto& [check, of] : settings.checks)
        of.enabled = check == id;
    return settings;
}

} // namespace

TEST_CASE("the defaults of ingress and egress are those that the documentation lists", "[properties][netpol]")
{
    struct Row {
        std::vector<const char*> specs; ///< of the policies in the pod's namespace
        const char* ingress;
        const char* egress;
    };
    const Row rows[] = {
        {{}, "open", "open"},
        // kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies
        {{"'podSelector':{},'policyTypes':['Ingress']"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{}],'policyTypes':['Ingress']"}, "reopened", "open"},
        {{"'podSelector':{},'policyTypes':['Egress']"}, "open", "isolated"},
        {{"'podSelector':{},'egress':[{}],'policyTypes':['Egress']"}, "open", "reopened"},
        {{"'podSelector':{},'policyTypes':['Ingress','Egress']"}, "isolated", "isolated"},
        // Types that are not written: always ingress, and egress where it has rules.
        {{"'podSelector':{}"}, "isolated", "open"},
        {{""}, "isolated", "open"},
        {{"'podSelector':{},'policyTypes':[]"}, "isolated", "open"},
        {{"'podSelector':{},'policyTypes':null,'ingress':null,'egress':null"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[],'egress':[]"}, "isolated", "open"},
        {{"'podSelector':{},'egress':[{}]"}, "isolated", "reopened"},
        {{"'podSelector':{},'ingress':[{}],'egress':[{}]"}, "reopened", "reopened"},
        {{"'podSelector':{},'policyTypes':[],'egress':[{'to':[{'podSelector':{}}]}]"}, "isolated", "isolated"},
        // Rules of a direction that is not among the types are inert.
        {{"'podSelector':{},'policyTypes':['Egress'],'ingress':[{}]"}, "open", "isolated"},
        {{"'podSelector':{},'policyTypes':['Ingress'],'egress':[{}]"}, "isolated", "open"},
        // Who is selected.
        {{"'podSelector':{'matchLabels':{'app':'web'}}"}, "isolated", "open"},
        {{"'podSelector':{'matchLabels':{'app':'api'}}"}, "open", "open"},
        {{"'podSelector':{'matchExpressions':[{'key':'tier','operator':'DoesNotExist'}]}"}, "isolated", "open"},
        {{"'podSelector':{'matchExpressions':[{'key':'tier','operator':'NotIn','values':['front']}]}"}, "isolated", "open"},
        {{"'podSelector':{'matchExpressions':[{'key':'tier','operator':'Exists'}]}"}, "open", "open"},
        // What is everything.
        {{"'podSelector':{},'ingress':[{'from':[]}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'from':null,'ports':null}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'podSelector':{}}]}]"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'namespaceSelector':{}}]}]"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{'ports':[{'port':80}]}]"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{'ports':[{}]}]"}, "isolated", "open"}, // TCP alone
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0'}}]}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'::/0'}}]}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'10.1.2.3/0'}}]}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0','except':['10.0.0.0/8']}}]}]"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0','except':['169.254.169.254/32']}}]}]"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/1'}},{'ipBlock':{'cidr':'128.0.0.0/1'}}]}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/1'}},{'ipBlock':{'cidr':'8000::/1'}}]}]"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{'from':[{'ipBlock':{'cidr':'0.0.0.0/0','except':['10.0.0.0/8']}},{'ipBlock':{'cidr':'10.0.0.0/8'}}]}]"},
         "reopened",
         "open"},
        {{"'podSelector':{},'ingress':[{'ports':[{'protocol':'TCP'},{'protocol':'UDP'},{'protocol':'SCTP'}]}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'ports':[{'port':1,'endPort':65535},{'protocol':'UDP'},{'protocol':'SCTP'}]}]"}, "reopened", "open"},
        {{"'podSelector':{},'ingress':[{'ports':[{'protocol':'TCP'},{'protocol':'UDP'}]}]"}, "isolated", "open"},
        {{"'podSelector':{},'ingress':[{'ports':[{'port':1,'endPort':65534},{'protocol':'UDP'},{'protocol':'SCTP'}]}]"}, "isolated", "open"},
        // Policies add up.
        {{"'podSelector':{},'policyTypes':['Ingress','Egress']", "'podSelector':{},'ingress':[{}]"}, "reopened", "isolated"},
        {{"'podSelector':{},'policyTypes':['Ingress']", "'podSelector':{'matchLabels':{'app':'api'}},'ingress':[{}]"}, "isolated", "open"},
        {{"'ingress':[{'ports':[{'protocol':'TCP'},{'protocol':'SCTP'}]}]", "'ingress':[{'ports':[{'protocol':'UDP'}]}]"}, "reopened", "open"},
    };
    for (const auto& row : rows) {
        Decoding decoding;
        decoding.decode("pods", naive::json(naive::Pod{"alpha", "web", {{"app", "web"}}}));
        for (const auto* spec : row.specs) {
            decoding.decode("networkpolicies.networking.k8s.io",
                            fmt::format("{{'metadata':{{'name':'p','namespace':'alpha'}},'spec':{{{}}}}}", spec));
            UNSCOPED_INFO(spec);
        }
        const model::Index index{decoding.inventory};
        const model::NetworkIsolation isolation{decoding.inventory, index};
        const auto& labels = decoding.inventory.pods.front().labels();
        CHECK(name_of(isolation.of_pod({"alpha", labels, {}}, Direction::ingress)) + "/" +
                  name_of(isolation.of_pod({"alpha", labels, {}}, Direction::egress)) ==
              std::string{row.ingress} + "/" + row.egress);
        CHECK(isolation.of_pod({"beta", labels, {}}, Direction::ingress) == Isolation::open);
    }
}

TEST_CASE("random clusters are as isolated as the documentation says", "[properties][netpol]")
{
    std::map<std::string, int> seen;
    for (std::uint32_t seed = 0; seed < k_clusters; ++seed) {
        const auto cluster = Dice{k_seed + seed}.cluster();
        Decoding decoding;
        decode(cluster, decoding);
        const model::Index index{decoding.inventory};
        const model::NetworkIsolation isolation{decoding.inventory, index};
        REQUIRE(decoding.inventory.pods.size() == cluster.pods.size());
        REQUIRE(decoding.inventory.network_policies.size() == cluster.policies.size());
        for (const auto& [way, direction] : k_ways) {
            for (std::size_t i = 0; i < cluster.pods.size(); ++i) {
                const auto& pod = cluster.pods[i];
                const auto expected = naive::state(cluster, pod.ns, pod.labels, way);
                const auto found = name_of(isolation.of_pod({pod.ns, decoding.inventory.pods[i].labels(), {}}, direction));
                ++seen[expected];
                if (found != expected)
                    FAIL_CHECK("seed " << seed << ", " << model::name(direction) << " of " << pod.name << ": " << found << ", not " << expected
                                       << written(cluster));
            }
            for (const auto& ns : cluster.namespaces) {
                const auto expected = naive::state_of_any_pod(cluster, ns.name, way);
                const auto found = name_of(isolation.of_any_pod(ns.name, direction));
                if (found != expected)
                    FAIL_CHECK("seed " << seed << ", " << model::name(direction) << " of any pod in " << ns.name << ": " << found << ", not "
                                       << expected << written(cluster));
            }
        }
    }
    for (const auto* state : {"open", "reopened", "isolated"})
        CHECK(seen[state] > 1000);
}

namespace {

/// What the check says of each pod of a cluster, by the pod's name.
std::map<std::string, std::string> verdicts(const check::Settings& settings, Decoding& decoding)
{
    decoding.inventory.taken_at = parse_rfc3339("2026-11-22T04:00:00Z");
    const auto report = engine::evaluate(decoding.inventory, settings);
    std::map<std::string, std::string> found;
    for (const auto& result : report->results)
        found[result.object().name.str()] = check::name(result.status());
    return found;
}

} // namespace

TEST_CASE("in random clusters a pod may ask the DNS where the documentation says so", "[properties][netpol]")
{
    const auto settings = only("netpol-egress-dns");
    std::map<std::string, int> seen;
    for (std::uint32_t seed = 0; seed < k_clusters; ++seed) {
        Dice dice{k_seed + seed};
        const auto cluster = dice.cluster();
        const auto dns = dice.dns();
        Decoding decoding;
        decode(cluster, decoding);
        decode(dns, decoding);
        auto found = verdicts(settings, decoding);
        for (const auto& pod : cluster.pods) {
            const naive::Remote remote{"10.244.0.5", "kube-system", {{"k8s-app", "kube-dns"}}};
            const auto asks = [&](const std::string& protocol) {
                return naive::allowed(cluster, pod, naive::Way::out, remote, {protocol, dns.port, protocol == "UDP" ? "dns" : "dns-tcp"});
            };
            const bool isolated = naive::state(cluster, pod.ns, pod.labels, naive::Way::out) == "isolated";
            const std::string expected = !isolated ? "not_applicable" : asks("UDP") && asks("TCP") ? "pass" : "warn";
            ++seen[expected];
            if (found[pod.name] != expected)
                FAIL_CHECK("seed " << seed << ", " << pod.name << " with DNS on " << dns.port << (dns.by_name ? " by name" : "") << ": "
                                   << found[pod.name] << ", not " << expected << written(cluster));
        }
    }
    for (const auto* status : {"not_applicable", "pass", "warn"})
        CHECK(seen[status] > 100);
}

TEST_CASE("in random clusters a pod reaches the metadata service where the documentation says so", "[properties][netpol]")
{
    const auto settings = only("netpol-egress-metadata");
    std::map<std::string, int> seen;
    for (std::uint32_t seed = 0; seed < k_clusters; ++seed) {
        const auto cluster = Dice{k_seed + seed}.cluster();
        Decoding decoding;
        decode(cluster, decoding);
        decoding.decode("nodes", "{'metadata':{'name':'n'},'spec':{'providerID':'aws:///eu-west-1a/i-1'}}");
        auto found = verdicts(settings, decoding);
        for (const auto& pod : cluster.pods) {
            const bool reaches = naive::allowed(cluster, pod, naive::Way::out, {"169.254.169.254", {}, {}}, {"TCP", 80, {}});
            // With all of IPv6 goes the address that the service has there.
            const bool everywhere = naive::state(cluster, pod.ns, pod.labels, naive::Way::out) == "reopened";
            const std::string expected = reaches || everywhere ? "warn" : "pass";
            ++seen[expected];
            if (found[pod.name] != expected)
                FAIL_CHECK("seed " << seed << ", " << pod.name << ": " << found[pod.name] << ", not " << expected << written(cluster));
        }
    }
    for (const auto* status : {"pass", "warn"})
        CHECK(seen[status] > 1000);
}

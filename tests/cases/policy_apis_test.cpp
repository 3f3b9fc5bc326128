// SPDX-License-Identifier: Apache-2.0
// What policies of other APIs than NetworkPolicy do with one pod, as their projects document it: one row a rule of theirs.
#include <catch2/catch.hpp>

#include <fmt/format.h>

#include "cases/isolation_name.hpp"
#include "seaworthy/model/network_isolation.hpp"
#include "unit/kube/decode_fixture.hpp"

using namespace seaworthy;
using kube::Decoding;
using model::Direction;
using model::Isolation;
using test::name_of;

namespace {

constexpr const char* k_cnp = "ciliumnetworkpolicies.cilium.io";
constexpr const char* k_ccnp = "ciliumclusterwidenetworkpolicies.cilium.io";
constexpr const char* k_calico = "networkpolicies.projectcalico.org";
constexpr const char* k_global = "globalnetworkpolicies.projectcalico.org";
constexpr const char* k_stored = "globalnetworkpolicies.crd.projectcalico.org";
constexpr const char* k_tier = "tiers.projectcalico.org";
constexpr const char* k_antrea = "networkpolicies.crd.antrea.io";
constexpr const char* k_acnp = "clusternetworkpolicies.crd.antrea.io";
constexpr const char* k_admin = "adminnetworkpolicies.policy.networking.k8s.io";
constexpr const char* k_baseline = "baselineadminnetworkpolicies.policy.networking.k8s.io";
constexpr const char* k_cluster = "clusternetworkpolicies.policy.networking.k8s.io";
constexpr const char* k_np = "networkpolicies.networking.k8s.io";
constexpr const char* k_firewall = "egressfirewalls.k8s.ovn.org";

model::ReadPlan plan_of_policies()
{
    model::ReadPlan plan;
    for (const auto* list : {k_cnp, k_ccnp, k_calico, k_global, k_stored, k_tier, k_antrea, k_acnp, k_admin, k_baseline, k_cluster, k_firewall})
        plan.lists.push_back({list, {"spec", "specs"}});
    plan.lists.push_back({"configmaps", {"data"}});
    return plan;
}

struct Object {
    const char* resource;
    const char* name;
    const char* spec;
};

/// Pod app=web of service account `runner` in namespace shop (team=red), beside namespace bank.
struct Cluster : Decoding {
    explicit Cluster(const std::vector<Object>& objects) : Decoding(plan_of_policies())
    {
        decode("namespaces", "{'metadata':{'name':'shop','labels':{'team':'red','kubernetes.io/metadata.name':'shop'}}}");
        decode("namespaces", "{'metadata':{'name':'bank','labels':{'team':'blue','kubernetes.io/metadata.name':'bank'}}}");
        decode("serviceaccounts", "{'metadata':{'name':'runner','namespace':'shop','labels':{'role':'ci'}}}");
        decode("pods", "{'metadata':{'name':'web','namespace':'shop','labels':{'app':'web','tier':'front'}},'spec':{'nodeName':'n',"
                       "'serviceAccountName':'runner','containers':[{'name':'c','image':'c:1'}]},'status':{'phase':'Running'}}");
        for (const auto& object : objects) {
            const bool in_namespace =
                std::string_view{object.resource}.starts_with("networkpolicies") || object.resource == k_cnp || object.resource == k_firewall;
            auto json = fmt::format("{{'apiVersion':'v1','kind':'Policy','metadata':{{'name':'{}'{}}},{}}}", object.name,
                                    in_namespace ? ",'namespace':'shop'" : "", object.spec);
            for (auto at = json.find('`'); at != std::string::npos; at = json.find('`')) // a quote inside of a text
                json.replace(at, 1, "\\\"");
            decode(object.resource, json);
            UNSCOPED_INFO(object.resource << " " << object.spec);
        }
        REQUIRE(inventory.gaps.empty());
    }

    std::string states()
    {
        const model::Index index{inventory};
        const model::NetworkIsolation network{inventory, index};
        const auto& pod = inventory.pods.front();
        const auto identity = model::identity_of(pod.ns(), pod.labels(), pod.spec());
        return name_of(network.of_pod(identity, Direction::ingress)) + " " + name_of(network.of_pod(identity, Direction::egress));
    }
    std::string of_any_pod(const char* ns = "shop")
    {
        const model::Index index{inventory};
        const model::NetworkIsolation network{inventory, index};
        return name_of(network.of_any_pod(ns, Direction::ingress)) + " " + name_of(network.of_any_pod(ns, Direction::egress));
    }
};

struct Row {
    std::vector<Object> objects;
    const char* states; ///< of the pod: ingress, egress
};

void check(const std::vector<Row>& rows)
{
    for (const auto& row : rows) {
        Cluster cluster{row.objects};
        CHECK(cluster.states() == row.states);
    }
}

constexpr const char* k_np_open = "'spec':{'podSelector':{},'policyTypes':['Ingress','Egress'],'ingress':[{}],'egress':[{}]}";
constexpr const char* k_np_closed = "'spec':{'podSelector':{},'policyTypes':['Ingress','Egress']}";

} // namespace

TEST_CASE("Cilium's policies isolate where they have rules", "[netpol][cilium]")
{
    check({
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[]}"}}, "open open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'egress':[{}]}"}}, "open isolated"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingressDeny':[{'fromEntities':['world']}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'specs':[{'endpointSelector':{},'ingress':[{}]},{'endpointSelector':{},'egress':[{}]}]"}}, "isolated isolated"},
        {{{k_ccnp, "p", "'spec':{'nodeSelector':{},'ingress':[{}]}"}}, "open open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'enableDefaultDeny':{'ingress':false},'ingress':[{'fromEntities':['host']}]}"}}, "open open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'enableDefaultDeny':{'egress':true},'ingress':[{}]}"}}, "isolated unresolved"},
        // Selectors.
        {{{k_cnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'app':'web'}},'ingress':[{}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'k8s:app':'web','any:tier':'front'}},'ingress':[{}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'app':'api'}},'ingress':[{}]}"}}, "open open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'k8s:io.kubernetes.pod.namespace':'shop'}},'ingress':[{}]}"}}, "isolated open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'io.kubernetes.pod.namespace':'bank'}},'ingress':[{}]}"}}, "open open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'io.cilium.k8s.namespace.labels.team':'red'}},'ingress':[{}]}"}},
         "isolated open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchExpressions':[{'key':'app','operator':'NotIn','values':['web']}]},'ingress':[{}]}"}},
         "open open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchExpressions':[{'key':'legacy','operator':'DoesNotExist'}]},'ingress':[{}]}"}},
         "isolated open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'reserved:host':''}},'ingress':[{}]}"}}, "open open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'io.cilium.k8s.policy.serviceaccount':'runner'}},'ingress':[{}]}"}},
         "isolated open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'io.cilium.k8s.policy.cluster':'east'}},'ingress':[{}]}"}}, "unresolved open"},
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchExpressions':[{'key':'app','operator':'Like'}]},'ingress':[{}]}"}}, "unresolved open"},
    });
}

TEST_CASE("Cilium's rules open what they name, and its denials close it whatever is allowed", "[netpol][cilium]")
{
    check({
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['all']}],'egress':[{'toEntities':['all']}]}"}},
         "reopened reopened"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['cluster','world']}]}"}}, "reopened open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['cluster']}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['world']}]}"}}, "isolated open"},
        // Blocks mean no pods.
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromCIDR':['0.0.0.0/0']}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'egress':[{'toCIDR':['0.0.0.0/0']},{'toEntities':['cluster']}]}"}}, "open reopened"},
        {{{k_cnp, "p",
           "'spec':{'endpointSelector':{},'egress':[{'toCIDRSet':[{'cidr':'0.0.0.0/0','except':['10.0.0.0/8']}]},{'toEntities':['cluster']}]}"}},
         "open isolated"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'egress':[{'toCIDRSet':[{'cidrGroupRef':'vpn'}]},{'toEntities':['cluster']}]}"}},
         "open unresolved"},
        // An empty list of peers is nobody, no list is anybody.
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEndpoints':[]}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEndpoints':[{}]}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'toPorts':[{'ports':[{'port':'80','protocol':'TCP'}]}]}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'toPorts':[{'ports':[{'port':'0','protocol':'ANY'}]}]}]}"}}, "reopened open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'toPorts':[{'ports':[{'port':'1','endPort':65535,'protocol':'TCP'}]}]}]}"}},
         "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'icmps':[{'fields':[{'type':8}]}]}]}"}}, "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['all'],'authentication':{'mode':'required'}}]}"}},
         "unresolved open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'egress':[{'toFQDNs':[{'matchName':'api.example.com'}]}]}"}}, "open isolated"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'egress':[{'toEntities':['cluster']},{'toFQDNs':[{'matchPattern':'*'}]}]}"}},
         "open unresolved"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromRequires':[{}]}]}"}}, "unresolved open"},
        // Denials.
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['all']}],'ingressDeny':[{'fromEntities':['all']}]}"}},
         "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['all']}],'ingressDeny':[{'fromEntities':['world']}]}"}},
         "isolated open"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['all']}],'ingressDeny':[{'fromCIDR':['203.0.113.0/24']}]}"}},
         "reopened open"},
        {{{k_cnp, "a", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['all']}]}"},
          {k_ccnp, "z", "'spec':{'endpointSelector':{},'enableDefaultDeny':{'ingress':false},'ingressDeny':[{'fromEntities':['all']}]}"}},
         "isolated open"},
        // With NetworkPolicies they add up.
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{}],'egress':[{}]}"}, {k_np, "n", k_np_open}}, "reopened reopened"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{'fromEntities':['all']}]}"}, {k_np, "n", k_np_closed}}, "reopened isolated"},
        {{{k_cnp, "p", "'spec':{'endpointSelector':{},'ingressDeny':[{'fromEntities':['all']}]}"}, {k_np, "n", k_np_open}}, "isolated reopened"},
        // What cannot be resolved does not matter where it cannot change the answer.
        {{{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'io.cilium.k8s.policy.cluster':'east'}},'ingress':[{}]}"},
          {k_np, "n", k_np_closed}},
         "isolated isolated"},
    });
}

TEST_CASE("Calico's policies isolate by their types", "[netpol][calico]")
{
    check({
        {{{k_calico, "p", "'spec':{}"}}, "isolated open"},
        {{{k_calico, "p", "'spec':{'selector':'all()','types':['Egress']}"}}, "open isolated"},
        {{{k_calico, "p", "'spec':{'egress':[{'action':'Deny'}]}"}}, "open isolated"},
        {{{k_calico, "p", "'spec':{'ingress':[{'action':'Deny'}],'egress':[{'action':'Deny'}]}"}}, "isolated isolated"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'egress':[{'action':'Deny'}]}"}}, "isolated open"},
        {{{k_global, "p", "'spec':{'namespaceSelector':'team == `red`','types':['Ingress','Egress']}"}}, "isolated isolated"},
        {{{k_global, "p", "'spec':{'namespaceSelector':'projectcalico.org/name == `bank`','types':['Ingress']}"}}, "open open"},
        {{{k_global, "p", "'spec':{'namespaceSelector':'global()','types':['Ingress']}"}}, "open open"},
        {{{k_global, "p", "'spec':{'selector':'projectcalico.org/namespace not in {`kube-system`}','types':['Ingress']}"}}, "isolated open"},
        {{{k_global, "p", "'spec':{'serviceAccountSelector':'role == `ci`','types':['Ingress']}"}}, "isolated open"},
        {{{k_global, "p", "'spec':{'serviceAccountSelector':'projectcalico.org/name == `default`','types':['Ingress']}"}}, "open open"},
        {{{k_global, "p", "'spec':{'selector':'app = `web`','types':['Ingress']}"}}, "unresolved open"},
        {{{k_global, "p", "'spec':{'preDNAT':true,'applyOnForward':true,'types':['Ingress']}"}}, "open open"},
        {{{k_global, "p", "'spec':{'doNotTrack':true,'applyOnForward':true,'types':['Ingress']}"}}, "open open"},
        {{{k_calico, "knp.default.n", "'spec':{'order':1000,'types':['Ingress'],'ingress':[{'action':'Allow'}]}"}, {k_np, "n", k_np_closed}},
         "isolated isolated"},
    });
}

TEST_CASE("Calico's rules act in the order of tiers, of policies and of their own", "[netpol][calico]")
{
    check({
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow'}]}"}}, "reopened open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Log'},{'action':'Deny'},{'action':'Allow'}]}"}}, "isolated open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Pass'},{'action':'Deny'}]}"}}, "reopened open"},
        {{{k_calico, "p",
           "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','protocol':'TCP'},{'action':'Allow','protocol':'UDP'},{'action':'Allow','"
           "protocol':132}]}"}},
         "reopened open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','protocol':'TCP'}]}"}}, "isolated open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','source':{'nets':['0.0.0.0/0']}}]}"}}, "reopened open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','source':{'nets':['0.0.0.0/0'],'notNets':['10.0.0.0/8']}}]}"}},
         "isolated open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','source':{'namespaceSelector':'all()'}}]}"}}, "isolated open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','source':{'selector':'all()'}}]}"}}, "isolated open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','destination':{'ports':[8080]},'protocol':'TCP'}]}"}},
         "isolated open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','http':{'methods':['GET']}}]}"}}, "unresolved open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','source':{'namespaceSelector':'global()'}}]}"}},
         "unresolved open"},
        {{{k_calico, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow','source':{'selector':'env ~ x'}}]}"}}, "isolated open"},
        // A NetworkPolicy stands at order 1000 of the default tier.
        {{{k_global, "p", "'spec':{'order':10,'types':['Ingress'],'ingress':[{'action':'Deny'}]}"}, {k_np, "n", k_np_open}}, "isolated reopened"},
        {{{k_global, "p", "'spec':{'order':2000,'types':['Ingress'],'ingress':[{'action':'Deny'}]}"}, {k_np, "n", k_np_open}}, "reopened reopened"},
        {{{k_global, "p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Deny'}]}"}, {k_np, "n", k_np_open}}, "reopened reopened"},
        {{{k_global, "p", "'spec':{'order':10,'types':['Ingress'],'ingress':[{'action':'Allow'}]}"}, {k_np, "n", k_np_closed}}, "reopened isolated"},
        {{{k_global, "p", "'spec':{'order':2000,'types':['Ingress'],'ingress':[{'action':'Allow'}]}"}, {k_np, "n", k_np_closed}},
         "reopened isolated"},
        {{{k_global, "b", "'spec':{'order':5,'types':['Ingress'],'ingress':[{'action':'Allow'}]}"},
          {k_global, "a", "'spec':{'order':5,'types':['Ingress'],'ingress':[{'action':'Deny'}]}"}},
         "isolated open"},
        // Tiers.
        {{{k_tier, "security", "'spec':{'order':100}"},
          {k_global, "security.p", "'spec':{'tier':'security','types':['Ingress'],'ingress':[{'action':'Pass'}]}"},
          {k_np, "n", k_np_closed}},
         "isolated isolated"},
        {{{k_tier, "security", "'spec':{'order':100}"},
          {k_global, "security.p", "'spec':{'tier':'security','types':['Ingress'],'ingress':[{'action':'Allow'}]}"},
          {k_np, "n", k_np_closed}},
         "reopened isolated"},
        {{{k_tier, "security", "'spec':{'order':100}"},
          {k_global, "security.p", "'spec':{'tier':'security','types':['Ingress'],'ingress':[{'action':'Allow','source':{'nets':['10.0.0.0/8']}}]}"},
          {k_np, "n", k_np_open}},
         "isolated reopened"},
        {{{k_tier, "security", "'spec':{'order':100,'defaultAction':'Pass'}"},
          {k_global, "security.p", "'spec':{'tier':'security','types':['Ingress'],'ingress':[{'action':'Allow','source':{'nets':['10.0.0.0/8']}}]}"},
          {k_np, "n", k_np_open}},
         "reopened reopened"},
        {{{k_global, "secret.p", "'spec':{'tier':'secret','types':['Ingress'],'ingress':[{'action':'Deny'}]}"}, {k_np, "n", k_np_open}},
         "unresolved reopened"},
        // The store's copy of what the API shows counts once.
        {{{k_global, "p", "'spec':{'types':['Ingress']}"}, {k_stored, "default.p", "'spec':{'types':['Ingress'],'ingress':[{'action':'Allow'}]}"}},
         "isolated open"},
    });
}

TEST_CASE("Antrea's rules act on what they name and close nothing besides", "[netpol][antrea]")
{
    check({
        {{{k_antrea, "p", "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Drop'}],'egress':[{'action':'Reject'}]}"}},
         "isolated isolated"},
        {{{k_antrea, "p", "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Allow','from':[{'podSelector':{}}]}]}"}},
         "open open"},
        {{{k_antrea, "p",
           "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Drop','from':[{'ipBlock':{'cidr':'10.0.0.0/8'}}]}]}"}},
         "open open"},
        {{{k_antrea, "p",
           "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'egress':[{'action':'Drop','to':[{'ipBlock':{'cidr':'0.0.0.0/0'}}]}]}"}},
         "open open"},
        {{{k_acnp, "p",
           "'spec':{'priority':5,'appliedTo':[{'namespaceSelector':{'matchLabels':{'team':'red'}}}],'ingress':[{'action':'Drop','from':[{'"
           "namespaceSelector':{}}]}]}"}},
         "isolated open"},
        {{{k_acnp, "p", "'spec':{'priority':5,'appliedTo':[{'namespaceSelector':{'matchLabels':{'team':'blue'}}}],'ingress':[{'action':'Drop'}]}"}},
         "open open"},
        {{{k_acnp, "p", "'spec':{'priority':5,'appliedTo':[{'group':'g'}],'ingress':[{'action':'Drop'}]}"}}, "unresolved open"},
        {{{k_acnp, "p", "'spec':{'priority':5,'ingress':[{'action':'Drop','appliedTo':[{'podSelector':{'matchLabels':{'app':'web'}}}]}]}"}},
         "isolated open"},
        {{{k_acnp, "p", "'spec':{'priority':5,'appliedTo':[{'serviceAccount':{'name':'runner','namespace':'shop'}}],'ingress':[{'action':'Drop'}]}"}},
         "isolated open"},
        // Tiers and priorities, before NetworkPolicies, and the baseline after them.
        {{{k_acnp, "a", "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Drop'}]}"}, {k_np, "n", k_np_open}},
         "isolated reopened"},
        {{{k_acnp, "a", "'spec':{'priority':5,'tier':'baseline','appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Drop'}]}"},
          {k_np, "n", k_np_open}},
         "reopened reopened"},
        {{{k_acnp, "a", "'spec':{'priority':5,'tier':'baseline','appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Drop'}]}"}}, "isolated open"},
        {{{k_acnp, "a", "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Drop'}]}"},
          {k_acnp, "b", "'spec':{'priority':9,'tier':'emergency','appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Allow'}]}"}},
         "reopened open"},
        {{{k_acnp, "a", "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Pass'},{'action':'Drop'}]}"},
          {k_np, "n", k_np_open}},
         "reopened reopened"},
        {{{k_acnp, "a", "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Drop'}]}"},
          {k_acnp, "b", "'spec':{'priority':5,'appliedTo':[{'podSelector':{}}],'ingress':[{'action':'Allow'}]}"}},
         "unresolved open"},
    });
}

TEST_CASE("policies of the Network Policy API stand before and after NetworkPolicies", "[netpol][network-policy-api]")
{
    constexpr const char* k_deny_all = "'spec':{'priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Deny','from':[{'namespaces':{}}]}],"
                                       "'egress':[{'action':'Deny','to':[{'namespaces':{}},{'networks':['0.0.0.0/0','::/0']}]}]}";
    check({
        {{{k_admin, "p", k_deny_all}}, "isolated isolated"},
        {{{k_admin, "p", k_deny_all}, {k_np, "n", k_np_open}}, "isolated isolated"},
        {{{k_baseline, "default", k_deny_all}}, "isolated isolated"},
        {{{k_baseline, "default", k_deny_all}, {k_np, "n", k_np_open}}, "reopened reopened"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Deny','from':[{'namespaces':{}}]}]}"}},
         "isolated open"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Baseline','priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Deny','from':[{'namespaces':{}}]}]}"},
          {k_np, "n", k_np_open}},
         "reopened reopened"},
        // Acceptance alone isolates nothing, and undoes what stands behind it.
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Accept','from':[{'namespaces':{'matchLabels':{'"
           "team':'red'}}}]}]}"}},
         "open open"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Accept','from':[{'namespaces':{}}]}]}"},
          {k_np, "n", k_np_closed}},
         "reopened isolated"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Pass','from':[{'namespaces':{}}]},{'action':'Deny',"
           "'from':[{'namespaces':{}}]}]}"}},
         "open open"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'egress':[{'action':'Deny','to':[{'networks':['0.0.0.0/0']}]}]}"}},
         "open open"},
        {{{k_cluster, "p", "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'egress':[{'action':'Deny','to':[{'namespaces':{}}]}]}"}},
         "open open"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Deny','from':[{'namespaces':{}}],'protocols':[{'"
           "tcp':{}},{'udp':{}},{'sctp':{}}]}]}"}},
         "isolated open"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'namespaces':{}},'ingress':[{'action':'Deny','from':[{'namespaces':{}}],'protocols':[{'"
           "tcp':{'destinationPort':{'number':80}}}]}]}"}},
         "open open"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'pods':{'namespaceSelector':{},'podSelector':{'matchLabels':{'app':'api'}}}},'ingress':[{'"
           "action':'Deny','from':[{'namespaces':{}}]}]}"}},
         "open open"},
        {{{k_cluster, "p",
           "'spec':{'tier':'Admin','priority':5,'subject':{'machines':{}},'ingress':[{'action':'Deny','from':[{'namespaces':{}}]}]}"}},
         "unresolved open"},
        {{{k_cluster, "a",
           "'spec':{'tier':'Admin','priority':9,'subject':{'namespaces':{}},'ingress':[{'action':'Deny','from':[{'namespaces':{}}]}]}"},
          {k_cluster, "z",
           "'spec':{'tier':'Admin','priority':1,'subject':{'namespaces':{}},'ingress':[{'action':'Accept','from':[{'namespaces':{}}]}]}"},
          {k_np, "n", k_np_closed}},
         "reopened isolated"},
    });
}

TEST_CASE("an egress firewall closes what is outside, in the order of its rules", "[netpol][ovn]")
{
    check({
        {{{k_firewall, "default", "'spec':{'egress':[{'type':'Deny','to':{'cidrSelector':'0.0.0.0/0'}}]}"}}, "open external_only"},
        {{{k_firewall, "default",
           "'spec':{'egress':[{'type':'Allow','to':{'dnsName':'example.com'}},{'type':'Deny','to':{'cidrSelector':'0.0.0.0/0'}}]}"}},
         "open external_only"},
        {{{k_firewall, "default",
           "'spec':{'egress':[{'type':'Allow','to':{'cidrSelector':'0.0.0.0/0'}},{'type':'Deny','to':{'cidrSelector':'0.0.0.0/0'}}]}"}},
         "open open"},
        {{{k_firewall, "default", "'spec':{'egress':[{'type':'Deny','to':{'cidrSelector':'203.0.113.0/24'}}]}"}}, "open open"},
        {{{k_firewall, "default", "'spec':{'egress':[{'type':'Deny','to':{'cidrSelector':'0.0.0.0/0'}}]}"}, {k_np, "n", k_np_closed}},
         "isolated isolated"},
    });
}

TEST_CASE("any pod of a namespace is closed by what selects each of them", "[netpol]")
{
    const auto closed = [](const std::vector<Object>& objects, const char* ns = "shop") {
        Cluster cluster{objects};
        return cluster.of_any_pod(ns);
    };
    CHECK(closed({{k_cnp, "p", "'spec':{'endpointSelector':{},'ingress':[{}]}"}}) == "isolated open");
    CHECK(closed({{k_cnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'app':'web'}},'ingress':[{}]}"}}) == "open open");
    CHECK(closed({{k_ccnp, "p", "'spec':{'endpointSelector':{},'ingress':[{}]}"}}, "bank") == "isolated open");
    CHECK(closed({{k_ccnp, "p", "'spec':{'endpointSelector':{'matchLabels':{'io.kubernetes.pod.namespace':'shop'}},'ingress':[{}]}"}}, "bank") ==
          "open open");
    CHECK(closed({{k_global, "p", "'spec':{'namespaceSelector':'team == `red`','types':['Egress']}"}}) == "open isolated");
    CHECK(closed({{k_global, "p", "'spec':{'serviceAccountSelector':'role == `ci`','types':['Egress']}"}}) == "open open");
    CHECK(closed({{k_global, "p", "'spec':{'selector':'has(','types':['Egress']}"}}) == "open unresolved");
    CHECK(closed({{k_acnp, "p", "'spec':{'priority':5,'appliedTo':[{'namespaceSelector':{}}],'ingress':[{'action':'Drop'}]}"}}) == "isolated open");
}

TEST_CASE("Cilium closes pods without a policy where it is told to", "[netpol][cilium]")
{
    Decoding decoding{plan_of_policies()};
    decoding.decode("configmaps", "{'metadata':{'name':'cilium-config','namespace':'kube-system'},'data':{'enable-policy':'always'}}");
    decoding.decode("pods", "{'metadata':{'name':'web','namespace':'shop'},'spec':{'nodeName':'n','containers':[{'name':'c','image':'c:1'}]},"
                            "'status':{'phase':'Running'}}");
    const model::Index index{decoding.inventory};
    const model::NetworkIsolation network{decoding.inventory, index};
    const auto& pod = decoding.inventory.pods.front();

    CHECK(network.of_pod(model::identity_of(pod.ns(), pod.labels(), pod.spec()), Direction::ingress) == Isolation::isolated);
    CHECK(network.of_any_pod("shop", Direction::egress) == Isolation::isolated);
}

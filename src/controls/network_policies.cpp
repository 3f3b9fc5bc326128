// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "control_list.hpp"
#include "load_balancers.hpp"
#include "names.hpp"
#include "open_policies.hpp"
#include "pod_isolation.hpp"
#include "pod_shapes.hpp"
#include "policy_enforcers.hpp"
#include "policy_reach.hpp"
#include "policy_rules.hpp"
#include "software.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::Fields;
using check::not_applicable;
using check::Parameter;
using check::pass;
using check::Scope;
using check::Severity;
using check::unknown;
using check::Verdict;
using check::warn;

/// Ingress controllers, node agents and CNI or CSI node plugins: software that has to live on the host's network.
constexpr std::string_view k_host_network_software =
    "ingress-nginx/controller, nginx/nginx-ingress, library/traefik, traefik/traefik, haproxytech/kubernetes-ingress, prometheus/node-exporter, "
    "prom/node-exporter, cilium/cilium, calico/node, antrea/antrea-*, flannel/flannel, flannel-io/flannel, amazon-k8s-cni, metallb/speaker, "
    "sig-storage/csi-node-driver-registrar";

Verdict judge_hostnetwork_bypass(const model::Namespace& ns, const Context& context)
{
    const auto& allowed = context.parameters.list("allowWorkloads");
    NameList bypassing;
    bool others = false;
    for (const auto* pod : context.index.active_pods_in(ns.meta.name)) {
        const auto* root = context.index.root_of(*pod);
        if (pod->spec() == nullptr || root == nullptr || names_workload(allowed, *root) || has_image(*root, k_host_network_software)) continue;
        if (pod->spec()->host_network)
            bypassing.add(fmt::format("{}/{}", root->kind.view(), root->name.view()));
        else
            others = true;
    }
    if (!bypassing.empty())
        return warn(fmt::format("Pods on the host's network bypass every network policy: {}", bypassing.text()))
            .with("workloads", bypassing.values());
    if (!others) return not_applicable("No active pods to judge");
    return pass("No active pod uses the host's network");
}

Verdict judge_external_ips(const model::Service& service, const Context& context)
{
    const auto& allowed = context.parameters.list("allowedExternalIPs");
    NameList refused;
    for (const auto& address : service.external_ips)
        if (!glob_match_any(allowed, address)) refused.add(address.str());
    if (!refused.empty())
        return fail(fmt::format("The Service claims traffic for external IPs that nobody approved: {}", refused.text()))
            .with("externalIPs", refused.values());
    return pass(service.external_ips.empty() ? "The Service has no external IPs" : "All its external IPs are approved").proven();
}

constexpr std::string_view k_policy_lists = "NP+CN, pods, WL, namespaces, serviceaccounts, configmap:kube-system/cilium-config";
constexpr std::string_view k_default_deny_lists =
    "NP+CN, namespaces, pods, serviceaccounts, configmap:kube-system/cilium-config, tenants.capsule.clastix.io";

constexpr std::array k_egress_parameters{
    Parameter{"requireEgress", Parameter::Type::flag, "true", "Judge egress at all."},
    Parameter{"exemptWorkloads", Parameter::Type::list, "[]", "Workloads that need wide egress, such as operators and CI runners."},
};
constexpr std::array k_deny_ingress_parameters{
    Parameter{"includeEmpty", Parameter::Type::flag, "false", "Judge namespaces without pods too."},
};
constexpr std::array k_deny_egress_parameters{
    Parameter{"required", Parameter::Type::flag, "true", "Ask for a default deny of egress at all."},
    Parameter{"includeEmpty", Parameter::Type::flag, "false", "Judge namespaces without pods too."},
};
constexpr std::array k_hostnetwork_parameters{
    Parameter{"allowWorkloads", Parameter::Type::list, "[]", "Workloads that need the host's network, such as node agents and ingress controllers."},
};
constexpr std::array k_load_balancer_parameters{
    Parameter{"ports", Parameter::Type::list,
              "['1433', '1521', '2379', '3306', '5432', '5672', '5984', '6379', '8086', '9000', '9042', '9092', '9200', '11211', '27017']",
              "Ports of databases."},
};
constexpr std::array k_external_ip_parameters{
    Parameter{"allowedExternalIPs", Parameter::Type::list, "[]", "Addresses that Services may claim; `*` stands for any characters."},
};

constexpr std::array k_enforcer_fields{
    Fields{"networks.config.openshift.io", "status.networkType"},
};

/// What policies are read from, and what else a check reads.
template <std::size_t Size>
constexpr auto with_policy_fields(const Fields (&fields)[Size])
{
    std::array<Fields, Size + std::size(k_isolation_fields)> both;
    std::ranges::copy(k_isolation_fields, std::ranges::copy(fields, both.begin()).out);
    return both;
}
constexpr auto k_store_fields = with_policy_fields(k_exposure_fields);
constexpr auto k_open_fields = with_policy_fields(k_route_fields);
constexpr auto k_guardrail_fields = with_policy_fields(k_baseline_fields);

constexpr std::array k_cross_parameters{
    Parameter{"sharedNamespaces", Parameter::Type::list, "[kube-system, monitoring, ingress-nginx, istio-system]",
              "Namespaces that serve all others."},
    Parameter{"sharedPorts", Parameter::Type::list, "[53, 9153]", "Ports that everybody may reach."},
};
constexpr std::array k_store_parameters{
    Parameter{"ports", Parameter::Type::list, "[1433, 1521, 2379, 3306, 5432, 5672, 5984, 6379, 8086, 9000, 9042, 9092, 9200, 11211, 27017]",
              "Ports that data stores listen on."},
};
constexpr std::array k_dangling_parameters{
    Parameter{"grace", Parameter::Type::duration, "24h", "How long a policy may wait for its pods."},
    Parameter{"requirePolicies", Parameter::Type::list, "[]", "Namespaces where a policy without pods fails, exactly or with `*`."},
};
constexpr std::array k_baseline_parameters{
    Parameter{"nsThreshold", Parameter::Type::number, "10", "With more namespaces than these a policy for the whole cluster is asked for."},
};

constexpr std::array k_checks{
    Check{
        .id = "netpol-cross-namespace-open",
        .title = "Policy admits every namespace",
        .scope = Scope::network_policy,
        .severity = Severity::medium,
        .needs = "networkpolicies.networking.k8s.io,namespaces,tenants.capsule.clastix.io",
        .grants = "NP,NS,+CA",
        .parameters = k_cross_parameters,
        .rationale = "One compromised pod anywhere reaches what such a policy lets in.",
        .rule =
            "warn: a rule lets the pods of every namespace in (namespaceSelector {}); fail where Capsule tenants exist, and there also a label that "
            "tenants may set themselves. pass: named sources; ports of `sharedPorts` alone; `sharedNamespaces`. not_applicable: no source is named.",
        .remediation = "Choose namespaces by their name:\n  from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: monitoring}}}]",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name",
        .judge_network_policy = judge_cross_namespace,
    },
    Check{
        .id = "netpol-datastore-exposed",
        .title = "Database reachable from the whole cluster",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "NP+CN,serviceaccounts,namespaces,configmap:kube-system/"
                 "cilium-config,WL,services,ingresses.networking.k8s.io,gateways.gateway.networking.k8s.io,"
                 "httproutes.gateway.networking.k8s.io,grpcroutes.gateway.networking.k8s.io,virtualservices.networking.istio.io,"
                 "ingressroutes.traefik.io,httpproxies.projectcontour.io,routes.route.openshift.io,services.serving.knative.dev,"
                 "pods",
        .grants = "NP,CN,WL,SV,NS,+RT,+PO,+SA,+CM",
        .fields = k_store_fields,
        .parameters = k_store_parameters,
        .rationale = "The database is where an intruder wants to get: one hop from any pod is too near.",
        .rule = "For workloads that an image or label calls a data store and that listen on one of `ports`. fail: not isolated, or a rule for that "
                "port lets every namespace or address in. warn: the whole namespace may connect, and something there is reachable from outside. "
                "pass: named sources. unknown: what a policy says of it cannot be resolved. not_applicable: no data store.",
        .remediation = "Allow the label of the workload that uses it, on the port:\n  ingress: [{from: [{podSelector: {matchLabels: {app: api}}}], "
                       "ports: [{port: 5432}]}]",
        .limits = "Operators, exporters, clients and backups share the words and are left out.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        .judge_workload = judge_datastore,
    },
    Check{
        .id = "netpol-selector-dangling",
        .title = "Policy or peer selects nothing",
        .scope = Scope::network_policy,
        .severity = Severity::low,
        .needs = "networkpolicies.networking.k8s.io,pods,WL,namespaces,rollouts.argoproj.io,services.serving.knative.dev",
        .grants = "NP,PO,WL,NS,+CD,+RT",
        .fields = k_template_fields,
        .parameters = k_dangling_parameters,
        .rationale = "A policy that selects nothing looks like protection in the repository and is none.",
        .rule = "warn: a selector matches no pod and no template of the namespace, after `grace`; fail in `requirePolicies`. pass: it matches. "
                "not_applicable: the empty selector, which is meaningful in an empty namespace.",
        .remediation = "Correct the labels, or delete the policy.",
        .limits = "Only NetworkPolicies are judged.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        .run = judge_dangling_selectors,
    },
    Check{
        .id = "netpol-peer-dangling",
        .title = "Policy or peer selects nothing",
        .scope = Scope::network_policy,
        .severity = Severity::low,
        .needs = "networkpolicies.networking.k8s.io,pods,WL,namespaces,rollouts.argoproj.io,services.serving.knative.dev",
        .grants = "NP,PO,WL,NS,+CD,+RT",
        .fields = k_template_fields,
        .parameters = k_dangling_parameters,
        .rationale = "A peer that is nobody is a typing mistake: those who were meant are locked out, or somebody else will get the label.",
        .rule = "warn: a peer of a rule matches no namespace, or no pod and no template in them, after `grace`; fail in `requirePolicies`. pass: "
                "every peer is somebody. not_applicable: no peer names pods or namespaces.",
        .remediation = "Correct the labels; a namespace is chosen by kubernetes.io/metadata.name.",
        .limits = "Charts ship peers for optional parts.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/",
        .run = judge_dangling_peers,
    },
    Check{
        .id = "netpol-egress-dns",
        .title = "Egress is locked down but DNS is not allowed",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "NP+CN,services,endpointslices.discovery.k8s.io,WL,serviceaccounts,namespaces,configmap:kube-system/cilium-config,pods",
        .grants = "NP,SV,WL,CN,NS,+PO,+SA,+CM",
        .fields = k_isolation_fields,
        .rationale = "Nothing works without names, and people then open egress altogether.",
        .rule = "warn: its egress is restricted, and no rule lets it ask the pods of the cluster's DNS, or NodeLocal DNS, by UDP and TCP. pass: one "
                "does. unknown: rules that cannot be resolved, or no DNS Service. not_applicable: not restricted; dnsPolicy Default or None.",
        .remediation = "egress: [{to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: "
                       "{k8s-app: kube-dns}}}], ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}]",
        .limits = "Policies see the port that DNS pods listen on, not the Service port: OpenShift uses 5353.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic",
        .judge_workload = judge_dns,
    },
    Check{
        .id = "netpol-egress-metadata",
        .title = "Pod can reach the cloud metadata service",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "NP+CN,serviceaccounts,namespaces,configmap:kube-system/cilium-config,nodes,pods,WL",
        .grants = "NP,CN,NO,PO,WL,NS,+SA,+CM",
        .fields = k_isolation_fields,
        .rationale = "The metadata service hands out the node's credentials to whoever asks from the node.",
        .rule =
            "On nodes of AWS, Google Cloud, Azure or OpenStack. warn: egress is not restricted, or a rule lets TCP port 80 of 169.254.169.254 "
            "through. pass: none does. unknown: rules that name services or DNS names. not_applicable: other nodes, host-network pods, GKE with its "
            "metadata server.",
        .remediation = "egress: [{to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.169.254/32]}}]}]",
        .limits = "A hop limit of 1 or workload identity may block it already and is not visible: never a failure.",
        .references = "https://kubernetes.io/docs/concepts/security/security-checklist/#network-security",
        .judge_workload = judge_metadata_service,
    },
    Check{
        .id = "netpol-cluster-baseline",
        .title = "No cluster-wide guardrail policy",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "namespaces,clusternetworkpolicies.policy.networking.k8s.io,adminnetworkpolicies.policy.networking.k8s.io,"
                 "baselineadminnetworkpolicies.policy.networking.k8s.io,ciliumnetworkpolicies.cilium.io,"
                 "ciliumclusterwidenetworkpolicies.cilium.io,networkpolicies.projectcalico.org,"
                 "globalnetworkpolicies.projectcalico.org,networkpolicies.crd.projectcalico.org,"
                 "globalnetworkpolicies.crd.projectcalico.org,tiers.projectcalico.org,tiers.crd.projectcalico.org,"
                 "networkpolicies.crd.antrea.io,clusternetworkpolicies.crd.antrea.io,tiers.crd.antrea.io,"
                 "egressfirewalls.k8s.ovn.org,clusterpolicies.kyverno.io,tenants.capsule.clastix.io,"
                 "tenantresources.capsule.clastix.io,globaltenantresources.capsule.clastix.io",
        .grants = "NS,CN,KY,CA",
        .fields = k_guardrail_fields,
        .parameters = k_baseline_parameters,
        .rationale = "With many namespaces somebody forgets one; a policy for all of them does not.",
        .rule = "pass: a cluster-wide policy for the pods of every namespace that a CNI has accepted, such a policy of Cilium, Calico or Antrea, or "
                "Kyverno or Capsule "
                "making network policies. warn: none with more than `nsThreshold` namespaces, or one that nobody accepted. not_applicable: fewer.",
        .remediation = "Deny by default in the lowest tier and let namespaces open what they need:\n  kind: ClusterNetworkPolicy\n  spec: {tier: "
                       "Baseline, priority: 1000, subject: {namespaces: {}}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}",
        .references = "https://network-policy-api.sigs.k8s.io/",
        .judge_cluster = judge_cluster_baseline,
    },
    Check{
        .id = "netpol-pod-ingress",
        .title = "Pods accept traffic from every pod in the cluster",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = k_policy_lists,
        .grants = "NP,CN,PO,WL,NS,+SA,+CM",
        .fields = k_isolation_fields,
        .rationale = "A pod that no policy isolates can be reached from any compromised pod in the cluster.",
        .rule = "pass: every pod of the workload is isolated for ingress. warn: only some are. fail: none is, or policies that allow everything, one "
                "alone or several together, undo the isolation. not_applicable: host-network pods.",
        .remediation = "Deny by default and allow by name:\n"
                       "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: default-deny-ingress}\n"
                       "spec: {podSelector: {}, policyTypes: [Ingress]}",
        .limits =
            "Where the CNI certainly enforces nothing (netpol-cni-enforces), a pass here is a warning. Policies of the Network Policy API, Cilium, "
            "Calico, "
            "Antrea and OVN-Kubernetes are evaluated in their order; unknown where one says what is not visible here: groups of Antrea, network "
            "sets, the names of clusters in a mesh, expressions that do not parse. Calico's selectors are taken for pods, not for network sets with "
            "the same labels. Cilium's enable-policy: always is seen with the grant CM.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/, CIS 5.3.2",
        .judge_workload = judge_pod_ingress,
    },
    Check{
        .id = "netpol-pod-egress",
        .title = "Pods may open connections anywhere",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = k_policy_lists,
        .grants = "NP,CN,PO,WL,NS,+SA,+CM",
        .fields = k_isolation_fields,
        .parameters = k_egress_parameters,
        .rationale = "An intruder in a pod with free egress can fetch tools, send data out and reach every other system.",
        .rule = "pass: every pod of the workload is isolated for egress. warn: only some are, or only traffic that leaves the cluster is filtered. "
                "fail: none is, or rules that allow everything, one alone or several together, undo it. not_applicable: host-network pods, exempt "
                "workloads.",
        .remediation = "Deny egress by default, then allow DNS and the destinations that are needed:\n"
                       "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: default-deny-egress}\n"
                       "spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{namespaceSelector: {matchLabels: "
                       "{kubernetes.io/metadata.name: kube-system}}}], ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]}]}",
        .limits = "A policy without policyTypes and without egress rules does not isolate egress. Of other APIs than NetworkPolicy, see "
                  "netpol-pod-ingress.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/, CIS 5.3.2",
        .judge_workload = judge_pod_egress,
    },
    Check{
        .id = "netpol-ns-default-deny-ingress",
        .title = "Namespace has no default-deny for ingress",
        .scope = Scope::namespace_,
        .severity = Severity::high,
        .needs = k_default_deny_lists,
        .grants = "NP,CN,NS,PO,+CA,+SA,+CM",
        .fields = k_isolation_fields,
        .parameters = k_deny_ingress_parameters,
        .rationale = "Policies that name their pods leave the next Deployment open; a policy that selects every pod covers it from its first second.",
        .rule = "pass: a policy that selects every pod isolates ingress and none that select every pod allow everything. warn: every present pod is "
                "isolated, a new one would not be, or only the baseline tier of the Network Policy API denies. fail: otherwise. not_applicable: no "
                "pod off the host's network, or the namespace is being deleted.",
        .remediation = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: default-deny-ingress}\n"
                       "spec: {podSelector: {}, policyTypes: [Ingress]}",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-ingress-traffic, CIS 5.3.2",
        .judge_namespace = judge_default_deny_ingress,
    },
    Check{
        .id = "netpol-ns-default-deny-egress",
        .title = "Namespace has no default-deny for egress",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = k_default_deny_lists,
        .grants = "NP,CN,NS,PO,+CA,+SA,+CM",
        .fields = k_isolation_fields,
        .parameters = k_deny_egress_parameters,
        .rationale = "Without a default deny every new pod can reach the internet and all other systems.",
        .rule =
            "pass: a policy that selects every pod isolates egress and none that select every pod allow everything. warn: every present pod is "
            "isolated, a new one would not be, or only external egress is denied. fail: otherwise. not_applicable: as for ingress, or not required.",
        .remediation = "Select every pod with policyTypes [Egress] and allow DNS in the same policy, or nothing resolves:\n"
                       "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: default-deny-egress}\n"
                       "spec: {podSelector: {}, policyTypes: [Egress]}",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-deny-all-egress-traffic, CIS 5.3.2",
        .judge_namespace = judge_default_deny_egress,
    },
    Check{
        .id = "netpol-cni-enforces",
        .title = "The CNI does not enforce NetworkPolicy",
        .scope = Scope::cluster,
        .severity = Severity::high,
        .needs =
            "WL, nodes, networkpolicies.networking.k8s.io, clusternetworkpolicies.policy.networking.k8s.io, "
            "adminnetworkpolicies.policy.networking.k8s.io, baselineadminnetworkpolicies.policy.networking.k8s.io, ciliumnetworkpolicies.cilium.io, "
            "ciliumclusterwidenetworkpolicies.cilium.io, networkpolicies.projectcalico.org, globalnetworkpolicies.projectcalico.org, "
            "networkpolicies.crd.projectcalico.org, globalnetworkpolicies.crd.projectcalico.org, networkpolicies.crd.antrea.io, "
            "clusternetworkpolicies.crd.antrea.io, egressfirewalls.k8s.ovn.org, installations.operator.tigera.io, networks.config.openshift.io, "
            "configmap:kube-system/cilium-config, configmap:kube-system/amazon-vpc-cni",
        .grants = "WL,NO,NP,CN,OX,+CM",
        .fields = k_enforcer_fields,
        .rationale = "A policy that nothing enforces looks like a locked door. The API server takes it, kubectl shows it, and every packet passes.",
        .rule = "pass: a known enforcer is ready on 95 % of the nodes, k3s without --disable-network-policy, OpenShift's own networks, or EKS Auto "
                "Mode with its "
                "switch. warn: ready on fewer, or there are Windows nodes. fail (critical where there are policies): the enforcer is switched off, "
                "flannel or the "
                "Amazon VPC CNI alone, AKS or GKE without an enforcer. unknown: nothing is recognised, an old kindnet, or the ConfigMap that decides "
                "was not read.",
        .remediation =
            "Switch on the policy engine of your CNI (EKS: the VPC CNI's network policy agent; AKS: --network-policy; GKE: Dataplane V2), or install "
            "Calico or Cilium.",
        .limits =
            "Enforcers are recognised by their images; a CNI that runs outside pods is not seen. Several enforcers at once are judged by the widest.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites, CIS 5.3.1",
        .judge_cluster = judge_policy_enforcement,
    },
    Check{
        .id = "netpol-allow-all-rule",
        .title = "A policy allows all sources or destinations",
        .scope = Scope::network_policy,
        .severity = Severity::high,
        .needs =
            "NP+CN, services, ingresses.networking.k8s.io, pods, gateways.gateway.networking.k8s.io, httproutes.gateway.networking.k8s.io, "
            "grpcroutes.gateway.networking.k8s.io, virtualservices.networking.istio.io, ingressroutes.traefik.io, httpproxies.projectcontour.io, "
            "routes.route.openshift.io, services.serving.knative.dev",
        .grants = "NP,CN,SV,PO,+RT",
        .subjects = "networkpolicies.networking.k8s.io, ciliumnetworkpolicies.cilium.io, ciliumclusterwidenetworkpolicies.cilium.io, "
                    "networkpolicies.projectcalico.org, globalnetworkpolicies.projectcalico.org, networkpolicies.crd.projectcalico.org, "
                    "globalnetworkpolicies.crd.projectcalico.org",
        .fields = k_open_fields,
        .rationale = "Policies add up: one rule that allows everybody takes every other policy of those pods out of force.",
        .rule = "fail: an ingress rule without peers and ports (or of every port and every address, in one block or several) on every pod of the "
                "namespace. warn: on "
                "selected "
                "pods, unless all of them are behind a LoadBalancer, an Ingress or a route, or are an ingress controller; such an egress rule, or "
                "one whose "
                "exceptions leave private networks or 169.254.0.0/16 in. pass: none of these. The same of Cilium's entity `all` and Calico's Allow "
                "without a source.",
        .remediation = "Name the peers and ports that are used:\n"
                       "  ingress: [{from: [{podSelector: {matchLabels: {app: web}}}], ports: [{port: 8080}]}]",
        .limits =
            "Of other APIs, policies of Cilium and Calico are judged. Virtual services, IngressRoutes and HTTPProxies are no proof of exposure.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#allow-all-ingress-traffic",
        .judge_network_policy = judge_open_policy,
        .judge_document = judge_open_document,
    },
    Check{
        .id = "netpol-hostnetwork-bypass",
        .title = "Host-network pods bypass NetworkPolicy",
        .scope = Scope::namespace_,
        .severity = Severity::medium,
        .needs = "pods",
        .grants = "PO",
        .parameters = k_hostnetwork_parameters,
        .rationale = "A pod on the host's network is reached and sends as the node: policies neither select it nor recognise it as a peer.",
        .rule = "warn: an active pod uses the host's network. pass: none does. not_applicable: no active pods besides allowed workloads.",
        .remediation = "Remove hostNetwork from the pod template, or filter on the node and allow the node's address with an ipBlock.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/network-policies/#networkpolicy-and-hostnetwork-pods",
        .judge_namespace = judge_hostnetwork_bypass,
    },
    Check{
        .id = "svc-lb-source-ranges",
        .title = "Internet load balancer without source restriction",
        .scope = Scope::service,
        .severity = Severity::medium,
        .needs = "services",
        .grants = "SV",
        .parameters = k_load_balancer_parameters,
        .rationale = "A load balancer that takes connections from everywhere puts the Service in front of every scanner of the internet.",
        .rule = "fail: no source ranges, or one of every address (0.0.0.0/0, ::/0), on a port of `ports` or of administration (22, 3389, 6443, "
                "10250), by port or target "
                "port. warn: "
                "on other ports. pass: source ranges, or an internal load balancer (annotation, or only private addresses). not_applicable: other "
                "types, no "
                "load balancer yet, and ingress controllers and gateways on 80 and 443.",
        .remediation = "spec: {loadBalancerSourceRanges: [192.0.2.0/24]}, or make the load balancer internal by your provider's annotation.",
        .limits = "Some cloud controllers ignore source ranges.",
        .references = "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer",
        .judge_service = judge_load_balancer,
    },
    Check{
        .id = "svc-external-ips",
        .title = "Service uses externalIPs (CVE-2020-8554)",
        .scope = Scope::service,
        .severity = Severity::high,
        .needs = "services",
        .grants = "SV",
        .parameters = k_external_ip_parameters,
        .rationale = "Whoever may create a Service can claim any address with externalIPs and receive the traffic that other pods send there.",
        .rule = "fail: an external IP is not in allowedExternalIPs. pass: none, or all are.",
        .remediation = "Remove spec.externalIPs (use a LoadBalancer or an Ingress) and refuse new ones: add DenyServiceExternalIPs to "
                       "--enable-admission-plugins.",
        .limits = "Some bare-metal load balancers use externalIPs on purpose: allow their addresses.",
        .references = "https://github.com/kubernetes/kubernetes/issues/97076, CIS 1.2.3",
        .judge_service = judge_external_ips,
    },
};

} // namespace

constinit const check::Control k_network_policies{
    .id = "network-policies",
    .step = 9,
    .title = "Network policies",
    .summary = "By default every pod reaches every other. Policies that deny by default and allow by name keep an intruder where he got in.",
    .checks = k_checks,
    .premise = presume_enforcement,
    .premise_check = "netpol-cni-enforces",
};

} // namespace seaworthy::controls

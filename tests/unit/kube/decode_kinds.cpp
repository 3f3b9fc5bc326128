// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "unit/kube/decode_fixture.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
using model::WorkloadKind;

namespace {

constexpr std::string_view k_template = "'template':{'metadata':{'labels':{'app':'a'}},'spec':{'containers':[{'name':'c','image':'i'}]}}";

std::string owned_by(std::string_view api_version, std::string_view kind)
{
    return fmt::format("'metadata':{{'name':'o','namespace':'n','ownerReferences':[{{'apiVersion':'x/v1','kind':'Other','name':'y','uid':'0'}},"
                       "{{'apiVersion':'{}','kind':'{}','name':'top','uid':'7','controller':true}}]}}",
                       api_version, kind);
}

} // namespace

TEST_CASE("a Deployment is read with its status", "[decode]")
{
    Decoding decoding;

    decoding.decode(
        "deployments.apps",
        fmt::format("{{'metadata':{{'name':'d','namespace':'n','uid':'u','generation':3,'creationTimestamp':'2026-11-01T00:00:00Z',"
                    "'annotations':{{'kubectl.kubernetes.io/last-applied-configuration':'{{}}','a':'b'}}}},'spec':{{'replicas':2,'paused':true,"
                    "'selector':{{'matchLabels':{{'app':'a'}},'matchExpressions':[{{'key':'t','operator':'NotIn','values':['x']}}]}},"
                    "'strategy':{{'type':'RollingUpdate','rollingUpdate':{{'maxSurge':'25%','maxUnavailable':0}}}},{}}},"
                    "'status':{{'observedGeneration':3,'readyReplicas':1,'availableReplicas':1,'updatedReplicas':2,"
                    "'conditions':[{{'type':'Available','status':'False','lastTransitionTime':'2026-11-02T00:00:00Z'}}]}}}}",
                    k_template));

    REQUIRE(decoding.inventory.workloads.size() == 1);
    const auto& workload = decoding.inventory.workloads[0];
    CHECK(workload.kind == WorkloadKind::deployment);
    CHECK(workload.meta.generation == 3);
    CHECK(workload.meta.annotations.size() == 1);
    CHECK(workload.replicas == 2);
    CHECK(workload.paused);
    CHECK(workload.selector.present);
    CHECK(workload.selector.match_expressions[0].op == model::SelectorRequirement::Operator::not_in);
    CHECK(workload.max_surge == "25%");
    CHECK(workload.max_unavailable == "0");
    CHECK(workload.pod_template.labels.is("app", "a"));
    CHECK(workload.pod_template.spec->containers[0].image == "i");
    CHECK(workload.ready_replicas == 1);
    CHECK(workload.conditions[0].type == "Available");
    CHECK(workload.has_status);
}

TEST_CASE("who wrote a workload is read, not what they wrote", "[decode]")
{
    Decoding decoding;

    decoding.decode(
        "deployments.apps",
        fmt::format(
            "{{'metadata':{{'name':'d','namespace':'n','annotations':{{'kubectl.kubernetes.io/last-applied-configuration':'x'}},'managedFields':["
            "{{'manager':'kubectl-edit','operation':'Update','time':'2026-11-01T00:00:00Z','fieldsV1':{{'f:spec':{{'f:replicas':{{}}}}}}}},"
            "{{'manager':'kubectl-rollout','operation':'Update','fieldsV1':{{'f:spec':{{'f:template':{{'f:metadata':{{'f:annotations':{{'.':{{}},"
            "'f:kubectl.kubernetes.io/restartedAt':{{}}}}}}}}}}}}}},"
            "{{'manager':'kube-controller-manager','operation':'Update','subresource':'status','fieldsV1':{{'f:status':{{}}}}}}]}},"
            "'spec':{{{}}}}}",
            k_template));

    REQUIRE(decoding.inventory.workloads.size() == 1);
    const auto& workload = decoding.inventory.workloads[0];
    CHECK(workload.applied);
    REQUIRE(workload.managers.size() == 3);
    CHECK(workload.managers[0].manager == "kubectl-edit");
    CHECK(workload.managers[0].time == parse_rfc3339("2026-11-01T00:00:00Z"));
    CHECK(workload.managers[0].owns_spec);
    CHECK_FALSE(workload.managers[1].owns_spec);
    CHECK(workload.managers[2].subresource == "status");
    CHECK(workload.meta.annotations.empty());
}

TEST_CASE("controllers that built-in workloads own are links of a chain", "[decode]")
{
    Decoding decoding;

    decoding.decode("replicasets.apps", fmt::format("{{{},'spec':{{'replicas':0,{}}}}}", owned_by("apps/v1", "Deployment"), k_template));
    decoding.decode("jobs.batch", fmt::format("{{{},'spec':{{{}}},'status':{{'conditions':[{{'type':'Failed','status':'True'}}]}}}}",
                                              owned_by("batch/v1", "CronJob"), k_template));
    decoding.decode("replicasets.apps", fmt::format("{{'spec':{{{}}},{}}}", k_template, owned_by("argoproj.io/v1alpha1", "Rollout")));
    decoding.decode("replicasets.apps", fmt::format("{{{},'spec':{{{}}}}}", owned_by("example.com/v1", "Deployment"), k_template));
    decoding.decode("jobs.batch", fmt::format("{{{},'spec':{{{}}}}}", owned_by("argoproj.io/v1alpha1", "Workflow"), k_template));
    decoding.decode("replicationcontrollers",
                    fmt::format("{{{},'spec':{{'selector':{{'a':'b'}},{}}}}}", owned_by("apps.openshift.io/v1", "DeploymentConfig"), k_template));

    REQUIRE(decoding.inventory.owned_controllers.size() == 2);
    CHECK(decoding.inventory.owned_controllers[0].replicas == 0);
    CHECK(decoding.inventory.owned_controllers[0].meta.controller->name == "top");
    CHECK(decoding.inventory.owned_controllers[1].finished);
    const auto& workloads = decoding.inventory.workloads;
    REQUIRE(workloads.size() == 4);
    CHECK(workloads[0].pod_template.spec == nullptr); // an old revision's template would be judged otherwise
    CHECK(workloads[1].meta.controller->api_version == "example.com/v1");
    CHECK(workloads[2].pod_template.spec != nullptr);
    CHECK(workloads[3].selector.match_labels.is("a", "b"));
}

TEST_CASE("a CronJob has its job's template, a DaemonSet its own counts", "[decode]")
{
    Decoding decoding;

    decoding.decode(
        "cronjobs.batch",
        fmt::format("{{'metadata':{{'name':'c','namespace':'n'}},'spec':{{'suspend':true,'jobTemplate':{{'spec':{{{}}}}}}}}}", k_template));
    decoding.decode(
        "daemonsets.apps",
        fmt::format(
            "{{'metadata':{{'name':'d','namespace':'n'}},'spec':{{'updateStrategy':{{'type':'OnDelete'}},{}}},'status':{{'desiredNumberScheduled':3,"
            "'numberReady':2,'numberAvailable':1,'updatedNumberScheduled':3}}}}",
            k_template));

    CHECK(decoding.inventory.workloads[0].suspended);
    CHECK(decoding.inventory.workloads[0].pod_template.spec->containers.size() == 1);
    CHECK(decoding.inventory.workloads[1].desired_scheduled == 3);
    CHECK(decoding.inventory.workloads[1].ready_replicas == 2);
    CHECK(decoding.inventory.workloads[1].strategy == "OnDelete");
    CHECK_FALSE(decoding.inventory.workloads[1].replicas.has_value());
}

TEST_CASE("a NetworkPolicy's types default as the API server's do", "[decode]")
{
    Decoding decoding;
    const auto policy = [&](std::string_view spec) -> const model::NetworkPolicy& {
        REQUIRE(decoding.decode("networkpolicies.networking.k8s.io", fmt::format("{{'metadata':{{'name':'p','namespace':'n'}},'spec':{}}}", spec)) ==
                Outcome::kept);
        return decoding.inventory.network_policies.back();
    };

    CHECK(policy("{'podSelector':{}}").affects_ingress);
    CHECK_FALSE(policy("{'podSelector':{},'egress':[]}").affects_egress);
    CHECK(policy("{'podSelector':{},'egress':[{}]}").affects_egress);
    CHECK_FALSE(policy("{'podSelector':{},'policyTypes':['Egress']}").affects_ingress);
    CHECK(policy("{}").pod_selector.present);
    const auto& full = policy("{'podSelector':{},'ingress':[{'from':[{'podSelector':{}},{'ipBlock':{'cidr':'10.0.0.0/8','except':['10.1.0.0/"
                              "16']}}],'ports':[{'port':'http',"
                              "'protocol':'TCP'},{'port':80,'endPort':90}]},{}]}");
    REQUIRE(full.ingress.size() == 2);
    CHECK(full.ingress[0].peers[0].pod_selector.present);
    CHECK_FALSE(full.ingress[0].peers[0].namespace_selector.present);
    CHECK(full.ingress[0].peers[1].except[0] == "10.1.0.0/16");
    CHECK(full.ingress[0].ports[0].port == "http");
    CHECK(full.ingress[0].ports[1].port == "80");
    CHECK(full.ingress[0].ports[1].end_port == 90);
    CHECK(full.ingress[1].allows_all());
}

TEST_CASE("roles and bindings are read, cluster-scoped ones without a namespace", "[decode]")
{
    Decoding decoding;

    decoding.decode("clusterroles.rbac.authorization.k8s.io",
                    "{'metadata':{'name':'r','namespace':'odd'},'rules':[{'verbs':['*'],'apiGroups':[''],'resources':['pods'],'resourceNames':['x']},"
                    "{'nonResourceURLs':['/metrics'],'verbs':['get']}],'aggregationRule':{'clusterRoleSelectors':[{'matchLabels':{'a':'b'}}]}}");
    decoding.decode("rolebindings.rbac.authorization.k8s.io",
                    "{'metadata':{'name':'b','namespace':'n'},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':[{'kind':'ServiceAccount',"
                    "'name':'sa','namespace':'m'},{'kind':'Group','name':'g','namespace':'odd'},{'kind':'Robot','name':'x'}]}");
    decoding.decode("clusterrolebindings.rbac.authorization.k8s.io",
                    "{'metadata':{'name':'c'},'roleRef':{'kind':'ClusterRole','name':'r'},'subjects':null}");

    CHECK(decoding.inventory.roles[0].is_cluster_role());
    CHECK(decoding.inventory.roles[0].rules.size() == 2);
    CHECK(decoding.inventory.roles[0].rules[0].api_groups[0].view().empty());
    CHECK(decoding.inventory.roles[0].rules[0].api_groups.size() == 1);
    CHECK(decoding.inventory.roles[0].aggregation[0].match_labels.is("a", "b"));
    const auto& binding = decoding.inventory.role_bindings[0];
    CHECK_FALSE(binding.is_cluster_binding());
    CHECK(binding.subjects[0].ns == "m");
    CHECK(binding.subjects[1].kind == model::Subject::Kind::group);
    CHECK(binding.subjects[1].ns.empty());
    CHECK(binding.subjects[2].kind == model::Subject::Kind::other);
    CHECK(decoding.inventory.role_bindings[1].is_cluster_binding());
}

TEST_CASE("a ServiceAccount without a namespace is one of the RoleBinding's, wherever its fields stand", "[decode]")
{
    Decoding decoding;
    const std::string rest = "'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'ServiceAccount','name':'sa'},{'kind':'User','name':'ann'}]";

    decoding.decode("rolebindings.rbac.authorization.k8s.io", "{'metadata':{'name':'b','namespace':'n'}," + rest + "}");
    decoding.decode("rolebindings.rbac.authorization.k8s.io", "{" + rest + ",'metadata':{'name':'b','namespace':'n'}}");
    decoding.decode("clusterrolebindings.rbac.authorization.k8s.io", "{'metadata':{'name':'c'}," + rest + "}");

    for (const auto& binding : decoding.inventory.role_bindings) {
        CHECK(binding.subjects[0].ns == binding.meta.ns);
        CHECK(binding.subjects[1].ns.empty());
    }
    CHECK(decoding.inventory.role_bindings[1].subjects[0].ns == "n");
}

TEST_CASE("both kinds of events say when they were last seen", "[decode]")
{
    Decoding decoding;
    const auto event = [&](std::string_view resource, std::string_view members) -> const model::Event& {
        REQUIRE(decoding.decode(resource, fmt::format("{{'metadata':{{'name':'e','namespace':'n','creationTimestamp':'2026-11-01T00:00:01Z'}},{}}}",
                                                      members)) == Outcome::kept);
        return decoding.inventory.events.back();
    };

    const auto& old = event(
        "events",
        "'involvedObject':{'kind':'Pod','name':'p','namespace':'n'},'message':'m','lastTimestamp':'2026-11-01T00:00:03Z','eventTime':null,'count':5");
    CHECK(old.last_seen == parse_rfc3339("2026-11-01T00:00:03Z"));
    CHECK(old.count == 5);
    const auto& series =
        event("events.events.k8s.io", "'regarding':{'kind':'Pod','name':'p'},'note':'m','eventTime':'2026-11-01T00:00:02.5Z','deprecatedCount':1,"
                                      "'series':{'count':9,'lastObservedTime':'2026-11-01T00:00:09.123456Z'}");
    CHECK(series.last_seen == parse_rfc3339("2026-11-01T00:00:09Z"));
    CHECK(series.count == 9);
    CHECK(series.involved_name == "p");
    CHECK(series.message == "m");
    CHECK(event("events", "'eventTime':'2026-11-01T00:00:02Z','lastTimestamp':null").last_seen == parse_rfc3339("2026-11-01T00:00:02Z"));
    CHECK(event("events", "'reason':'x'").last_seen == parse_rfc3339("2026-11-01T00:00:01Z"));
    CHECK(event("events", "'reason':'x'").count == 1);
}

TEST_CASE("nodes, services, slices, accounts and namespaces are read", "[decode]")
{
    Decoding decoding;

    decoding.decode("nodes", "{'metadata':{'name':'n1'},'spec':{'providerID':'aws:///"
                             "x','unschedulable':true,'taints':[{'key':'k','effect':'NoSchedule'}]},'status':{'conditions':[{'type':'Ready',"
                             "'status':'True'}],'nodeInfo':{'kubeletVersion':'v1.36.3','containerRuntimeVersion':'containerd://"
                             "2','osImage':'Debian','operatingSystem':'linux','architecture':'amd64'},"
                             "'images':[{'names':['a:1','a@sha256:0'],'sizeBytes':5000000000}]}}");
    decoding.decode("services",
                    "{'metadata':{'name':'s','namespace':'n'},'spec':{'type':'LoadBalancer','clusterIP':'None','ports':[{'port':443,'targetPort':"
                    "8443,'nodePort':30000,"
                    "'appProtocol':'https'}],'externalIPs':['1.2.3.4'],'loadBalancerSourceRanges':['0.0.0.0/0'],'publishNotReadyAddresses':true},"
                    "'status':{'loadBalancer':{'ingress':[{'ip':'5.6.7.8'},{'hostname':'lb.example'}]}}}");
    decoding.decode(
        "endpointslices.discovery.k8s.io",
        "{'metadata':{'name':'s-1','namespace':'n','labels':{'kubernetes.io/"
        "service-name':'s'}},'addressType':'IPv4','endpoints':[{'addresses':['10.0.0.1',"
        "'10.0.0.2'],'conditions':{},'targetRef':{'kind':'Pod','name':'p'},'nodeName':'n1','zone':'z'},{'addresses':['10.0.0.3'],'conditions':"
        "{'ready':false}}],'ports':[{'port':1},{'port':2}]}");
    decoding.decode(
        "serviceaccounts",
        "{'metadata':{'name':'sa','namespace':'n'},'secrets':[{'name':'t'}],'imagePullSecrets':[{'name':'p'}],'automountServiceAccountToken':false}");
    decoding.decode("namespaces", "{'metadata':{'name':'n','deletionTimestamp':'2026-11-01T00:00:00Z'},'status':{'phase':'Terminating'}}");

    const auto& node = decoding.inventory.nodes.at(0);
    CHECK(node.ready());
    CHECK(node.images[0].size_bytes == 5'000'000'000);
    CHECK(node.taints[0].effect == "NoSchedule");
    const auto& service = decoding.inventory.services.at(0);
    CHECK(service.ports[0].target_port == "8443");
    CHECK(service.load_balancer_ingress.size() == 2);
    CHECK(service.load_balancer_source_ranges[0] == "0.0.0.0/0");
    const auto& slice = decoding.inventory.endpoint_slices.at(0);
    CHECK(slice.service_name == "s");
    CHECK(slice.ports == 2);
    CHECK(slice.endpoints[0].addresses == 2);
    CHECK(slice.endpoints[0].first_address == "10.0.0.1");
    CHECK(slice.endpoints[0].ready);
    CHECK_FALSE(slice.endpoints[1].ready);
    CHECK(decoding.inventory.service_accounts.at(0).automount_service_account_token == false);
    CHECK(decoding.inventory.namespaces.at(0).terminating());
}

TEST_CASE("only ConfigMaps that the plan names are kept", "[decode]")
{
    model::ReadPlan plan;
    plan.config_maps = {"kube-system/kubeadm-config"};
    Decoding decoding{plan};

    CHECK(decoding.decode("configmaps", "{'metadata':{'name':'other','namespace':'kube-system'},'data':{'Cluster.yaml':'x'}}") == Outcome::ignored);
    CHECK(decoding.decode("configmaps", "{'data':{'Cluster.yaml':'x'},'metadata':{'name':'kubeadm-config','namespace':'kube-system'}}") ==
          Outcome::kept);

    const auto& documents = decoding.inventory.documents_of("configmaps");
    REQUIRE(documents.size() == 1);
    CHECK(documents[0]["data"]["Cluster.yaml"].text() == "x");
    CHECK(documents[0].kind == "ConfigMap");
}

TEST_CASE("a plan that lists ConfigMaps keeps all of them, with the keys that it names", "[decode]")
{
    model::ReadPlan plan;
    plan.lists = {{"configmaps", {"data.Cluster.yaml"}}};
    Decoding decoding{plan};

    CHECK(decoding.decode("configmaps", "{'data':{'Cluster.yaml':'x','rest':'y'},'metadata':{'name':'any','namespace':'shop'}}") == Outcome::kept);

    const auto& documents = decoding.inventory.documents_of("configmaps");
    REQUIRE(documents.size() == 1);
    CHECK(documents[0]["data"]["Cluster.yaml"].text() == "x");
    CHECK_FALSE(documents[0]["data"]["rest"].exists());
}

TEST_CASE("a Document keeps the declared paths alone", "[decode]")
{
    model::ReadPlan plan;
    plan.lists = {{"ingresses.networking.k8s.io", {"spec.tls[].hosts", "spec.rules.*.paths", "status.conditions"}}};
    Decoding decoding{plan};

    decoding.decode("ingresses.networking.k8s.io",
                    "{'metadata':{'name':'i','namespace':'n','labels':{'a':'b'}},'spec':{'tls':[{'hosts':['h',1,true,null,1.5],'secretName':'s'}],"
                    "'rules':[{'http':{'paths':[{'path':'/'}]},'host':'x'}],'defaultBackend':{}},'status':{'conditions':'odd'}}");
    decoding.decode("poddisruptionbudgets.policy", "{'metadata':{'name':'p','namespace':'n'},'spec':{'minAvailable':1}}");

    const auto& ingress = decoding.inventory.documents_of("ingresses.networking.k8s.io").at(0);
    CHECK(ingress.api_version == "networking.k8s.io/v1");
    CHECK(ingress.meta.labels.is("a", "b"));
    const auto& hosts = ingress.at("spec.tls").items()[0]["hosts"];
    REQUIRE(hosts.size() == 5);
    CHECK(hosts.items()[0].text() == "h");
    CHECK(hosts.items()[1].number_or(0) == 1);
    CHECK(hosts.items()[2].is_true());
    CHECK_FALSE(hosts.items()[3].exists());
    CHECK_FALSE(ingress.at("spec.tls").items()[0]["secretName"].exists());
    CHECK(ingress.at("spec.rules").items()[0].at("http.paths").items()[0]["path"].text() == "/");
    CHECK_FALSE(ingress.at("spec.rules").items()[0]["host"].exists());
    CHECK(ingress.at("status.conditions").text() == "odd");
    CHECK_FALSE(ingress.at("spec.defaultBackend").exists());
    CHECK_FALSE(decoding.inventory.documents_of("poddisruptionbudgets.policy").at(0)["spec"].exists());
}

TEST_CASE("rows of a Secret table carry names, types and counts", "[decode]")
{
    Decoding decoding;
    decoding.inventory.taken_at = Timestamp{1'000'000};
    const auto row = [&](std::string json) {
        json.append(k_json_padding, ' ');
        return decoding.decoder.decode_secret_row("shop", {std::string_view{json}.substr(0, json.size() - k_json_padding)});
    };

    CHECK(row(R"({"cells":["db","Opaque",2,"3h20m"],"object":null})") == Outcome::kept);
    CHECK(row(R"({"cells":["old","kubernetes.io/tls",2,"<unknown>"]})") == Outcome::kept);
    CHECK(row(R"({"cells":["db","Opaque"]})") == Outcome::malformed);
    CHECK(row(R"({"cells":["db","Opaque","two","1d"]})") == Outcome::malformed);

    REQUIRE(decoding.inventory.secrets.size() == 2);
    CHECK(decoding.inventory.secrets[0].ns == "shop");
    CHECK(decoding.inventory.secrets[0].keys == 2);
    CHECK(decoding.inventory.secrets[0].created == Timestamp{1'000'000 - 12'000});
    CHECK_FALSE(decoding.inventory.secrets[1].created.known());
    REQUIRE(decoding.inventory.gaps.size() == 2);
    CHECK(decoding.inventory.gaps[0].ns == "shop");
}

TEST_CASE("a malformed object is a gap that names it and the field", "[decode]")
{
    Decoding decoding;
    const auto message = [&](std::string_view resource, std::string json) {
        CHECK(decoding.decode(resource, std::move(json)) == Outcome::malformed);
        return decoding.last_gap();
    };

    CHECK(message("pods", "{'metadata':{'name':'a','namespace':'n'},'spec':{'containers':[{'name':'c'},{'image':[]}]}}") ==
          "pods n/a cannot be read: spec.containers[1].image: expected text, found a list");
    CHECK(message("pods", "{'metadata':{'name':'a','namespace':'n'}}") == "pods n/a cannot be read: spec is missing");
    CHECK(message("pods", "{'metadata':{'namespace':'n'},'spec':{}}") == "pods n/(no name) cannot be read: metadata.name is missing");
    CHECK(message("pods", "{'metadata':{'name':'a'},'spec':{}}") == "pods a cannot be read: metadata.namespace is missing");
    CHECK(message("services", "{'metadata':{'name':'a','namespace':'n','labels':{'x':true}}}") ==
          "services n/a cannot be read: metadata.labels.x: expected text, found true or false");
    CHECK(message("deployments.apps", "{'metadata':{'name':'a','namespace':'n'},'spec':{'replicas':99999999999,'template':{'spec':{}}}}") ==
          "deployments.apps n/a cannot be read: spec.replicas: a number out of range");
    CHECK(message("deployments.apps", "{'metadata':{'name':'a','namespace':'n'},'spec':{}}") ==
          "deployments.apps n/a cannot be read: the pod template's spec is missing");
    CHECK(message("services", "[]").find("services (no name) cannot be read: ") == 0);
    CHECK(message("services", "{'metadata':{'name':'a','namespace':'n'},'spec':{'ports':[{'port':}]}}").find("spec.ports[0].port: ") !=
          std::string::npos);
    CHECK(message("services", "{'metadata':{'name':'\xff','namespace':'n'}}").find("not UTF-8") != std::string::npos);
    CHECK(message("services", "{'metadata':{'name':'a\\u001b[31m','namespace':'n'},'spec':7}").find('\x1b') == std::string::npos);
    CHECK(decoding.inventory.pods.empty());
    CHECK(decoding.inventory.services.empty());
    CHECK(decoding.inventory.gap("pods", "n")->reason == model::Reason::malformed);
    CHECK(decoding.inventory.gap("pods", "elsewhere") != nullptr); // one of them did not say where it is
}

TEST_CASE("many malformed objects are told by a few gaps", "[decode]")
{
    Decoding decoding;

    for (int i = 0; i < 1000; ++i)
        decoding.decode("pods", fmt::format("{{'metadata':{{'name':'p{}','namespace':'n'}}}}", i));

    CHECK(decoding.inventory.gaps.size() == 20);
}

TEST_CASE("nesting without end is refused", "[decode]")
{
    model::ReadPlan plan;
    plan.lists = {{"things.example.com", {"spec"}}};
    Decoding decoding{plan};
    const std::string deep = std::string(500, '[') + std::string(500, ']');

    CHECK(decoding.decode("things.example.com", "{'metadata':{'name':'a'},'spec':" + deep + "}") == Outcome::malformed);
    CHECK(decoding.last_gap().find("nested too deeply") != std::string::npos);
    std::string wide = "{'metadata':{'name':'b'},'spec':[0";
    for (int i = 0; i < 100'000; ++i)
        wide += ",0";
    CHECK(decoding.decode("things.example.com", wide + "]}") == Outcome::malformed);
    CHECK(decoding.last_gap().find("more than 100000 values") != std::string::npos);
}

TEST_CASE("objects outside of the plan's namespaces are not kept", "[decode]")
{
    model::ReadPlan plan;
    plan.namespaces = {"a"};
    Decoding decoding{plan};

    CHECK(decoding.decode("services", "{'metadata':{'name':'s','namespace':'a'}}") == Outcome::kept);
    CHECK(decoding.decode("services", "{'metadata':{'name':'s','namespace':'b'}}") == Outcome::ignored);
    CHECK(decoding.decode("namespaces", "{'metadata':{'name':'b'}}") == Outcome::ignored);
    CHECK(decoding.decode("nodes", "{'metadata':{'name':'n'}}") == Outcome::kept);
    CHECK(decoding.inventory.gaps.empty());
}

TEST_CASE("an element that the splitter skipped is a gap that names it", "[decode]")
{
    Decoding decoding;

    decoding.decoder.skipped(decoding.decoder.target("services"), "too large", R"({"metadata":{"name":"big","namespace":"shop","labels":{)");

    REQUIRE(decoding.inventory.gaps.size() == 1);
    CHECK(decoding.inventory.gaps[0].reason == model::Reason::truncated);
    CHECK(decoding.inventory.gaps[0].ns == "shop");
    CHECK(decoding.inventory.gaps[0].message == "services shop/big was not read: too large");
}

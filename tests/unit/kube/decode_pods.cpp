// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fmt/format.h>

#include "unit/kube/decode_fixture.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
using model::Container;
using model::Volume;

namespace {

/// A pod as the API server sends it, service account volume and all.
std::string pod_json(std::string_view name, std::string_view node, std::string_view suffix, std::string_view extra_volume = "",
                     std::string_view image = "a:1")
{
    return fmt::format("{{'metadata':{{'name':'{0}','namespace':'shop'}},'spec':{{'volumes':[{3}{{'name':'kube-api-access-{2}','projected':{{'"
                       "sources':[{{'serviceAccountToken':"
                       "{{'expirationSeconds':3607,'path':'token'}}}}],'defaultMode':420}}}}],'containers':[{{'name':'c','image':'{4}','volumeMounts'"
                       ":[{{'name':'kube-api-access-{2}',"
                       "'readOnly':true,'mountPath':'/var/run/secrets/kubernetes.io/"
                       "serviceaccount'}}]}}],'nodeName':'{1}','restartPolicy':'Always'}},'status':{{'phase':'Running'}}}}",
                       name, node, suffix, extra_volume, image);
}

const model::PodSpec& spec_of(Decoding& decoding, std::string_view spec)
{
    const auto outcome = decoding.decode("pods", fmt::format("{{'metadata':{{'name':'p','namespace':'n'}},'spec':{}}}", spec));
    INFO(decoding.last_gap());
    REQUIRE(outcome == Outcome::kept);
    return *decoding.inventory.pods.back().spec();
}

} // namespace

TEST_CASE("pods of one template share one spec", "[decode]")
{
    Decoding decoding;

    decoding.decode("pods", pod_json("a", "node-1", "abcde"));
    decoding.decode("pods", pod_json("b", "node-2", "x7k2p"));
    decoding.decode("pods", pod_json("c", "node-2", "x7k2p", "", "a:2"));

    const auto& pods = decoding.inventory.pods;
    REQUIRE(pods.size() == 3);
    CHECK(pods[0].spec() == pods[1].spec());
    CHECK(pods[0].spec() != pods[2].spec());
    CHECK(pods[1].node_name == "node-2");
    CHECK(decoding.inventory.vault().pod_specs() == 2);
    REQUIRE(pods[0].spec()->volumes.size() == 1);
    CHECK(pods[0].spec()->volumes[0].name == "kube-api-access");
    CHECK(pods[0].spec()->volumes[0].sources[0].kind == model::ProjectedSource::Kind::service_account_token);
    CHECK(pods[0].spec()->containers[0].mounts[0].name == "kube-api-access");
    CHECK(pods[0].spec()->containers[0].mounts[0].mount_path == "/var/run/secrets/kubernetes.io/serviceaccount");
}

TEST_CASE("specs that differ in more than what is random keep apart", "[decode]")
{
    const auto distinct = [](std::initializer_list<std::string> pods) {
        Decoding decoding;
        for (const auto& pod : pods)
            REQUIRE(decoding.decode("pods", pod) == Outcome::kept);
        return decoding.inventory.vault().pod_specs();
    };
    const auto with = [](std::string_view members) { return fmt::format("{{'metadata':{{'name':'p','namespace':'n'}},'spec':{{{}}}}}", members); };

    // Two volumes whose names look random: which one is mounted matters.
    CHECK(distinct({pod_json("a", "n", "aaaaa", "{'name':'kube-api-access-bbbbb','hostPath':{'path':'/'}},"),
                    pod_json("a", "n", "bbbbb", "{'name':'kube-api-access-aaaaa','hostPath':{'path':'/'}},")}) == 2);
    // The same words elsewhere are content.
    CHECK(distinct({pod_json("a", "n", "aaaaa", "{'name':'x','configMap':{'name':'kube-api-access-aaaaa'}},"),
                    pod_json("a", "n", "bbbbb", "{'name':'x','configMap':{'name':'kube-api-access-bbbbb'}},")}) == 2);
    CHECK(distinct({with("'containers':[{'name':'c','args':['kube-api-access-aaaaa']}]"),
                    with("'containers':[{'name':'c','args':['kube-api-access-bbbbb']}]")}) == 2);
    // A nodeName that is not the spec's own.
    CHECK(distinct({with("'volumes':[{'name':'v','csi':{'driver':'d','volumeAttributes':{'nodeName':'a'}}}]"),
                    with("'volumes':[{'name':'v','csi':{'driver':'d','volumeAttributes':{'nodeName':'b'}}}]")}) == 2);
    CHECK(distinct({with("'nodeName':'a','hostNetwork':true"), with("'nodeName':'b','hostNetwork':true"),
                    with("'nodeName':'b','hostNetwork':false")}) == 2);
    CHECK(distinct({with("'nodeName':null,'hostPID':true"), with("'nodeName':'','hostPID':true")}) == 2); // equal in effect, but not worth knowing
}

TEST_CASE("containers come in the order main, init and sidecar, ephemeral", "[decode]")
{
    Decoding decoding;

    const auto& spec = spec_of(decoding, "{'initContainers':[{'name':'init','restartPolicy':'OnFailure'},{'name':'side','restartPolicy':'Always'}],"
                                         "'ephemeralContainers':[{'name':'debug'}],'containers':[{'name':'main','restartPolicy':'Always'}]}");

    REQUIRE(spec.containers.size() == 4);
    CHECK(spec.containers[0].name == "main");
    CHECK(spec.containers[0].kind == Container::Kind::main);
    CHECK(spec.containers[1].kind == Container::Kind::init);
    CHECK(spec.containers[2].kind == Container::Kind::sidecar);
    CHECK(spec.containers[3].kind == Container::Kind::ephemeral);
}

TEST_CASE("a container's environment, resources, probes and security are read", "[decode]")
{
    Decoding decoding;

    const auto& spec = spec_of(decoding, "{'containers':[{'name':'c','image':'i','command':['/"
                                         "a'],'args':['b','c'],'env':[{'name':'L','value':'v'},{'name':'S','valueFrom':{'secretKeyRef':{'name':'s',"
                                         "'key':'k','optional':true}}},{'name':'F','valueFrom':{'fieldRef':{'fieldPath':'spec.nodeName'}}}],'envFrom'"
                                         ":[{'secretRef':{'name':'all'},'prefix':'P_'},"
                                         "{'configMapRef':{'name':'cm'}}],'resources':{'requests':{'cpu':1,'memory':'1Gi'},'limits':{'cpu':0.5}},'"
                                         "livenessProbe':{'httpGet':{'path':'/l','port':8080},"
                                         "'periodSeconds':3},'readinessProbe':{'exec':{'command':['true']}},'startupProbe':{'grpc':{'port':9}},'"
                                         "lifecycle':{'preStop':{'sleep':{'seconds':1}}},"
                                         "'ports':[{'containerPort':80,'hostPort':8080,'name':'http'}],'securityContext':{'privileged':false,'"
                                         "runAsUser':0,'capabilities':{'add':['NET_ADMIN'],"
                                         "'drop':['ALL']},'seccompProfile':{'type':'RuntimeDefault'}},'imagePullPolicy':'Always'}]}");

    const Container& c = spec.containers[0];
    CHECK(c.args.size() == 2);
    CHECK(c.env[0].value == "v");
    CHECK(c.env[1].source == model::EnvVar::Source::secret);
    CHECK(c.env[1].ref_name == "s");
    CHECK(c.env[1].ref_key == "k");
    CHECK(c.env[1].optional);
    CHECK(c.env[2].source == model::EnvVar::Source::field);
    CHECK(c.env_from[0].source == model::EnvFrom::Source::secret);
    CHECK(c.env_from[0].prefix == "P_");
    CHECK(c.env_from[1].source == model::EnvFrom::Source::config_map);
    CHECK(c.requests.get("cpu") == "1");
    CHECK(c.limits.get("cpu") == "0.5");
    CHECK(c.liveness->handler == model::Probe::Handler::http_get);
    CHECK(c.liveness->port == "8080");
    CHECK(c.liveness->period_seconds == 3);
    CHECK(c.liveness->failure_threshold == 3);
    CHECK(c.readiness->command.size() == 1);
    CHECK(c.startup->handler == model::Probe::Handler::grpc);
    CHECK(c.has_pre_stop);
    CHECK(c.ports[0].host_port == 8080);
    CHECK(c.security->privileged == false);
    CHECK(c.security->run_as_user == 0);
    CHECK_FALSE(c.security->run_as_non_root.has_value());
    CHECK(c.security->capabilities_add[0] == "NET_ADMIN");
    CHECK(c.security->seccomp_type == "RuntimeDefault");
}

TEST_CASE("each type of volume says what it mounts", "[decode]")
{
    Decoding decoding;

    const auto& spec = spec_of(
        decoding,
        "{'containers':[],'volumes':[{'name':'a','secret':{'secretName':'s','defaultMode':256,'items':[{'key':'k','path':'p','mode':384}],'optional':"
        "true}},"
        "{'name':'b','configMap':{'name':'c'}},{'name':'c','hostPath':{'path':'/var/run/docker.sock','type':'Socket'}},{'name':'d','emptyDir':{}},"
        "{'name':'e','persistentVolumeClaim':{'claimName':'pvc'}},{'name':'f','csi':{'driver':'secrets-store.csi.k8s.io','volumeAttributes':{'"
        "secretProviderClass':'x'}}},"
        "{'name':'g','projected':{'sources':[{'secret':{'name':'s2','items':[{'key':'k','path':'p','mode':292}]}},{'serviceAccountToken':{'audience':"
        "'vault'}},"
        "{'podCertificate':{}}]}},{'name':'h','nfs':{'server':'n'}},{'name':'i','image':{'reference':'r:1'}}]}");

    const auto& v = spec.volumes;
    REQUIRE(v.size() == 9);
    CHECK(v[0].kind == Volume::Kind::secret);
    CHECK(v[0].source == "s");
    CHECK(v[0].default_mode == 256);
    CHECK(v[0].item_modes[0] == 384);
    CHECK(v[0].optional);
    CHECK(v[1].source == "c");
    CHECK(v[2].source == "/var/run/docker.sock");
    CHECK(v[2].type == "Socket");
    CHECK(v[3].kind == Volume::Kind::empty_dir);
    CHECK(v[4].source == "pvc");
    CHECK(v[5].attributes.get("secretProviderClass") == "x");
    REQUIRE(v[6].sources.size() == 3);
    CHECK(v[6].sources[0].name == "s2");
    CHECK(v[6].item_modes[0] == 292);
    CHECK(v[6].sources[1].audience == "vault");
    CHECK(v[6].sources[2].kind == model::ProjectedSource::Kind::other);
    CHECK(v[7].kind == Volume::Kind::other);
    CHECK(v[7].source == "nfs");
    CHECK(v[8].source == "r:1");
}

TEST_CASE("what places a pod is read", "[decode]")
{
    Decoding decoding;

    const auto& spec = spec_of(
        decoding,
        "{'containers':[],'affinity':{'nodeAffinity':{},'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[{'topologyKey':'host','"
        "labelSelector':{'matchLabels':{'app':'a'}}}],"
        "'preferredDuringSchedulingIgnoredDuringExecution':[{'weight':1,'podAffinityTerm':{'topologyKey':'zone'}}]}},'topologySpreadConstraints':[{'"
        "topologyKey':'zone','labelSelector':{'matchExpressions':[{'key':'tier','operator':'Exists'}]},'matchLabelKeys':['pod-template-hash']}],"
        "'serviceAccount':'old','automountServiceAccountToken':false,'imagePullSecrets':[{'name':'pull'}],'readinessGates':[{'conditionType':'lb'}],'"
        "hostPID':true,"
        "'tolerations':[{'operator':'Exists'}],'priorityClassName':'high','terminationGracePeriodSeconds':5}");

    CHECK(spec.has_node_affinity);
    REQUIRE(spec.pod_anti_affinity_keys.size() == 2);
    CHECK(spec.pod_anti_affinity_keys[1] == "zone");
    CHECK(spec.topology_spread_keys.size() == 1);
    REQUIRE(spec.selector_keys.size() == 3);
    CHECK(spec.selector_keys[0] == "app");
    CHECK(spec.selector_keys[1] == "pod-template-hash");
    CHECK(spec.selector_keys[2] == "tier");
    CHECK(spec.service_account == "old");
    CHECK(spec.automount_service_account_token == false);
    CHECK(spec.image_pull_secrets[0] == "pull");
    CHECK(spec.readiness_gates[0] == "lb");
    CHECK(spec.host_pid);
    CHECK(spec.tolerations[0].op == "Exists");
    CHECK(spec.termination_grace_period_seconds == 5);
}

TEST_CASE("a pod's status keeps what is not well", "[decode]")
{
    Decoding decoding;
    const std::string status = "{'phase':'Pending','startTime':'2026-11-01T10:00:00Z','conditions':[{'type':'PodScheduled','status':'True'},{'type':'"
                               "Ready','status':'False','reason':'x'}],"
                               "'initContainerStatuses':[{'name':'i','ready':true,'restartCount':0,'state':{'terminated':{'reason':'Completed'}}}],"
                               "'containerStatuses':[{'name':'c','ready':false,'restartCount':3,'image':'a:1','imageID':'a@sha256:1','state':{'"
                               "waiting':{'reason':'ImagePullBackOff',"
                               "'message':'Back-off pulling image'}}}]}";
    const auto pod = [&](std::string_view name) {
        return fmt::format("{{'metadata':{{'name':'{}','namespace':'n'}},'spec':{{}},'status':{}}}", name, status);
    };

    decoding.decode("pods", pod("a"));
    decoding.decode("pods", pod("b"));
    decoding.decode("pods", "{'metadata':{'name':'c','namespace':'n'},'spec':{}}");
    decoding.decode(
        "pods", "{'metadata':{'name':'d','namespace':'n'},'spec':{},'status':{'phase':'Running','conditions':[{'type':'Ready','status':'True'}]}}");

    const auto& pods = decoding.inventory.pods;
    CHECK(pods[0].phase == model::Pod::Phase::pending);
    CHECK(pods[0].has_status);
    CHECK_FALSE(pods[0].ready);
    REQUIRE(pods[0].conditions().size() == 1);
    CHECK(pods[0].conditions()[0].reason == "x");
    REQUIRE(pods[0].container_statuses().size() == 2);
    CHECK(pods[0].container_statuses()[0].terminated_reason == "Completed");
    CHECK(pods[0].container_statuses()[1].waiting_reason == "ImagePullBackOff");
    CHECK(pods[0].container_statuses()[1].restart_count == 3);
    CHECK(pods[0].container_statuses().data() == pods[1].container_statuses().data());
    CHECK(pods[0].conditions().data() == pods[1].conditions().data());
    CHECK_FALSE(pods[2].has_status);
    CHECK(pods[2].is_active());
    CHECK(pods[3].ready);
    CHECK(pods[3].conditions().empty());
}

TEST_CASE("the order of an object's members does not matter", "[decode]")
{
    Decoding decoding;

    decoding.decode(
        "pods",
        "{'status':{'phase':'Running'},'spec':{'nodeName':'n1','containers':[{'name':'c'}]},'metadata':{'namespace':'n','name':'p'},'kind':'Pod'}");

    REQUIRE(decoding.inventory.pods.size() == 1);
    CHECK(decoding.inventory.pods[0].name == "p");
    CHECK(decoding.inventory.pods[0].node_name == "n1");
}

TEST_CASE("null reads like a missing field", "[decode]")
{
    Decoding decoding;

    const auto outcome = decoding.decode(
        "pods", "{'metadata':{'name':'p','namespace':'n','labels':null,'annotations':null,'creationTimestamp':null,'ownerReferences':null},"
                "'spec':{'containers':[{'name':'c','env':null,'resources':null,'securityContext':null,'livenessProbe':null,'args':null,"
                "'lifecycle':{'preStop':null}}],'volumes':null,'affinity':null,'nodeName':null,'hostNetwork':null},'status':null}");

    INFO(decoding.last_gap());
    CHECK(outcome == Outcome::kept);
    const auto& container = decoding.inventory.pods[0].spec()->containers[0];
    CHECK_FALSE(container.liveness->present());
    CHECK_FALSE(container.has_pre_stop);
}

TEST_CASE("long texts are cut between characters", "[decode]")
{
    Decoding decoding;
    std::string value(4095, 'x');
    value += "\u00e9tail";

    decoding.decode_exactly(
        "pods",
        fmt::format(R"({{"metadata":{{"name":"p","namespace":"n"}},"spec":{{"containers":[{{"name":"c","env":[{{"name":"E","value":"{}"}}]}}]}}}})",
                    value));

    CHECK(decoding.inventory.pods[0].spec()->containers[0].env[0].value.view().size() == 4095);
}

// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "cache_signals.hpp"
#include "cached_images.hpp"
#include "control_list.hpp"
#include "mirror_reach.hpp"
#include "mirror_sets.hpp"
#include "node_mirrors.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Fields;
using check::Parameter;
using check::Scope;
using check::Severity;

constexpr Parameter k_registries_parameter{"registries", Parameter::Type::list, "[docker.io, quay.io, ghcr.io, gcr.io]",
                                           "Registries that nodes should pull through a mirror."};
constexpr Parameter k_optional_parameter{"optional", Parameter::Type::list, "[registry.k8s.io, public.ecr.aws, mcr.microsoft.com]",
                                         "Registries whose mirrors are only noted; images from them should come through a cache too."};
constexpr Parameter k_domains_parameter{"internalDomains", Parameter::Type::list, "[]", "Domains of mirrors of your own."};
constexpr std::array k_node_parameters{
    k_registries_parameter,
    k_optional_parameter,
    k_domains_parameter,
    Parameter{"requireUnused", Parameter::Type::flag, "false", "Judge registries that no pod uses too."},
};
constexpr std::array k_registry_parameters{k_registries_parameter};
constexpr std::array k_rollup_parameters{k_registries_parameter, k_domains_parameter};
constexpr std::array k_domain_parameters{k_domains_parameter};
constexpr std::array k_fallback_parameters{
    k_registries_parameter,
    Parameter{"policy", Parameter::Type::text, "any", "Whether nodes may ask the registry itself where no mirror answers: allow, deny or any."},
};
constexpr std::array k_uncached_parameters{
    k_registries_parameter,
    k_optional_parameter,
    k_domains_parameter,
    Parameter{"internalRegistries", Parameter::Type::list, "[]",
              "Registries of your own, and proxy projects in them, by which images are named: host or host/project."},
};
constexpr std::array k_rewrite_fields{
    Fields{"mutatingwebhookconfigurations.admissionregistration.k8s.io", "webhooks.name, webhooks.clientConfig.service.name"},
};
constexpr std::array k_signal_fields{Fields{k_digest_sets, "spec.imageDigestMirrors"}, Fields{k_tag_sets, "spec.imageTagMirrors"}};
constexpr std::array k_fallback_fields{Fields{k_digest_sets, "spec.imageDigestMirrors"}, Fields{k_tag_sets, "spec.imageTagMirrors"}};
constexpr std::array k_openshift_fields{
    Fields{k_digest_sets, "spec.imageDigestMirrors"},
    Fields{k_tag_sets, "spec.imageTagMirrors"},
    Fields{k_legacy_sets, "spec.repositoryDigestMirrors"},
    Fields{"machineconfigpools.machineconfiguration.openshift.io", "status.conditions"},
};

constexpr std::array k_checks{
    Check{
        .id = "pullcache-node-mirror",
        .title = "Node has no mirror for a default registry",
        .scope = Scope::node,
        .severity = Severity::high,
        .needs = "nodes, pods, node-probe",
        .grants = "NO,PO,NPR",
        .subjects = "nodes",
        .parameters = k_node_parameters,
        .rationale = "Without a mirror a node cannot start a pod while the registry is down, throttles or has removed the image.",
        .rule = "The worst registry in use decides. pass: an internal mirror. warn: only peers or a public cache, or containerd ignores the mirrors "
                "because of "
                "a colon in config_path. fail: none. unknown: no report within 15 minutes.",
        .remediation = "containerd: /etc/containerd/certs.d/docker.io/hosts.toml with\n[host.\"https://mirror.example\"]\n  capabilities = "
                       "[\"pull\", \"resolve\"]\n"
                       "CRI-O: a [[registry.mirror]] in /etc/containers/registries.conf.d/. Put it into the node image or bootstrap.",
        .limits = "A file that changed after the runtime started may not be in force.",
        .references = "https://github.com/containerd/containerd/blob/main/docs/hosts.md, "
                      "https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md",
        .run = run_node_mirror,
    },
    Check{
        .id = "pullcache-default-registries",
        .title = "Default registries are not mirrored on all nodes",
        .scope = Scope::registry,
        .severity = Severity::high,
        .needs = "nodes, node-probe",
        .grants = "NO,NPR",
        .parameters = k_rollup_parameters,
        .rationale = "A pod may land on any node: a mirror that most of them have is luck for the rest.",
        .rule =
            "Of schedulable Linux nodes older than 15 minutes: pass: all have an internal mirror. warn: 90 % have a mirror. fail: fewer. unknown: "
            "reports of less than 80 % of the ready nodes (then pullcache-cluster-signal judges), or too few to tell.",
        .remediation = "Bake the mirrors into the node image, or write them before the kubelet starts:\n"
                       "/etc/containerd/certs.d/docker.io/hosts.toml with [host.\"https://mirror.example\"].",
        .limits = "Every registry of `registries` is judged, whether pods use it today or not.",
        .references = "https://github.com/containerd/containerd/blob/main/docs/hosts.md",
        .run = run_default_registries,
    },
    Check{
        .id = "pullcache-node-consistency",
        .title = "Nodes disagree about registry mirrors",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "nodes, node-probe",
        .grants = "NO,NPR",
        .rationale = "A pod that starts on one node and not on its twin is found at the worst moment.",
        .rule = "pass: the nodes of each pool have equal mirrors. warn: a pool has several configurations. unknown: a ready node does not report.",
        .remediation =
            "Manage node configuration declaratively (node image, MachineConfig, bootstrap of the node pool) and replace the nodes that differ.",
        .limits = "Pools are told by the labels of EKS, GKE and AKS, else by role and instance type.",
        .references = "",
        .judge_cluster = judge_node_consistency,
    },
    Check{
        .id = "pullcache-probe-coverage",
        .title = "Node-probe reports are missing",
        .scope = Scope::cluster,
        .severity = Severity::info,
        .needs = "nodes, pods, node-probe",
        .grants = "NO,PO,NPR",
        .rationale = "What the pull-cache checks say is as good as the nodes that report.",
        .rule = "pass: 95 % of the ready nodes have a report of the last 15 minutes. warn: fewer. not_applicable: the node-probe is not in use.",
        .remediation = "Let the DaemonSet run everywhere:\nkubectl -n NAMESPACE patch daemonset seaworthy-node-probe --type=merge -p "
                       "'{\"spec\":{\"template\":{\"spec\":{\"tolerations\":[{\"operator\":\"Exists\"}]}}}}'",
        .limits = "Fargate, virtual-kubelet and Windows nodes cannot run it and are left out.",
        .references = "",
        .judge_cluster = judge_probe_coverage,
    },
    Check{
        .id = "pullcache-cluster-signal",
        .title = "No API-visible sign of a pull-through cache",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "WL, nodes, imagedigestmirrorsets.config.openshift.io, imagetagmirrorsets.config.openshift.io",
        .grants = "WL,NO,OX",
        .fields = k_signal_fields,
        .parameters = k_registry_parameters,
        .rationale = "The runtime's mirrors are set on nodes, out of the API's sight; some set-ups leave traces all the same.",
        .rule = "pass (low confidence): runtimes are pointed at a cache for every registry. warn: for some, or only a cache or wiring of unknown "
                "content. unknown: "
                "no trace. not_applicable: 80 % of the ready nodes report.",
        .remediation = "Deploy the node-probe for proof, or a cache that wires the runtime, such as Spegel: helm install spegel "
                       "oci://ghcr.io/spegel-org/helm-charts/spegel",
        .limits = "Peers serve what some node already has. That Harbor runs proves nothing: its proxy projects are data of its own.",
        .references = "https://spegel.dev/, https://docs.openshift.com/container-platform/latest/openshift_images/image-configuration.html",
        .judge_cluster = judge_cluster_signal,
    },
    Check{
        .id = "pullcache-openshift-mirrors",
        .title = "Mirror sets do not cover tag pulls",
        .scope = Scope::registry,
        .severity = Severity::high,
        .needs =
            "imagedigestmirrorsets.config.openshift.io, imagetagmirrorsets.config.openshift.io, imagecontentsourcepolicies.operator.openshift.io, "
            "machineconfigpools.machineconfiguration.openshift.io, pods",
        .grants = "OX,PO",
        .fields = k_openshift_fields,
        .parameters = k_registry_parameters,
        .rationale = "Digest mirror sets leave pulls by tag to the upstream registry: most pods pull by tag.",
        .rule = "pass: a tag mirror set covers the registry, or a digest one and every image is pinned. warn: only a part, only the deprecated "
                "policy, or nodes "
                "are behind. fail: no set, or only digest sets while pods use tags. not_applicable: not OpenShift, or a registry out of use.",
        .remediation = "apiVersion: config.openshift.io/v1\nkind: ImageTagMirrorSet\nmetadata: {name: docker}\n"
                       "spec: {imageTagMirrors: [{source: docker.io, mirrors: [mirror.example/docker]}]}",
        .limits = "Credentials for the mirror are in the global pull secret, which is not read.",
        .references = "https://docs.openshift.com/container-platform/latest/openshift_images/image-configuration.html",
        .run = run_openshift_mirrors,
    },
    Check{
        .id = "pullcache-mirror-reachable",
        .title = "Configured mirror does not answer",
        .scope = Scope::registry,
        .severity = Severity::medium,
        .needs = "probe:mirror, node-probe",
        .grants = "H,NPR",
        .parameters = k_domain_parameters,
        .rationale = "A dead mirror goes unnoticed: pulls fall back to the registry, until that throttles or is down.",
        .rule =
            "GET <mirror>/v2/ by the daemon. pass: 200, 429, or 401 with a challenge. warn: not from the pod network. fail: nor from any node that "
            "reports. unknown: nobody asked it. not_applicable: peers.",
        .remediation =
            "Bring the mirror back, then pull through it from a node: crictl pull docker.io/library/busybox:stable. To have it asked from here, "
            "name it:\nprobes:\n  registries: [{host: mirror.example}]",
        .limits = "Nodes may reach what pods cannot. No manifest is ever asked for: that would fill the cache and use up the upstream quota.",
        .references = "https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints",
        .run = run_mirror_reachable,
    },
    Check{
        .id = "pullcache-mirror-tls",
        .title = "Mirror is used without TLS verification",
        .scope = Scope::node,
        .severity = Severity::high,
        .needs = "node-probe",
        .grants = "NPR",
        .rationale = "Whoever sits between node and mirror can answer a tag with an image of their own: that is code in your cluster.",
        .rule =
            "pass: every mirror is asked over verified TLS, or is a peer on the node itself. fail: plain HTTP, skip_verify or insecure. unknown: no "
            "report within 15 minutes.",
        .remediation =
            "In /etc/containerd/certs.d/docker.io/hosts.toml:\n[host.\"https://mirror.example\"]\n  ca = \"/etc/ssl/mirror-ca.crt\"\nand without "
            "skip_verify. CRI-O: the authority in /etc/containers/certs.d/mirror.example/ca.crt, and without insecure = true.",
        .limits = "A certificate authority of your own is the right way for a private mirror: `ca` over https passes.",
        .references = "https://github.com/containerd/containerd/blob/main/docs/hosts.md",
        .run = run_mirror_tls,
    },
    Check{
        .id = "pullcache-mirror-resolve",
        .title = "Mirror serves blobs but tags are still resolved upstream",
        .scope = Scope::node,
        .severity = Severity::medium,
        .needs = "node-probe, pods",
        .grants = "NPR,PO",
        .parameters = k_domain_parameters,
        .rationale =
            "A mirror that may not turn a tag into a digest leaves the first request of each pull by tag to the registry: while that is down, "
            "no pod starts.",
        .rule = "pass: mirrors of the registries that pods pull from by tag may resolve. warn: only pull, or only by digest. not_applicable: pods "
                "pull by "
                "digest alone, or nothing is mirrored. unknown: no report within 15 minutes.",
        .remediation = "containerd: capabilities = [\"pull\", \"resolve\"] for a mirror that you trust. CRI-O: without mirror-by-digest-only, and "
                       "pull-from-mirror = \"all\".",
        .limits = "For a mirror that others run, pull alone is the safer choice: exempt it.",
        .references = "https://github.com/containerd/containerd/blob/main/docs/hosts.md, "
                      "https://github.com/containers/image/blob/main/docs/containers-registries.conf.5.md",
        .run = run_mirror_resolve,
    },
    Check{
        .id = "pullcache-upstream-fallback",
        .title = "Upstream fallback policy differs from the declared one",
        .scope = Scope::node,
        .severity = Severity::info,
        .needs = "node-probe, imagedigestmirrorsets.config.openshift.io, imagetagmirrorsets.config.openshift.io",
        .grants = "NPR,+OX",
        .fields = k_fallback_fields,
        .parameters = k_fallback_parameters,
        .rationale =
            "Falling back upstream keeps pods starting while a mirror is down, and hides that it is; not falling back keeps what was not vetted out.",
        .rule = "pass: as `policy` says, or `any`. warn: different for a registry of `registries`. unknown: no report within 15 minutes.",
        .remediation =
            "To deny it in containerd: server = \"https://mirror.example\" at the top of hosts.toml. CRI-O: location = the mirror, or blocked = "
            "true. OpenShift: mirrorSourcePolicy: NeverContactSource.",
        .limits = "Fallback hides a dead mirror: see pullcache-mirror-reachable.",
        .references = "https://github.com/containerd/containerd/blob/main/docs/hosts.md",
        .run = run_upstream_fallback,
    },
    Check{
        .id = "pullcache-workload-uncached",
        .title = "Image is pulled from a public registry that no mirror covers",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "pods, nodes, node-probe, WL",
        .grants = "PO,NO,NPR,+WL",
        .parameters = k_uncached_parameters,
        .rationale = "This workload does not start, and does not move to another node, while the public registry is down or throttles.",
        .rule =
            "pass: a mirror covers each image on each node that runs it, or the image is named by a cache of yours. warn: none does. unknown: such a "
            "node has no report. not_applicable: other registries only.",
        .remediation = "Extend the nodes' mirrors rather than rewriting manifests: /etc/containerd/certs.d/<registry>/hosts.toml with "
                       "[host.\"https://mirror.example\"] in the node image.",
        .limits = "Names of pull-through rules in ECR are the user's own; the ones that the console offers are known.",
        .references = "https://github.com/containerd/containerd/blob/main/docs/hosts.md",
        .judge_workload = judge_uncached,
    },
    Check{
        .id = "pullcache-image-rewrite",
        .title = "Images are redirected by admission instead of the CRI",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "pods, WL, mutatingwebhookconfigurations.admissionregistration.k8s.io, clusterpolicies.kyverno.io, policies.kyverno.io, "
                 "validatingpolicies.policies.kyverno.io, namespacedvalidatingpolicies.policies.kyverno.io, "
                 "imagevalidatingpolicies.policies.kyverno.io, mutatingpolicies.policies.kyverno.io",
        .grants = "PO,WL,AD,KY",
        .fields = k_rewrite_fields,
        .rationale =
            "Rewriting image names works until the webhook does not, misses static pods, and makes signatures and pull secrets speak of other names.",
        .rule =
            "warn: a known rewriter is installed, or more than a fifth of the pods run an image of another registry than their template names. pass: "
            "neither.",
        .remediation = "Move the redirect into the runtime, where names stay what they are: /etc/containerd/certs.d/docker.io/hosts.toml, or a "
                       "[[registry.mirror]] of registries.conf; then remove the webhook or policy.",
        .limits = "A mesh that sets its proxy's image, or an air-gapped cluster that swaps names on purpose, is meant that way: exempt it.",
        .references = "https://kyverno.io/policies/other/replace-image-registry/replace-image-registry/",
        .judge_cluster = judge_image_rewrite,
    },
};

} // namespace

constinit const check::Control k_pull_cache{
    .id = "pull-cache",
    .title = "OCI pull-cache",
    .summary = "Nodes pull through a mirror of your own, without anyone changing an image name.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

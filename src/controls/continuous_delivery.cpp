// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "control_list.hpp"
#include "controls/attestations.hpp"
#include "controls/delivery.hpp"
#include "controls/delivery_health.hpp"
#include "controls/delivery_scope.hpp"
#include "controls/deploy_provenance.hpp"
#include "controls/pipeline_runs.hpp"
#include "gitops.hpp"
#include "names.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/image_reference.hpp"
#include "software.hpp"
#include "template_parts.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::fail;
using check::not_applicable;
using check::Parameter;
using check::pass;
using check::Reason;
using check::Scope;
using check::Severity;
using check::unknown;
using check::Verdict;
using check::warn;

// --- cd-controller-present ---

/// Reconcilers that bring the cluster to a declared state, and the API that each needs (C14): a resource, or a group or what its groups
/// end in; empty: none.
struct Reconciler {
    Software software;
    std::string_view api;
};
constexpr std::array k_reconcilers{
    Reconciler{{"Argo CD", "argoproj/argocd, argocd-rhel*"}, "applications.argoproj.io"},
    Reconciler{{"Flux", "fluxcd/kustomize-controller, fluxcd/helm-controller"}, "toolkit.fluxcd.io"},
    Reconciler{{"Fleet", "rancher/fleet-agent"}, "fleet.cattle.io"},
    Reconciler{{"kapp-controller", "*kapp-controller*"}, "kappctrl.k14s.io"},
    Reconciler{{"Config Sync", "config-sync-release/reconciler-manager, config-management-release/reconciler-manager, reconciler-manager"},
               "configsync.gke.io"},
    Reconciler{{"GitLab agent", "*/agentk, agentk"}, ""},
    Reconciler{{"Kluctl", "kluctl/kluctl"}, ""},
    Reconciler{{"Sveltos", "projectsveltos/*"}, ""},
};

/// Continuous integration, and agents of a delivery system elsewhere.
constexpr std::array k_delivery_helpers{
    Software{"Tekton", "tektoncd/pipeline/cmd/controller*, pipeline/cmd/controller*, *pipelines-controller-rhel*"},
    Software{"Argo Workflows", "argoproj/workflow-controller"},
    Software{"Argo Events", "argoproj/argo-events"},
    Software{"Jenkins", "jenkins/jenkins"},
    Software{"Actions Runner Controller", "*gha-runner-scale-set-controller*, *actions-runner-controller*"},
    Software{"GitLab Runner", "gitlab/gitlab-runner*, gitlab-org/gitlab-runner"},
    Software{"Octopus agent", "octopusdeploy/*"},
    Software{"Harness delegate", "harness/delegate*"},
    Software{"Spinnaker", "spinnaker/*, spinnaker-community/docker/*"},
};

bool serves_api(const Context& context, std::string_view api)
{
    if (api.empty() || context.inventory.serves(api)) return true;
    return std::ranges::any_of(context.inventory.served, [&](const std::string& resource) { return resource.ends_with(fmt::format(".{}", api)); });
}

/// From this share of the workloads on, in percent, delivery is by push.
constexpr double k_pushed_share = 80;

/// What pipelines outside the cluster pushed into it, of all user workloads.
struct Pushed {
    std::size_t workloads = 0;
    std::size_t releases = 0;   ///< of Helm
    std::size_t by_manager = 0; ///< of the others, written by one of `ciManagers`

    [[nodiscard]] double share() const ///< in percent
    {
        return workloads == 0 ? 0 : 100.0 * static_cast<double>(releases + by_manager) / static_cast<double>(workloads);
    }
};

Pushed count_pushed(const Context& context)
{
    Pushed pushed;
    for (const auto& workload : context.index.workloads()) {
        if (workload.object == nullptr || workload.finished || context.is_system(workload.ns)) continue;
        ++pushed.workloads;
        if (workload.object->meta.annotations.has("meta.helm.sh/release-name"))
            ++pushed.releases;
        else if (is_written_by(*workload.object, context.parameters.list("ciManagers")))
            ++pushed.by_manager;
    }
    return pushed;
}

/// No reconciler runs, and few traces of delivery from outside are seen. `left_over`: whose API is served all the same, or nullptr.
Verdict without_reconciler(const Reconciler* left_over, const Context& context)
{
    if (const auto helpers = find_software(context, k_delivery_helpers); !helpers.empty())
        return warn(fmt::format("{} builds or runs jobs, but nothing that keeps the cluster in a declared state was found",
                                helpers.front().software->name))
            .by_absence();
    if (left_over != nullptr)
        return warn(fmt::format("The API of {} is served, but its controller does not run", left_over->software.name))
            .by_absence()
            .with("word", "crd-without-controller");
    return fail("No continuous-delivery controller was found").by_absence();
}

Verdict judge_cd_controller(const Context& context)
{
    const Reconciler* idle = nullptr;
    const Reconciler* left_over = nullptr;
    for (const auto& reconciler : k_reconcilers) {
        const auto found = find_software(context, std::span{&reconciler.software, 1});
        const auto ready = std::ranges::find(found, Readiness::ready, &Installation::readiness);
        const bool served = serves_api(context, reconciler.api);
        if (ready != found.end() && served)
            return pass(fmt::format("{} keeps the cluster in its declared state ({})", reconciler.software.name, name_of(*ready->workload))).proven();
        if (!found.empty())
            idle = &reconciler;
        else if (served && !reconciler.api.empty())
            left_over = &reconciler;
    }
    if (auto unobservable = unobservable_in_manifests(context, "whether a delivery controller runs")) return *std::move(unobservable);
    if (idle != nullptr) return warn(fmt::format("{} is installed but not working", idle->software.name)).by_absence().with("word", "not-ready");
    if (const auto pushed = count_pushed(context); pushed.share() >= k_pushed_share)
        return pass(fmt::format("{:.0f} % of the workloads are releases of Helm or written by a pipeline: delivery pushes from outside",
                                pushed.share()))
            .with("word", "push")
            .with("releases", static_cast<std::int64_t>(pushed.releases))
            .with("writtenByPipelines", static_cast<std::int64_t>(pushed.by_manager));
    return or_attested(without_reconciler(left_over, context), context, "pushCd", "Delivery pushes from outside the cluster", {"WL"});
}

// --- ci-runner-isolation ---

constexpr std::string_view k_runner_images =
    "*actions-runner*, gitlab/gitlab-runner*, gitlab-org/gitlab-runner, jenkins/inbound-agent, moby/buildkit*, *kaniko*, kaniko-project/executor";
/// What belongs to CI besides the runners: sharing a namespace with it is no finding.
constexpr std::string_view k_ci_images = "*gha-runner-scale-set-controller*, *actions-runner-controller*, jenkins/jenkins, tektoncd/pipeline/cmd/*, "
                                         "pipeline/cmd/*, argoproj/workflow-controller";

bool is_docker_in_docker(const model::ImageReference& image)
{
    return image.is_repository("docker") && image.tag.find("dind") != std::string::npos;
}

bool is_rootless(const model::ImageReference& image)
{
    return image.tag.find("rootless") != std::string::npos && (image.is_repository("moby/buildkit*") || image.is_repository("docker"));
}

bool is_runner(const model::Workload& workload)
{
    for (const auto* pod_template : workload.templates)
        if (pod_template->labels.has("actions.github.com/scale-set-name") ||
            pod_template->labels.is("app.kubernetes.io/managed-by", "tekton-pipelines"))
            return true;
    bool runner = has_image(workload, k_runner_images);
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        const auto image = model::parse_image_reference(container.image);
        runner = runner || (image && is_docker_in_docker(*image));
    });
    return runner;
}

bool is_runtime_socket(std::string_view path)
{
    for (const std::string_view socket : {"docker.sock", "containerd.sock", "crio.sock", "podman.sock", "cri-dockerd.sock", "buildkitd.sock"})
        if (path.ends_with(socket)) return true;
    return path == "/run/containerd" || path == "/var/run/containerd" || path == "/run/crio" || path == "/var/run/crio" || path == "/var/run" ||
           path == "/run";
}

bool grants_everything(const model::Role& role)
{
    const auto any = [](std::span<const Text> values) { return std::ranges::find(values, std::string_view{"*"}, &Text::view) != values.end(); };
    return std::ranges::any_of(role.rules,
                               [&](const model::PolicyRule& rule) { return any(rule.verbs) && any(rule.api_groups) && any(rule.resources); });
}

/// A ClusterRoleBinding that makes the ServiceAccount of a template cluster-admin, by what the role grants; nullptr: none that is seen.
const model::RoleBinding* admin_binding(const model::Workload& workload, const Context& context)
{
    for (const auto* pod_template : workload.templates) {
        const auto account = pod_template->spec->service_account.empty() ? std::string_view{"default"} : pod_template->spec->service_account.view();
        for (const auto* binding : context.rbac.bindings_of_service_account(workload.ns, account)) {
            const auto* role = context.rbac.role_of(*binding);
            if (binding->is_cluster_binding() && (role != nullptr ? grants_everything(*role) : binding->role_name == "cluster-admin")) return binding;
        }
    }
    return nullptr;
}

/// What makes a runner dangerous by itself.
struct RunnerFindings {
    NameList reasons;
    bool rootless = false;
};

RunnerFindings inspect_runner(const model::Workload& workload, const Context& context)
{
    RunnerFindings findings;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        const auto image = model::parse_image_reference(container.image);
        const bool rootless = image && is_rootless(*image);
        findings.rootless = findings.rootless || rootless;
        if (container.security->privileged.value_or(false) && !rootless)
            findings.reasons.add(fmt::format("container {} is privileged", container.name.view()));
    });
    for (const auto* pod_template : workload.templates)
        for (const auto& volume : pod_template->spec->volumes)
            if (volume.kind == model::Volume::Kind::host_path && is_runtime_socket(volume.source))
                findings.reasons.add(fmt::format("the node's {} is mounted", volume.source.view()));
    if (const auto* binding = admin_binding(workload, context))
        findings.reasons.add(fmt::format("ClusterRoleBinding {} makes it cluster-admin", binding->meta.name.view()));
    return findings;
}

Verdict judge_runner(const model::Workload& workload, const Context& context)
{
    if (!is_runner(workload)) return not_applicable("It is no CI runner").proven();
    const auto findings = inspect_runner(workload, context);
    if (!findings.reasons.empty())
        return fail(fmt::format("A CI runner, which executes code of others, can take over more than its pod: {}", findings.reasons.text()))
            .with("reasons", findings.reasons.values());
    if (findings.rootless) return warn("A rootless builder still needs a relaxed seccomp profile").with("word", "rootless");
    NameList neighbours;
    for (const auto* other : context.index.workloads_in(workload.ns))
        if (other != &workload && !other->finished && !is_runner(*other) && !has_image(*other, k_ci_images))
            neighbours.add(fmt::format("{}/{}", other->kind.view(), other->name.view()));
    if (!neighbours.empty())
        return warn(fmt::format("A CI runner shares its namespace with other workloads: {}", neighbours.text()))
            .with("workloads", neighbours.values());
    return pass("The runner is unprivileged and has its namespace to itself");
}

// --- image-tag-floating ---

bool holds(const std::vector<std::string>& list, std::string_view item)
{
    return std::ranges::find(list, item) != list.end();
}

/// A tag that is only a major or a minor version: `1`, `v1.27`.
bool is_short_version(std::string_view tag)
{
    if (tag.starts_with('v')) tag.remove_prefix(1);
    int parts = 1;
    bool digit = false;
    for (const char c : tag) {
        if (c >= '0' && c <= '9') {
            digit = true;
        } else if (c == '.' && digit) {
            ++parts;
            digit = false;
        } else {
            return false;
        }
    }
    return digit && parts <= 2;
}

Verdict judge_image(std::string_view text, const Context& context)
{
    const auto image = model::parse_image_reference(text);
    if (!image) return unknown(Reason::malformed, "An image is not a reference: a placeholder, or a typing error").with("word", "unparsable");
    const auto& parameters = context.parameters;
    if (std::ranges::any_of(parameters.list("allowImages"), [&](const auto& entry) { return model::image_list_matches(entry, *image); }))
        return not_applicable("Its images are allowed by allowImages").proven();
    if (!image->digest.empty()) return pass("Every image is pinned").proven();
    const auto tag = image->effective_tag();
    if (image->tag.empty() || holds(parameters.list("floatingTags"), tag))
        return fail(fmt::format("Image {} can become another one at any time: its tag is {}", image->repository(), tag));
    if (is_short_version(tag) || holds(parameters.list("channelTags"), tag))
        return warn(fmt::format("Image {} follows a channel: tag {} moves with each release", image->repository(), tag));
    if (parameters.flag("requireDigest")) return warn(fmt::format("Image {} is not pinned by digest", image->repository()));
    return pass("Every image is pinned").proven();
}

Verdict judge_floating_tag(const model::Workload& workload, const Context& context)
{
    if (workload.operator_owned()) return not_applicable("An operator decides its images").proven();
    auto result = not_applicable("It has no containers").proven();
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate&) {
        result = worst(std::move(result), judge_image(container.image, context));
    });
    return result;
}

constexpr std::array k_controller_parameters{
    Parameter{"ciManagers", Parameter::Type::list,
              "[helm, Terraform, pulumi-kubernetes, ansible, werf, skaffold, kapp, github-actions, gitlab-runner]",
              "Field managers that pipelines write with."},
};
constexpr std::array k_tag_parameters{
    Parameter{"floatingTags", Parameter::Type::list, "[latest, edge, nightly, dev, main, master, head, snapshot]", "Tags that move by design."},
    Parameter{"channelTags", Parameter::Type::list, "[stable, lts, alpine, slim, release, rc, beta]", "Tags that follow a channel of releases."},
    Parameter{"requireDigest", Parameter::Type::flag, "false", "Ask for a digest beside every tag."},
    Parameter{"allowImages", Parameter::Type::list, "[]", "Images that may float."},
};

constexpr Parameter k_sync_parameters[] = {
    {"syncGrace", Parameter::Type::duration, "24h", "How long an Application with automated sync may be OutOfSync."},
    {"manualSyncGrace", Parameter::Type::duration, "72h", "How long one without may."},
};
constexpr Parameter k_automation_parameters[] = {
    {"manualApprovalNamespaces", Parameter::Type::list, "[]", "Namespaces whose changes wait for a person."},
};

constexpr std::array k_manual_parameters{
    k_controller_parameters[0],
    Parameter{"gitopsManagers", Parameter::Type::list,
              "[argocd-controller, argocd-application-controller, kustomize-controller, helm-controller, helm, Helm]",
              "Field managers of reconcilers."},
    Parameter{"window", Parameter::Type::duration, "30d", "How long a change by hand is a finding."},
};

constexpr Parameter k_pipeline_parameters[] = {
    {"pipelineSelector", Parameter::Type::text, "''", "Runs that count, as kubectl's -l selects them; empty: all."},
};
constexpr Parameter k_provenance_parameters[] = {
    {"provenanceKeys", Parameter::Type::list,
     "[app.kubernetes.io/commit, org.opencontainers.image.revision, app.gitlab.com/env, kubernetes.io/change-cause]",
     "Annotations that say which commit or release runs."},
    k_tag_parameters[0],
};

constexpr std::array k_checks{
    Check{
        .id = "gitops-scope",
        .title = "Delivery identity is broader than its tenant",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "applications.argoproj.io,appprojects.argoproj.io,kustomizations.kustomize.toolkit.fluxcd.io,"
                 "helmreleases.helm.toolkit.fluxcd.io,WL,tenants.capsule.clastix.io",
        .grants = "CD,WL,+CA",
        .subjects = k_delivery_scope_units,
        .fields = k_delivery_scope_fields,
        .rationale = "A reconciler mostly holds every right. Whoever may write its objects, or the repository behind them, has those rights too, "
                     "unless it delivers for each team with that team's own.",
        .rule = "A finding is a fail where Capsule tenants exist, else a warn. Argo CD: an Application in project default while that takes any "
                "repository to any namespace, as shipped; another AppProject with clusterResourceWhitelist */*. Flux: no serviceAccountName while "
                "the controller has no --default-service-account, or a source of another namespace without --no-cross-namespace-refs. pass: none "
                "of these. not_applicable: project default itself, and what goes to another cluster by kubeConfig. unknown: the controller was not "
                "recognised.",
        .remediation = "Argo CD: an AppProject for each team:\n"
                       "  spec: {sourceRepos: [https://git.example/shop/*], destinations: [{server: https://kubernetes.default.svc, namespace: "
                       "shop}]}\n"
                       "Flux: start kustomize-controller and helm-controller with --default-service-account=default and "
                       "--no-cross-namespace-refs=true, and set spec.serviceAccountName where more is needed.",
        .limits = "One team alone in a cluster may use project default knowingly. What the ServiceAccount or the kubeConfig may do is not looked at "
                  "here.",
        .references = "https://argo-cd.readthedocs.io/en/stable/user-guide/projects/, "
                      "https://fluxcd.io/flux/installation/configuration/multitenancy/",
        .judge_document = judge_delivery_scope,
    },
    Check{
        .id = "deploy-provenance",
        .title = "Running version cannot be tied to a commit or release",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "WL,applications.argoproj.io,kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io,"
                 "vulnerabilityreports.aquasecurity.github.io,pods",
        .grants = "WL,CD,+VS,+PO",
        .subjects = "WL",
        .fields = k_provenance_fields,
        .parameters = k_provenance_parameters,
        .rationale = "When something breaks, the first question is what changed; without a version or commit on the object nobody can say what runs.",
        .rule = "pass: no image floats, and one of these names the version: label app.kubernetes.io/version or helm.sh/chart, an annotation of "
                "`provenanceKeys`, the revision that Argo CD or Flux delivered, or the image's OCI labels in a Trivy report. warn: neither, or an "
                "image without tag and digest or with one of `floatingTags`. unknown: an image that is no reference. not_applicable: objects that "
                "an operator made.",
        .remediation = "Let the pipeline stamp what it delivers:\n"
                       "  kubectl annotate deployment/<name> app.kubernetes.io/commit=$(git rev-parse HEAD) --overwrite\n"
                       "or set commonAnnotations in kustomization.yaml, or the label app.kubernetes.io/version.",
        .limits = "app.kubernetes.io/version of a chart is the version of the application, not a commit. A hub's Applications, with their revision, "
                  "are not in this cluster.",
        .references = "https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/, "
                      "https://specs.opencontainers.org/image-spec/annotations/",
        .run = judge_provenance,
    },
    Check{
        .id = "pipeline-health",
        .title = "Latest pipeline run is failing",
        .scope = Scope::namespace_,
        .severity = Severity::low,
        .needs = "pipelineruns.tekton.dev,workflows.argoproj.io,builds.build.openshift.io",
        .grants = "CD",
        .fields = k_pipeline_fields,
        .parameters = k_pipeline_parameters,
        .rationale = "While the pipeline is broken no repair arrives either; a team that works around it delivers by hand.",
        .rule = "Of each pipeline the newest run counts: PipelineRuns by label tekton.dev/pipeline, Workflows by their template, Builds by their "
                "BuildConfig. warn: it failed more than a day ago. pass: none did. not_applicable: no runs, or none that `pipelineSelector` selects; "
                "runs that somebody cancelled do not count.",
        .remediation = "Repair the pipeline, or revert the change that broke it, before anything else:\n"
                       "  tkn pipelinerun logs <run> -n <namespace>, or argo logs <workflow> -n <namespace>",
        .limits = "Pipelines of pull requests fail by design: leave them out with pipelineSelector, such as event-type notin (pull_request). A run "
                  "without a named pipeline is one of its own.",
        .references = "https://tekton.dev/docs/pipelines/pipelineruns/#monitoring-execution-status",
        .judge_namespace = judge_pipelines,
    },
    Check{
        .id = "cd-controller-healthy",
        .title = "CD controller or its sources are failing",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs = "WL,applications.argoproj.io,kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io,"
                 "gitrepositories.source.toolkit.fluxcd.io,ocirepositories.source.toolkit.fluxcd.io,"
                 "helmrepositories.source.toolkit.fluxcd.io,buckets.source.toolkit.fluxcd.io",
        .grants = "CD,WL",
        .fields = k_delivery_health_fields,
        .rationale = "While the reconciler cannot read Git, nothing arrives and nothing is corrected, and all looks green.",
        .rule = "fail: a controller of Argo CD or Flux has nothing available, or a source that something delivers from has not been ready for an "
                "hour. warn: more than a tenth of the Applications report an error. pass: else. not_applicable: no reconciler.",
        .remediation = "Repair the credentials or the address of the source:\n  flux reconcile source git <name> -n <namespace>",
        .limits = "Sources that nothing uses may fail for ever.",
        .references = "https://fluxcd.io/flux/components/source/, https://argo-cd.readthedocs.io/en/stable/operator-manual/",
        .judge_cluster = judge_delivery_health,
    },
    Check{
        .id = "workload-cd-managed",
        .title = "Workload is not owned by a delivery pipeline",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,applications.argoproj.io,kustomizations.kustomize.toolkit.fluxcd.io,configmap:argocd/argocd-cm,pods",
        .grants = "WL,CD,+CM,+PO",
        .subjects = "WL",
        .fields = k_delivered_fields,
        .parameters = k_controller_parameters,
        .rationale = "What no pipeline delivers, nobody can review, repeat or roll back.",
        .rule = "pass: Argo CD, Flux, Fleet, Config Sync, kapp or OLM owns it, by their own records or the marks that they leave, or a manager of "
                "`ciManagers` other than helm wrote its spec. warn: Helm without one of these, or an unknown manager. fail: people only. unknown: "
                "managed fields were stripped. not_applicable: objects that an operator made.",
        .remediation =
            "Bring it under Git, or give the pipeline a name:\n  kubectl apply --server-side --field-manager=github-actions -f deployment.yaml",
        .limits = "app.kubernetes.io/instance is set by nearly every chart and is no evidence.",
        .references = "https://argo-cd.readthedocs.io/en/stable/user-guide/resource_tracking/",
        .run = judge_delivery,
    },
    Check{
        .id = "workload-manual-change",
        .title = "Live object was changed by hand",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL,applications.argoproj.io,kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io,"
                 "pods",
        .grants = "WL,CD,+PO",
        .subjects = "WL",
        .fields = k_delivered_fields,
        .parameters = k_manual_parameters,
        .rationale = "A change by hand is gone with the next sync, or stays and nobody knows of it.",
        .rule = "By managed fields that own part of the spec, within `window` and later than the last sync. fail: an interactive tool wrote to an "
                "object that is delivered from Git. warn: to any other object; or kubectl apply, which scripts use too, unless `ciManagers` names "
                "it. pass: neither. unknown: managed fields were stripped.",
        .remediation = "Let the sync undo it, or bring the change to Git:\n  argocd app sync <name>",
        .limits = "The time of an entry moves only when its set of fields changes: no entry is no proof. kubectl rollout restart, labels and scaling "
                  "do not count.",
        .references = "https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management",
        .run = judge_manual_changes,
    },
    Check{
        .id = "gitops-sync",
        .title = "Desired and live state differ",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "applications.argoproj.io, kustomizations.kustomize.toolkit.fluxcd.io, helmreleases.helm.toolkit.fluxcd.io, appprojects.argoproj.io",
        .grants = "CD",
        .subjects = k_gitops_units,
        .fields = k_gitops_fields,
        .parameters = k_sync_parameters,
        .rationale = "What differs from Git was changed by hand or never arrived; nobody reviewed the first, and the second is missing.",
        .rule = "Argo CD: fail: the last operation failed, Degraded or Missing for an hour, or OutOfSync for `syncGrace` (`manualSyncGrace` without "
                "automated "
                "sync). warn: Unknown or Suspended. Flux: fail: not Ready for an hour. warn: suspended for a week, or Ready is Unknown. pass: none "
                "of these. "
                "not_applicable: an Application of another cluster.",
        .remediation = "argocd app sync <name>, or flux reconcile kustomization <name> --with-source; then undo the change, or bring it to Git.",
        .limits = "Argo CD does not say since when an Application is OutOfSync: the end of its last operation stands for it.",
        .references = "https://argo-cd.readthedocs.io/en/stable/user-guide/diffing/, https://fluxcd.io/flux/components/kustomize/kustomizations/",
        .judge_document = judge_sync,
    },
    Check{
        .id = "gitops-automated",
        .title = "Automatic sync, prune or self-heal is off",
        .scope = Scope::object,
        .severity = Severity::low,
        .needs = "applications.argoproj.io, kustomizations.kustomize.toolkit.fluxcd.io, helmreleases.helm.toolkit.fluxcd.io, appprojects.argoproj.io",
        .grants = "CD",
        .subjects = k_gitops_units,
        .fields = k_gitops_fields,
        .parameters = k_automation_parameters,
        .rationale = "Where a person has to press a button, what runs and what Git says drift apart.",
        .rule = "warn: an Application without automated sync, prune or selfHeal, a Kustomization without prune, a HelmRelease without drift "
                "detection. pass: "
                "none of these. not_applicable: a target in `manualApprovalNamespaces`, or another cluster.",
        .remediation = "spec: {syncPolicy: {automated: {prune: true, selfHeal: true}}} (Argo CD), spec: {prune: true} (Flux)",
        .limits = "Sync windows of AppProjects are not looked at.",
        .references = "https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/",
        .judge_document = judge_automation,
    },
    Check{
        .id = "cd-controller-present",
        .title = "No continuous-delivery mechanism found",
        .scope = Scope::cluster,
        .severity = Severity::medium,
        .needs =
            "WL, applications.argoproj.io, kustomizations.kustomize.toolkit.fluxcd.io, helmreleases.helm.toolkit.fluxcd.io, bundles.fleet.cattle.io, "
            "apps.kappctrl.k14s.io, rootsyncs.configsync.gke.io, reposyncs.configsync.gke.io, pipelineruns.tekton.dev",
        .grants = "WL,CD",
        .parameters = k_controller_parameters,
        .rationale = "What no pipeline delivers is changed by hand: nobody can review it, repeat it or take it back.",
        .rule =
            "pass: a reconciler is ready with its API, four of five workloads are Helm releases or have a spec that one of `ciManagers` wrote, or "
            "attest.pushCd stands. warn: it is not ready, only CI or an agent of a remote system runs, or its API is left over. fail: none.",
        .remediation = "kubectl create namespace argocd && kubectl apply -n argocd -f "
                       "https://raw.githubusercontent.com/argoproj/argo-cd/stable/manifests/install.yaml, or: flux bootstrap github …",
        .limits = "Delivery that pushes from outside leaves few traces: attest it with attest.pushCd. With a hub, Applications are on the hub.",
        .references = "https://opengitops.dev/, https://argo-cd.readthedocs.io/, https://fluxcd.io/flux/",
        .judge_cluster = judge_cd_controller,
    },
    Check{
        .id = "ci-runner-isolation",
        .title = "CI runner is privileged or shares production",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL, pods, RB",
        .grants = "WL,PO,RB",
        .rationale =
            "A runner executes whatever a commit says. Privileged, with the node's runtime or as cluster-admin, a pull request owns the cluster.",
        .rule =
            "fail: privileged, a container runtime's socket is mounted, or its ServiceAccount is cluster-admin. warn: a rootless builder, or other "
            "workloads share the namespace. pass: none of these. not_applicable: no CI runner.",
        .remediation =
            "Build without privileges (rootless BuildKit, kaniko), in a namespace and on nodes of its own, with a ServiceAccount that may only "
            "what its jobs need: kubectl delete clusterrolebinding NAME",
        .limits = "Runners are known by image and label; one with an image of its own is not recognised.",
        .references = "https://docs.github.com/en/actions/hosting-your-own-runners/, NSA Kubernetes Hardening Guidance 1.2",
        .judge_workload = judge_runner,
    },
    Check{
        .id = "image-tag-floating",
        .title = "Image reference can change under a running release",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "WL, pods",
        .grants = "WL,PO",
        .parameters = k_tag_parameters,
        .rationale = "With a tag that moves, two replicas of one release can run different code, and a rollback brings back something else.",
        .rule = "fail: no tag and no digest, or a floating tag. warn: only a major or minor version, or a channel's tag. pass: a digest, or any "
                "other tag. "
                "unknown: no image reference, such as a placeholder. not_applicable: an operator decides the image.",
        .remediation = "Let the pipeline write the release's tag, better its digest: image: registry.example/shop/api:1.4.2@sha256:…",
        .limits = "imagePullPolicy pins nothing.",
        .references = "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        .judge_workload = judge_floating_tag,
    },
};

} // namespace

constinit const check::Control k_continuous_delivery{
    .id = "continuous-delivery",
    .step = 12,
    .title = "Continuous integration and delivery",
    .summary = "Changes reach the cluster through a pipeline that anyone can review and repeat, and what runs can be traced to its source.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

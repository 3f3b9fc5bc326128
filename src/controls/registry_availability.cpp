// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/control_list.hpp"
#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/pull_failures.hpp"
#include "controls/registry_probes.hpp"
#include "controls/registry_reach.hpp"
#include "controls/workload_images.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Parameter;
using check::Scope;
using check::Severity;
using check::Status;
using check::Verdict;
using model::Workload;

constexpr Parameter k_window{
    .name = "window", .type = Parameter::Type::duration, .fallback = "1h", .description = "How old an event may be that still counts."};

std::string host_of(std::string_view image)
{
    const auto reference = model::parse_image_reference(image);
    return reference ? reference->host : std::string{image};
}

Verdict judge_pull_failures(const Workload& workload, const Context& context)
{
    if (workload.pods.empty()) return without_pods(context, workload);
    const auto history = pull_history(workload, context, context.parameters.duration("window"));
    const auto grace = context.parameters.duration("grace");
    bool young = false;
    for (const auto& waiting : history.waiting) {
        if (waiting.failure != PullFailure::unavailable) continue;
        if (waiting.waiting && *waiting.waiting <= grace) {
            young = true;
            continue;
        }
        return check::fail(fmt::format("Container {} of pod {} waits for its image: {} does not answer", waiting.name, waiting.pod->name.view(),
                                       host_of(waiting.image)))
            .with("registry", host_of(waiting.image))
            .with("image", std::string{waiting.image});
    }
    if (auto hidden = hidden_cause(history, workload, context)) return std::move(*hidden);
    constexpr int k_several = 3;
    const auto recent = history.recent_count(PullFailure::unavailable);
    if (recent >= k_several && !young)
        return check::warn(fmt::format("{} pulls failed lately because the registry did not answer", recent)).with("failures", std::int64_t{recent});
    if (young)
        return resting_on_pods(check::not_applicable(fmt::format("Waits for its image for less than {}", format_age(grace))), context, workload);
    if (!history.waiting.empty() || history.never_pulls)
        return resting_on_pods(check::not_applicable("Its image cannot be pulled for another reason than the registry's availability"), context,
                               workload);
    return resting_on_pods(check::pass("No pull fails because its registry is unavailable"), context, workload);
}

/// The newest answer of a configured probe of the registry that serves the image.
bool probe_is_throttled(const Context& context, std::string_view image)
{
    const auto reference = model::parse_image_reference(image);
    if (!reference) return false;
    const std::string_view host = reference->host == "docker.io" ? "registry-1.docker.io" : std::string_view{reference->host};
    constexpr int k_too_many_requests = 429;
    const auto* answer = context.inventory.probe(fmt::format("https://{}/v2/", host));
    return answer != nullptr && answer->status == k_too_many_requests;
}

Verdict judge_rate_limited(const Workload& workload, const Context& context)
{
    if (workload.pods.empty()) return without_pods(context, workload);
    const auto history = pull_history(workload, context, context.parameters.duration("window"));
    if (const auto* waiting = history.find(PullFailure::throttled))
        return check::fail(fmt::format("Container {} of pod {} waits for its image: {} throttles this cluster", waiting->name,
                                       waiting->pod->name.view(), host_of(waiting->image)))
            .with("registry", host_of(waiting->image))
            .with("image", std::string{waiting->image});
    if (auto hidden = hidden_cause(history, workload, context)) return std::move(*hidden);
    if (const auto recent = history.recent_count(PullFailure::throttled); recent > 0)
        return check::warn(fmt::format("The registry throttled {} lately", recent == 1 ? "a pull" : fmt::format("{} pulls", recent)));
    for (const auto& image : images_in_use(workload))
        if (probe_is_throttled(context, image.text))
            return check::warn(fmt::format("{} answers probes with 429 Too Many Requests", host_of(image.text)))
                .with("registry", host_of(image.text));
    return resting_on_pods(check::pass("No pull was throttled"), context, workload);
}

Verdict judge_approved(const Workload& workload, const Context& context)
{
    const auto& approved = context.parameters.list("approvedRegistries");
    if (approved.empty()) return check::not_applicable("No list of approved registries is configured").proven();
    NameList found;
    for (const auto& image : images_in_use(workload)) {
        const bool fits =
            image.reference && std::ranges::any_of(approved, [&](const auto& entry) { return model::image_list_matches(entry, *image.reference); });
        if (!fits)
            found.add(image.reference ? fmt::format("{} ({})", image.reference->repository(), image.where)
                                      : fmt::format("{} ({})", image.text, image.where));
    }
    if (found.empty()) return by_template(check::pass("All images come from approved registries"), context, workload);
    return by_template(check::fail(fmt::format("Not from an approved registry: {}", found.text())).with("images", found.values()), context, workload);
}

Verdict judge_implicit_hub(const Workload& workload, const Context& context)
{
    NameList implicit;
    NameList explicit_hub;
    for (const auto& image : images_of_templates(workload)) {
        if (!image.reference) continue;
        if (!image.reference->host_written)
            implicit.add(fmt::format("{} ({})", image.text, image.where));
        else if (image.reference->host == "docker.io")
            explicit_hub.add(fmt::format("{} ({})", image.text, image.where));
    }
    if (!implicit.empty()) return check::fail(fmt::format("No registry is named: {}", implicit.text())).with("images", implicit.values());
    if (!explicit_hub.empty() && !context.parameters.flag("allowDockerHub"))
        return check::warn(fmt::format("From Docker Hub: {}", explicit_hub.text())).with("images", explicit_hub.values());
    return check::pass("Every image names its registry").proven();
}

/// A registry path and what became of it. `glob`: of the normalised repository, its own or with anything below it.
struct RetiredPath {
    std::string prefix;
    Status status = Status::pass;
    bool versions_only = false; ///< only version tags are gone
    std::string why;
};

std::vector<RetiredPath> retired_paths(const Context& context)
{
    std::vector<RetiredPath> table{
        {"k8s.gcr.io", Status::fail, false, "frozen in April 2023; use registry.k8s.io"},
        {"docker.io/bitnami", Status::fail, true, "version tags were moved away in August 2025"},
        {"docker.io/bitnami/sealed-secrets-*", Status::pass, false, ""},
        {"docker.io/bitnamilegacy", Status::warn, false, "an archive without updates"},
        {"gcr.io", Status::warn, false, "Container Registry was shut down in March 2025; make sure that Artifact Registry serves this name"},
        {"us.gcr.io", Status::warn, false, "Container Registry was shut down in March 2025; make sure that Artifact Registry serves this name"},
        {"eu.gcr.io", Status::warn, false, "Container Registry was shut down in March 2025; make sure that Artifact Registry serves this name"},
        {"asia.gcr.io", Status::warn, false, "Container Registry was shut down in March 2025; make sure that Artifact Registry serves this name"},
        {"gcr.io/distroless", Status::pass, false, ""},
        {"docker.pkg.github.com", Status::warn, false, "superseded by ghcr.io"},
    };
    for (const auto& record : context.parameters.records("deprecatedHosts")) {
        const auto value = [&](std::string_view key) {
            const auto found = record.find(key);
            return found == record.end() || found->second.empty() ? std::string{} : found->second.front();
        };
        const auto status = check::parse_status(value("status"));
        if (value("prefix").empty()) continue;
        std::erase_if(table, [&](const RetiredPath& path) { return path.prefix == value("prefix"); });
        table.push_back({value("prefix"), status.value_or(Status::fail), false, value("reason").empty() ? "retired" : value("reason")});
    }
    return table;
}

/// True if the repository is the prefix or lies below it; a last component with `*` is matched as a glob.
bool lies_below(std::string_view repository, std::string_view prefix)
{
    if (prefix.find('*') != std::string_view::npos) return glob_match(prefix, repository) || glob_match(std::string{prefix} + "/*", repository);
    return repository.starts_with(prefix) && (repository.size() == prefix.size() || repository[prefix.size()] == '/');
}

Verdict judge_deprecated(const Workload& workload, const Context& context)
{
    const auto table = retired_paths(context);
    auto verdict = check::pass("No image comes from a retired registry path");
    for (const auto& image : images_in_use(workload)) {
        if (!image.reference) continue;
        const auto repository = image.reference->repository();
        const RetiredPath* longest = nullptr;
        for (const auto& path : table)
            if (lies_below(repository, path.prefix) && (longest == nullptr || path.prefix.size() > longest->prefix.size())) longest = &path;
        if (longest == nullptr || longest->status == Status::pass) continue;
        if (longest->versions_only && (image.reference->tag.empty() || image.reference->tag == "latest")) continue;
        auto one = longest->status == Status::fail ? check::fail("") : check::warn("");
        one.message = fmt::format("{} ({}): {}", image.text, image.where, longest->why);
        verdict = check::worst(std::move(verdict), std::move(one).with("image", std::string{image.text}));
    }
    return by_template(std::move(verdict), context, workload);
}

Verdict judge_sprawl(const Context& context)
{
    const auto& mirrored = context.parameters.list("mirroredHosts");
    std::set<std::string> hosts;
    std::set<const model::PodSpec*> seen;
    for (const auto& pod : context.inventory.pods) {
        if (!pod.is_active() || pod.spec() == nullptr || context.is_system(pod.ns()) || !seen.insert(pod.spec()).second) continue;
        for (const auto& container : pod.spec()->containers) {
            if (container.kind == model::Container::Kind::ephemeral) continue;
            const auto reference = model::parse_image_reference(container.image);
            if (reference && !glob_match_any(mirrored, reference->host)) hosts.insert(reference->host);
        }
    }
    NameList names;
    for (const auto& host : hosts)
        names.add(host);
    const auto count = static_cast<double>(hosts.size());
    if (count > context.parameters.number("fail"))
        return check::fail(fmt::format("Pods depend on {} registries: {}", hosts.size(), names.text())).with("hosts", names.values());
    if (count > context.parameters.number("warn"))
        return check::warn(fmt::format("Pods depend on {} registries: {}", hosts.size(), names.text())).with("hosts", names.values());
    return check::pass(fmt::format("Pods depend on {} {}", hosts.size(), hosts.size() == 1 ? "registry" : "registries"));
}

constexpr Parameter k_failure_parameters[] = {
    k_window,
    {.name = "grace", .type = Parameter::Type::duration, .fallback = "5m", .description = "How long a pull may fail before it counts."},
};
constexpr Parameter k_window_parameters[] = {k_window};
constexpr Parameter k_approved_parameters[] = {
    {.name = "approvedRegistries",
     .type = Parameter::Type::list,
     .fallback = "[]",
     .description = "Registries or repository prefixes that images may come from: harbor.example, ghcr.io/acme. Empty: not judged."},
};
constexpr Parameter k_hub_parameters[] = {
    {.name = "allowDockerHub", .type = Parameter::Type::flag, .fallback = "true", .description = "False: images that name docker.io are a warning."},
};
constexpr Parameter k_deprecated_parameters[] = {
    {.name = "deprecatedHosts",
     .type = Parameter::Type::records,
     .fallback = "[]",
     .description = "Adds to the shipped table, or replaces an entry of it: {prefix: old.example/team, status: pass|warn|fail, reason}. The longest "
                    "prefix wins."},
};
constexpr Parameter k_sprawl_parameters[] = {
    {.name = "warn", .type = Parameter::Type::number, .fallback = "5", .description = "More registries than this are a warning."},
    {.name = "fail", .type = Parameter::Type::number, .fallback = "12", .description = "More registries than this fail."},
    {.name = "mirroredHosts",
     .type = Parameter::Type::list,
     .fallback = "[]",
     .description = "Registries that a mirror stands in front of: they do not count."},
};

constexpr Parameter k_availability_parameters[] = {
    {.name = "window", .type = Parameter::Type::duration, .fallback = "7d", .description = "Time that is judged; at most ten days are kept."},
    {.name = "minSamples", .type = Parameter::Type::number, .fallback = "500", .description = "Probes that a judgement needs."},
    {.name = "slo", .type = Parameter::Type::number, .fallback = "99.9", .description = "Per cent of the probes that must find the registry up."},
    {.name = "controlTarget",
     .type = Parameter::Type::text,
     .fallback = "''",
     .description = "A URL outside, probed too: while it does not answer, the way out is broken and no registry is judged."},
};
constexpr Parameter k_certificate_parameters[] = {
    {.name = "days", .type = Parameter::Type::number, .fallback = "21", .description = "A certificate that is valid for fewer days is a warning."},
};
constexpr check::Fields k_certificate_fields[] = {{"images.config.openshift.io", "spec.registrySources.insecureRegistries"}};

constexpr Check k_checks[] = {
    {
        .id = "registry-incluster-not-ha",
        .title = "In-cluster registry is a single point of failure",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "WL,services,ingresses.networking.k8s.io,poddisruptionbudgets.policy,configs.imageregistry.operator.openshift.io,pods",
        .grants = "WL,SV,NP,PD,OC,+PO",
        .subjects = "WL",
        .fields = k_incluster_fields,
        .rationale =
            "When the registry's node goes, the pods that were on it cannot start elsewhere: their images are behind the registry that went.",
        .rule = "For workloads that run a known registry, and OpenShift's own. fail: images are kept in an emptyDir, no replica is ready, or its own "
                "image comes from itself. warn: one replica or no disruption budget; of an emptyDir in a cluster of one node. pass: two or more with "
                "a budget. not_applicable: no image comes from it. Other workloads have no result.",
        .remediation = "Run two replicas on object storage, with a budget:\n"
                       "  kubectl create poddisruptionbudget registry --selector=app=registry --max-unavailable=1",
        .limits = "A volume that only one node may mount allows a single replica.",
        .references = "https://distribution.github.io/distribution/about/deploying/",
        .judges_system_namespaces = true,
        .run = judge_incluster_registries,
    },
    {
        .id = "registry-cross-region",
        .title = "Images are pulled across regions",
        .scope = Scope::workload,
        .severity = Severity::low,
        .needs = "nodes,pods,WL",
        .grants = "NO,PO,+WL",
        .rationale = "A pull across regions is slower, is paid for, and fails when either region does.",
        .rule = "By the region in the host's name (Amazon ECR, Google Artifact Registry) and that of the nodes of its pods. warn: they differ. pass: "
                "they are the same. not_applicable: hosts that are in several regions or name none, nodes without topology.kubernetes.io/region.",
        .remediation = "Replicate the repository into the cluster's region and use that host.",
        .limits = "A replica may be behind another name.",
        .references = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html",
        .judge_workload = judge_regions,
    },
    {
        .id = "registry-pull-latency",
        .title = "Image pulls are slow",
        .scope = Scope::namespace_,
        .severity = Severity::info,
        .needs = "events",
        .grants = "EV",
        .subjects = "events",
        .parameters = k_window_parameters,
        .rationale = "Roll-outs, failovers and autoscaling wait for the slowest image.",
        .rule = "By the kubelets' events of finished pulls within `window`, without the time in the queue. warn: the 95th of 100 takes longer than a "
                "minute. pass: it does not. unknown: fewer than 20 pulls. Namespaces without pulls have no result.",
        .remediation = "Make images smaller, bring the registry or a cache close, and let kubelets pull in parallel:\n"
                       "  serializeImagePulls: false",
        .references = "https://kubernetes.io/docs/concepts/containers/images/#parallel-image-pulls",
        .run = judge_pull_latency,
    },
    {
        .id = "registry-probe-availability",
        .title = "Measured registry availability is below objective",
        .scope = Scope::registry,
        .severity = Severity::high,
        .needs = "probe:registry",
        .grants = "H",
        .parameters = k_availability_parameters,
        .rationale = "No pod starts on a new node while its registry is down: an outage of the registry is one of every roll-out and every failover.",
        .rule =
            "Per registry of probes.registries, by GET /v2/ over `window`: up is 200, 401 with a challenge, or 429; down is 5xx, a time-out, DNS or "
            "TLS. pass: up in `slo` per cent of the probes. warn: in 99.5. fail: in fewer. unknown: fewer than `minSamples`, something answers that "
            "is no registry, or controlTarget does not answer. not_applicable: fromNodesOnly.",
        .remediation = "Move production images to a registry with a service level in your region, or put a mirror in front of it.",
        .limits = "As seen from the pod network; nodes may go another way. /v2/ can be up while the blob storage is down.",
        .references = "https://github.com/opencontainers/distribution-spec/blob/main/spec.md#determining-support",
        .run = judge_registry_availability,
    },
    {
        .id = "registry-tls-cert-expiry",
        .title = "Registry certificate expires soon or TLS is not used",
        .scope = Scope::registry,
        .severity = Severity::medium,
        .needs = "images.config.openshift.io,probe:registry",
        .grants = "+OC,H",
        .fields = k_certificate_fields,
        .parameters = k_certificate_parameters,
        .rationale = "An expired certificate stops every pull at once; a registry without TLS hands whoever stands in between the images.",
        .rule =
            "Per registry of probes.registries. fail: its certificate has expired, is for another name or not of the authority in caFile; it speaks "
            "plain HTTP; OpenShift lists it as insecure. warn: valid for fewer than `days`. pass: longer. unknown: an unknown authority without "
            "caFile, or no TLS answer. not_applicable: fromNodesOnly.",
        .remediation = "Renew the certificate and let that happen by itself (cert-manager, ACME); take the registry out of insecureRegistries.",
        .references = "https://distribution.github.io/distribution/about/insecure/",
        .run = judge_registry_certificates,
    },
    {
        .id = "registry-pull-failures",
        .title = "Images cannot be pulled because the registry is unavailable",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "pods,events,WL",
        .grants = "PO,+EV,+WL",
        .parameters = k_failure_parameters,
        .rationale =
            "A pod that cannot pull its image does not start: every roll-out, scale-up and replacement of a node then waits for the registry.",
        .rule = "fail: a container waits for longer than grace because its registry does not answer (time-out, refused, DNS, TLS, 5xx). warn: three "
                "or more such failures within "
                "window, recovered since. pass: none. not_applicable: no pod runs; it waits for less; the registry answered (rights, throttling, no "
                "such image) or the name is "
                "invalid. unknown: it waits and nothing visible says why.",
        .remediation = "Restore or replace the registry, and put a mirror in front of it:\n"
                       "  kubectl describe pod <pod> | grep -A5 Events",
        .limits = "Events live for about an hour; `BackOff` alone tells no cause.",
        .references = "https://kubernetes.io/docs/concepts/containers/images/",
        .judges_system_namespaces = true,
        .judge_workload = judge_pull_failures,
    },
    {
        .id = "registry-rate-limited",
        .title = "Registry throttles this cluster (429 / toomanyrequests)",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "pods,events,probe:registry,WL",
        .grants = "PO,+EV,+H,+WL",
        .parameters = k_window_parameters,
        .rationale = "Limits count per address that the cluster shows to the world, so one namespace may wait for what another has pulled.",
        .rule = "fail: a container waits because its registry throttles. warn: throttled within window, or a probe of the registry was answered with "
                "429. pass: none. unknown: it waits "
                "and nothing visible says why.",
        .remediation = "Pull with credentials, and through a pull-through cache.",
        .references = "https://docs.docker.com/docker-hub/usage/",
        .judges_system_namespaces = true,
        .judge_workload = judge_rate_limited,
    },
    {
        .id = "registry-not-approved",
        .title = "Image comes from a registry outside the approved list",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "pods,WL",
        .grants = "PO,WL",
        .parameters = k_approved_parameters,
        .rationale = "A registry that nobody vetted decides what runs here, and whether it can be pulled tomorrow.",
        .rule = "fail: an image of a container, an init container or an image volume comes from none of approvedRegistries (a whole repository, or a "
                "prefix that ends at a slash). Active "
                "pods decide, the template where none runs. pass: all do. not_applicable: the list is empty.",
        .remediation = "Push the image to an approved registry and name it there:\n"
                       "  skopeo copy docker://<image> docker://<approved registry>/<repository>:<tag>",
        .references = "https://kubernetes.io/docs/concepts/containers/images/, CIS 5.5.1",
        .judges_system_namespaces = true,
        .judge_workload = judge_approved,
    },
    {
        .id = "registry-implicit-docker-hub",
        .title = "Image reference has no registry host",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "pods,WL",
        .grants = "WL,PO",
        .parameters = k_hub_parameters,
        .rationale = "Where an unqualified name is pulled from depends on the node's configuration: mostly Docker Hub with its limits, with CRI-O "
                     "whatever registries.conf says.",
        .rule = "fail: an image in the template names no registry. warn: one names docker.io while allowDockerHub is false. pass: every image names "
                "its registry.",
        .remediation = "Write the registry into the reference:\n"
                       "  image: <registry>/<repository>:<tag>",
        .references = "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        .judges_system_namespaces = true,
        .judge_workload = judge_implicit_hub,
    },
    {
        .id = "registry-deprecated-host",
        .title = "Image is hosted on a frozen or shut-down registry path",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "pods,WL",
        .grants = "WL,PO",
        .parameters = k_deprecated_parameters,
        .rationale = "A frozen registry gives no fixes, and a retired one stops to answer: the pod runs until it has to be pulled again.",
        .rule = "The longest matching prefix of a table decides. fail: k8s.gcr.io; version tags of docker.io/bitnami. warn: docker.io/bitnamilegacy; "
                "gcr.io and its regions, save "
                "distroless; docker.pkg.github.com. pass: the rest.",
        .remediation = "Use the new address: registry.k8s.io for Kubernetes' own images, Artifact Registry for gcr.io, ghcr.io for GitHub packages, "
                       "and the vendor's present path.",
        .references = "https://kubernetes.io/blog/2023/03/10/image-registry-redirect/, "
                      "https://cloud.google.com/artifact-registry/docs/transition/prepare-gcr-shutdown, "
                      "https://github.com/bitnami/containers/issues/83267",
        .judges_system_namespaces = true,
        .judge_workload = judge_deprecated,
    },
    {
        .id = "registry-sprawl",
        .title = "Cluster depends on many registries",
        .scope = Scope::cluster,
        .severity = Severity::low,
        .needs = "pods",
        .grants = "PO",
        .parameters = k_sprawl_parameters,
        .rationale = "Each registry is one more thing that has to answer before a pod starts.",
        .rule = "fail: active pods outside system namespaces use more registries than `fail`. warn: more than `warn`. pass: no more.",
        .remediation = "Mirror third-party images into one approved registry.",
        .judge_cluster = judge_sprawl,
    },
};

} // namespace

constinit const check::Control k_registry_availability{
    .id = "registry-availability",
    .step = 2,
    .title = "A registry that is there when it is needed",
    .summary = "A pod can only start where its image can be pulled: the registry is part of every roll-out, scale-up and node replacement. How "
               "available it is shows in the pulls that "
               "fail, in probes, and in how many registries the cluster depends on.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

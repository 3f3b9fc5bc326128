// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/admission_plugins.hpp"
#include "controls/api_server_flags.hpp"
#include "controls/control_list.hpp"
#include "controls/evidence.hpp"
#include "controls/kubernetes_version.hpp"
#include "controls/names.hpp"
#include "controls/pull_failures.hpp"
#include "controls/pull_secret_list.hpp"
#include "controls/registry_probes.hpp"
#include "controls/template_parts.hpp"
#include "controls/workload_images.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

namespace {

using check::Check;
using check::Context;
using check::Parameter;
using check::Reason;
using check::Scope;
using check::Severity;
using check::Verdict;
using model::Workload;

constexpr Parameter k_window{
    .name = "window", .type = Parameter::Type::duration, .fallback = "1h", .description = "How old an event may be that still counts."};

// ---- credentials that the node has for a registry

struct ProviderHost {
    std::string_view provider; ///< prefix of a node's providerID
    std::string_view glob;     ///< of the registry host
};

/// What the kubelet's credential providers of the clouds answer for.
constexpr ProviderHost k_provider_hosts[] = {
    {"aws:", "*.dkr.ecr.*.amazonaws.com"},
    {"aws:", "*.dkr.ecr.*.amazonaws.com.cn"},
    {"aws:", "*.dkr.ecr-fips.*.amazonaws.com"},
    {"aws:", "*.dkr.ecr-fips.*.amazonaws.com.cn"},
    {"gce:", "gcr.io"},
    {"gce:", "*.gcr.io"},
    {"gce:", "*.pkg.dev"},
    {"gce:", "container.cloud.google.com"},
    {"azure:", "*.azurecr.io"},
    {"azure:", "*.azurecr.cn"},
    {"azure:", "*.azurecr.de"},
    {"azure:", "*.azurecr.us"},
};

bool is_cloud_registry(std::string_view host)
{
    return std::ranges::any_of(k_provider_hosts, [&](const auto& entry) { return glob_match(entry.glob, host); });
}

/// True if the nodes of this cluster get credentials for the registry from their cloud.
bool nodes_have_credentials(std::string_view host, const Context& context)
{
    if (context.inventory.nodes.empty()) return false;
    const std::string_view provider = context.inventory.nodes.front().provider_id;
    return std::ranges::any_of(k_provider_hosts,
                               [&](const auto& entry) { return provider.starts_with(entry.provider) && glob_match(entry.glob, host); });
}

bool has_pull_secret(const Workload& workload)
{
    return std::ranges::any_of(workload.pods, [](const auto* pod) { return pod->spec() != nullptr && !pod->spec()->image_pull_secrets.empty(); });
}

/// The first container that waits for an image of the repository, or nullptr.
const WaitingContainer* waiting_for(const PullHistory& history, const model::ImageReference& image)
{
    const auto found = std::ranges::find_if(history.waiting, [&](const auto& waiting) {
        const auto reference = model::parse_image_reference(waiting.image);
        return reference && reference->repository() == image.repository();
    });
    return found == history.waiting.end() ? nullptr : &*found;
}

bool lists_image(const std::vector<std::string>& list, const model::ImageReference& image)
{
    return std::ranges::any_of(list, [&](const auto& entry) { return entry == image.host || model::image_list_matches(entry, image); });
}

Verdict judge_credential(const Workload& workload, const model::ImageReference& image, const PullHistory& history, const Context& context)
{
    const auto repository = image.repository();
    const bool is_private = lists_image(context.parameters.list("privateRegistries"), image);
    if (!is_private && lists_image(context.parameters.list("publicRegistries"), image))
        return check::not_applicable(fmt::format("{} is public", repository));
    if (has_pull_secret(workload)) return check::pass("The pods have a pull secret");
    if (is_cloud_registry(image.host)) {
        if (const auto* gap = context.gap("nodes")) return context.unknown_for(*gap);
        if (nodes_have_credentials(image.host, context))
            return check::pass(fmt::format("The kubelet's credential provider answers for {}", image.host));
    }
    const auto* waiting = waiting_for(history, image);
    if (is_private) {
        const bool rejected = waiting != nullptr && (waiting->failure == PullFailure::auth || waiting->failure == PullFailure::auth_or_not_found);
        if (rejected)
            return check::fail(fmt::format("{} is private, the pods have no pull secret, and the pull is refused", repository))
                .with("registry", image.host);
        return check::warn(
                   fmt::format("{} is private and the pods have no pull secret: the node's own credentials, or anybody, may pull it", repository))
            .with("registry", image.host);
    }
    if (waiting != nullptr && waiting->failure == PullFailure::auth_or_not_found)
        return check::unknown(Reason::unobservable,
                              fmt::format("{} does not exist or needs a credential; its registry does not tell which", repository));
    return check::not_applicable(fmt::format("Nothing says that {} is private", repository));
}

Verdict judge_missing(const Workload& workload, const Context& context)
{
    if (workload.pods.empty()) return without_pods(context, workload);
    const auto history = pull_history(workload, context, context.parameters.duration("window"));
    auto verdict = check::not_applicable("No image");
    for (const auto& image : images_in_use(workload))
        if (image.reference) verdict = check::worst(std::move(verdict), judge_credential(workload, *image.reference, history, context));
    return resting_on_pods(std::move(verdict), context, workload);
}

// ---- secrets that pods name

/// Names that the workload's pods ask for; where none runs its templates and their ServiceAccounts (which the API server copies only into
/// a pod that names none itself).
std::set<std::string_view> named_secrets(const Workload& workload, const Context& context)
{
    std::set<std::string_view> names;
    const auto add = [&](std::span<const Text> list) {
        for (const auto name : list)
            names.insert(name);
    };
    if (!workload.pods.empty()) {
        for (const auto* pod : workload.pods)
            if (pod->spec() != nullptr) add(pod->spec()->image_pull_secrets);
        return names;
    }
    for (const auto* pod_template : workload.templates) {
        const auto& spec = *pod_template->spec;
        add(spec.image_pull_secrets);
        if (!spec.image_pull_secrets.empty()) continue;
        const auto* account = context.index.find_service_account(workload.ns, spec.service_account.empty() ? "default" : spec.service_account.view());
        if (account != nullptr) add(account->image_pull_secrets);
    }
    return names;
}

/// OpenShift makes these for each ServiceAccount and rotates them.
bool is_generated(std::string_view name, const Context& context)
{
    return context.inventory.cluster.platform == "openshift" && glob_match("*-dockercfg-*", name);
}

bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool names_word(std::string_view message, std::string_view name)
{
    for (auto at = message.find(name); at != std::string_view::npos; at = message.find(name, at + 1)) {
        const auto end = at + name.size();
        const bool starts = at == 0 || !is_word_char(message[at - 1]);
        const bool ends =
            end == message.size() || !is_word_char(message[end]) || (message[end] == '.' && (end + 1 == message.size() || message[end + 1] == ' '));
        if (starts && ends) return true;
    }
    return false;
}

/// Secrets that the kubelet said it could not find: three times and over more than five minutes, since copies of a replicator are late at times.
std::set<std::string_view> missing_by_events(const Workload& workload, const std::set<std::string_view>& names, const Context& context)
{
    constexpr int k_times = 3;
    constexpr seconds k_span{300};
    std::set<std::string_view> missing;
    for (const auto* pod : workload.pods) {
        for (const auto* event : context.index.events_about(pod->ns(), "Pod", pod->name)) {
            const auto age = event->last_seen.age(context.now);
            if (event->reason != "FailedToRetrieveImagePullSecret" || event->count < k_times || (age && *age > context.parameters.duration("window")))
                continue;
            if (const auto span = event->meta.created.age(event->last_seen); span && *span <= k_span) continue;
            for (const auto name : names)
                if (names_word(event->message, name)) missing.insert(name);
        }
    }
    return missing;
}

/// Kubelets say so since 1.28.
bool kubelets_report_missing(const Context& context)
{
    return minor_version(context.inventory.cluster.version).value_or(0) >= 28;
}

Verdict judge_dangling(const Workload& workload, const Context& context)
{
    const auto names = named_secrets(workload, context);
    if (names.empty()) {
        auto verdict = check::not_applicable("No pull secret is named");
        return workload.pods.empty() ? resting_on(resting_on_pods(std::move(verdict), context, workload), context, workload.ns, {"serviceaccounts"})
                                     : resting_on_pods(std::move(verdict), context, workload);
    }
    const bool secrets_seen = is_readable(context, "secrets", workload.ns);
    auto missing = missing_by_events(workload, names, context);
    if (secrets_seen) {
        missing.clear();
        for (const auto name : names)
            if (!is_generated(name, context) && context.index.find_secret(workload.ns, name) == nullptr) missing.insert(name);
    }
    if (!missing.empty()) {
        NameList list;
        for (const auto name : missing)
            list.add(std::string{name});
        const bool waits = !pull_history(workload, context, context.parameters.duration("window")).waiting.empty();
        auto verdict = waits ? check::fail(fmt::format("Pull secret {} does not exist in namespace {} and the pods wait for their images",
                                                       list.text(), workload.ns.view()))
                             : check::warn(fmt::format("Pull secret {} does not exist in namespace {}", list.text(), workload.ns.view()));
        return std::move(verdict).with("missing", list.values());
    }
    if (secrets_seen) return resting_on_pods(check::pass("All pull secrets exist"), context, workload);
    // Where the list was asked for and refused, what the kubelets do not say must not look better than what the list would have shown.
    if (const auto* gap = context.gap("secrets", workload.ns); gap != nullptr && model::is_missing(gap->reason)) return context.unknown_for(*gap);
    if (const auto* gap = context.gap("events", workload.ns)) return context.unknown_for(*gap);
    if (workload.pods.empty())
        return check::unknown(Reason::unobservable, "Whether its pull secret exists shows only once a pod runs").needs_grant("SE");
    if (!kubelets_report_missing(context))
        return check::unknown(Reason::unobservable, "Kubelets before 1.28 do not report a missing pull secret").needs_grant("SE");
    return resting_on_pods(check::pass("The kubelets found all pull secrets"), context, workload);
}

// ---- credentials that are refused

bool is_ecr(std::string_view image)
{
    const auto reference = model::parse_image_reference(image);
    return reference && (glob_match("*.dkr.ecr.*.amazonaws.com*", reference->host) || glob_match("*.dkr.ecr-fips.*.amazonaws.com*", reference->host));
}

/// A static copy of a token that lives for twelve hours.
const model::SecretRow* outlived_token(const WaitingContainer& waiting, const Context& context)
{
    constexpr std::chrono::hours k_lifetime{12};
    if (!is_ecr(waiting.image) || waiting.pod->spec() == nullptr) return nullptr;
    for (const auto name : waiting.pod->spec()->image_pull_secrets) {
        const auto* row = context.index.find_secret(waiting.pod->ns(), name);
        if (row == nullptr) continue;
        if (const auto age = row->created.age(context.now); age && *age > k_lifetime) return row;
    }
    return nullptr;
}

/// True if another pod runs an image of the repository, which so exists.
bool runs_elsewhere(std::string_view image, const model::Pod* here, const Context& context)
{
    const auto wanted = model::parse_image_reference(image);
    if (!wanted) return false;
    // Cheap before exact: the path has to be in the text.
    const auto last = wanted->path.substr(wanted->path.rfind('/') + 1);
    return std::ranges::any_of(context.inventory.pods, [&](const model::Pod& pod) {
        if (&pod == here || pod.phase != model::Pod::Phase::running) return false;
        return std::ranges::any_of(pod.container_statuses(), [&](const model::ContainerStatus& status) {
            if (!status.ready || status.image.view().find(last) == std::string_view::npos) return false;
            const auto running = model::parse_image_reference(status.image);
            return running && running->repository() == wanted->repository();
        });
    });
}

Verdict refused(const WaitingContainer& waiting, std::string_view how, const Context& context)
{
    auto verdict = check::fail(fmt::format("Container {} of pod {} cannot pull {}: {}", waiting.name, waiting.pod->name.view(), waiting.image, how))
                       .with("image", std::string{waiting.image});
    if (const auto* token = outlived_token(waiting, context)) {
        verdict.message += fmt::format("; Secret {} holds an ECR token, which lives for 12 hours", token->name.view());
        verdict.remediation = "Use the kubelet's ECR credential provider, or let a controller renew the Secret.";
    }
    return verdict;
}

Verdict judge_auth(const Workload& workload, const Context& context)
{
    if (workload.pods.empty()) return without_pods(context, workload);
    const auto history = pull_history(workload, context, context.parameters.duration("window"));
    if (const auto* waiting = history.find(PullFailure::auth)) return refused(*waiting, "the registry refuses the credentials", context);
    const auto* ambiguous = history.find(PullFailure::auth_or_not_found);
    if (ambiguous != nullptr && runs_elsewhere(ambiguous->image, ambiguous->pod, context))
        return refused(*ambiguous, "the registry refuses the credentials of an image that runs elsewhere", context);
    if (auto hidden = hidden_cause(history, workload, context)) return std::move(*hidden);
    if (ambiguous != nullptr)
        return check::warn(fmt::format("Container {} of pod {} cannot pull {}: it does not exist, or the credentials do not suffice", ambiguous->name,
                                       ambiguous->pod->name.view(), ambiguous->image))
            .with("image", std::string{ambiguous->image});
    const auto recent = history.recent_count(PullFailure::auth) + history.recent_count(PullFailure::auth_or_not_found);
    if (recent > 0)
        return check::warn(fmt::format("A registry refused the credentials of {} lately", recent == 1 ? "a pull" : fmt::format("{} pulls", recent)));
    return resting_on_pods(check::pass("No registry refuses the credentials"), context, workload);
}

// ---- cached images of other tenants

/// Images of private registries that the namespace's templates use, and whether each is asked for with policy Always.
struct PrivateImages {
    NameList images;
    bool all_always = true;
};

PrivateImages private_images_in(const model::Namespace& ns, const Context& context)
{
    PrivateImages found;
    for (const auto* workload : context.index.workloads_in(ns.meta.name)) {
        if (workload->finished) continue;
        for_each_container(*workload, [&](const model::Container& container, const model::PodTemplate&) {
            const auto image = model::parse_image_reference(container.image);
            if (!image || !lists_image(context.parameters.list("privateRegistries"), *image)) return;
            found.images.add(image->repository());
            const bool by_default = container.image_pull_policy.empty() && image->digest.empty() && image->effective_tag() == "latest";
            found.all_always = found.all_always && (container.image_pull_policy == "Always" || by_default);
        });
    }
    return found;
}

/// KEP-2535: since 1.35 kubelets ask a registry again for a pod whose credential they have not seen pull the image.
bool kubelets_verify_credentials(const Context& context)
{
    const auto& nodes = context.inventory.nodes;
    return !nodes.empty() &&
           std::ranges::all_of(nodes, [](const model::Node& node) { return minor_version(node.kubelet_version).value_or(0) >= 35; });
}

Verdict judge_cache_bypass(const model::Namespace& ns, const Context& context)
{
    if (context.parameters.text("tenancy") != "multi") return check::not_applicable("The cluster has one tenant").proven();
    const auto used = private_images_in(ns, context);
    const auto rest = [&](Verdict verdict) { return resting_on(std::move(verdict), context, ns.meta.name, {"pods"}); };
    if (used.images.empty()) return rest(check::not_applicable("No container here has an image of a private registry"));
    if (used.all_always) return rest(check::pass("Its private images are asked for at every start"));
    if (const auto* gap = first_gap(context, "*", {"nodes"})) return context.unknown_for(*gap);
    if (kubelets_verify_credentials(context)) return check::pass("The kubelets check who may use a cached image").proven();
    const auto servers = find_api_servers(context);
    if (servers.empty()) return hidden_control_plane(context);
    if (std::ranges::all_of(servers, [&](const ApiServer& server) { return runs_plugin(server, "AlwaysPullImages", context); }))
        return check::pass("AlwaysPullImages is on").proven();
    return check::warn(fmt::format("Any tenant's pod may run {} from the cache of a node, without a credential", used.images.text()))
        .with("images", used.images.values());
}

constexpr Parameter k_window_parameters[] = {k_window};
constexpr Parameter k_age_parameters[] = {
    {.name = "maxAgeDays", .type = Parameter::Type::number, .fallback = "180", .description = "Age in days from which on a credential is old."},
};
constexpr Parameter k_bypass_parameters[] = {
    {.name = "tenancy",
     .type = Parameter::Type::text,
     .fallback = "single",
     .description = "`multi` where tenants who do not trust each other share nodes; nothing is judged with `single`."},
    {.name = "privateRegistries",
     .type = Parameter::Type::list,
     .fallback = "[]",
     .description = "Registries or repository prefixes that need a credential: harbor.example, quay.io/acme."},
};
constexpr check::Fields k_external_secret_fields[] = {{"externalsecrets.external-secrets.io", "spec.target.name"}};
constexpr check::Fields k_delivery_fields[] = {
    {"pipelineruns.tekton.dev", "spec.workspaces.secret.secretName, spec.taskRunTemplate.podTemplate.imagePullSecrets, "
                                "spec.podTemplate.imagePullSecrets"},
    {"imagerepositories.image.toolkit.fluxcd.io", "spec.secretRef.name"},
};
constexpr Parameter k_missing_parameters[] = {
    {.name = "privateRegistries",
     .type = Parameter::Type::list,
     .fallback = "[]",
     .description = "Registries or repository prefixes that need a credential: harbor.example, quay.io/acme."},
    {.name = "publicRegistries",
     .type = Parameter::Type::list,
     .fallback = "[registry.k8s.io, public.ecr.aws, mcr.microsoft.com, gcr.io/distroless, docker.io/library, quay.io]",
     .description = "Registries or repository prefixes that anybody may pull from."},
    k_window,
};

constexpr Check k_checks[] = {
    {
        .id = "registry-allows-anonymous-pull",
        .title = "Registry declared private serves manifests anonymously",
        .scope = Scope::registry,
        .severity = Severity::high,
        .needs = "probe:registry",
        .grants = "H",
        .rationale = "Images hold code, configuration and sometimes keys: a private registry that anybody pulls from is public.",
        .rule =
            "Per registry of probes.registries with expectPrivate, by HEAD of repo:tag without credentials, then with the token that anybody gets "
            "from a configured host. fail: 200. pass: refused (401, 403, 404), or there is no such token. unknown: anything else. not_applicable: "
            "fromNodesOnly.",
        .remediation = "Make the project or repository private and ask for authentication; in Harbor:\n"
                       "  Projects > <project> > Configuration > Public: off",
        .limits = "One repository is asked for; others may be open.",
        .references = "https://distribution.github.io/distribution/spec/auth/token/",
        .run = judge_anonymous_pull,
    },
    {
        .id = "pullsecret-missing-for-private-registry",
        .title = "Private image without any visible pull credential",
        .scope = Scope::workload,
        .severity = Severity::medium,
        .needs = "pods,serviceaccounts,nodes,WL",
        .grants = "PO,SA,NO,+WL",
        .parameters = k_missing_parameters,
        .rationale =
            "Without a credential of its own a private image runs only where a node has it cached or was given one by hand: the next node refuses.",
        .rule = "For each registry of the active pods' images, the worst counts. pass: the pods have a pull secret (the ServiceAccount's count, the "
                "API server copies them), or the "
                "nodes' cloud is one whose credential provider serves the registry. fail: a registry of privateRegistries, no credential, and the "
                "pull is refused. warn: no credential "
                "otherwise. unknown: it waits, and the registry does not tell missing from forbidden. not_applicable: public registries; a registry "
                "in neither list while it runs; no pod.",
        .remediation = "Put the credential into the ServiceAccount:\n"
                       "  kubectl create secret docker-registry regcred -n <namespace> --docker-server=<registry> --docker-username=<robot> "
                       "--docker-password=<token>\n"
                       "  kubectl patch serviceaccount <name> -n <namespace> -p '{\"imagePullSecrets\": [{\"name\": \"regcred\"}]}'",
        .limits = "Credentials in a node's own configuration are invisible: without an entry in privateRegistries nothing is asserted.",
        .references = "https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry, "
                      "https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/",
        .judges_system_namespaces = true,
        .judge_workload = judge_missing,
    },
    {
        .id = "pullsecret-reference-dangling",
        .title = "Referenced pull secret does not exist",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "pods,serviceaccounts,events,secrets,WL",
        .grants = "PO,SA,+EV,+SE,+WL",
        .parameters = k_window_parameters,
        .rationale = "The pod runs while a node has the image cached, and stops to start on the day it moves to another.",
        .rule = "fail: a pull secret that the pods name is missing and they wait for an image. warn: it is missing and they run. pass: all are "
                "there, by the list of Secrets (grant SE) or "
                "because the kubelets report none as missing. A report counts when it was repeated three times over more than five minutes. "
                "not_applicable: none is named. unknown: neither "
                "Secrets nor events can be read, or no pod runs to report it.",
        .remediation = "Create the Secret in this namespace, or remove the reference from the pod and its ServiceAccount:\n"
                       "  kubectl create secret docker-registry <name> -n <namespace> --docker-server=<registry> --docker-username=<robot> "
                       "--docker-password=<token>",
        .limits = "Pull secrets are local to their namespace: one of the same name elsewhere does not help.",
        .references = "https://kubernetes.io/docs/concepts/containers/images/#specifying-imagepullsecrets-on-a-pod",
        .judges_system_namespaces = true,
        .judge_workload = judge_dangling,
    },
    {
        .id = "pullsecret-auth-failures",
        .title = "Pull credentials are rejected",
        .scope = Scope::workload,
        .severity = Severity::high,
        .needs = "pods,events,secrets,WL",
        .grants = "PO,+EV,+SE,+WL",
        .parameters = k_window_parameters,
        .rationale = "An expired or revoked credential stops every new pod of the workload, often long after it was rotated elsewhere.",
        .rule = "fail: a container waits because its registry refuses the credentials, or answers 'does not exist or may require authorization' for "
                "a repository that another pod runs. warn: "
                "that answer without such a pod; a refusal within window. pass: none. not_applicable: no pod runs. unknown: a container waits and "
                "nothing visible says why.",
        .remediation = "Renew the credential, and prefer a credential provider or a controller that renews it to a static token.",
        .references = "https://kubernetes.io/docs/tasks/administer-cluster/kubelet-credential-provider/",
        .judges_system_namespaces = true,
        .judge_workload = judge_auth,
    },
    {
        .id = "pullsecret-type-invalid",
        .title = "Pull secret has the wrong or legacy type",
        .scope = Scope::object,
        .severity = Severity::medium,
        .needs = "secrets,pods,serviceaccounts",
        .grants = "SE,PO,SA",
        .subjects = "secrets",
        .rationale = "Kubelets pass over a pull secret of another type without a word: the pod pulls without a credential.",
        .rule = "For each Secret that pods, templates or ServiceAccounts pull with, by the list of Secrets (grant SE). fail: its type is neither "
                "kubernetes.io/dockerconfigjson nor kubernetes.io/dockercfg. warn: the second, legacy one, unless OpenShift made it for a "
                "ServiceAccount. pass: the first. Other Secrets get no result. unknown: one for a namespace with Secrets of which nothing says that "
                "pods pull with them, where pods or ServiceAccounts could not be read.",
        .remediation = "kubectl create secret docker-registry <name> -n <namespace> --docker-server=<registry> --docker-username=<robot> "
                       "--docker-password=<token>",
        .references = "https://kubernetes.io/docs/concepts/configuration/secret/#docker-config-secrets",
        .judges_system_namespaces = true,
        .run = judge_pull_secret_types,
    },
    {
        .id = "pullsecret-rotation-age",
        .title = "Static registry credential is old",
        .scope = Scope::object,
        .severity = Severity::low,
        .needs = "secrets,externalsecrets.external-secrets.io,sealedsecrets.bitnami.com",
        .grants = "SE,+ES",
        .subjects = "secrets",
        .fields = k_external_secret_fields,
        .parameters = k_age_parameters,
        .rationale = "Whoever once saw a credential that never changes can pull with it, or push, as long as it lives.",
        .rule = "For each Secret of type kubernetes.io/dockerconfigjson. warn: it is older than `maxAgeDays` and nothing renews it. pass: it is not. "
                "not_applicable: an ExternalSecret writes it, or a SealedSecret of its name does. Other Secrets get no result.",
        .remediation =
            "Make a new token in the registry, replace the Secret, revoke the old token. Better: a kubelet credential provider, or a robot "
            "account that expires and an ExternalSecret that renews it.",
        .limits = "The age is that of the Secret: one whose content was replaced in place looks old.",
        .references = "https://kubernetes.io/docs/concepts/containers/images/#using-a-private-registry",
        .judges_system_namespaces = true,
        .run = judge_pull_secret_age,
    },
    {
        .id = "pullsecret-unused",
        .title = "Registry credential that no pod or ServiceAccount uses",
        .scope = Scope::object,
        .severity = Severity::low,
        .needs = "secrets,pods,WL,serviceaccounts,applications.argoproj.io,pipelineruns.tekton.dev,imagerepositories.image.toolkit.fluxcd.io",
        .grants = "SE,PO,WL,SA,+CD",
        .subjects = "secrets",
        .fields = k_delivery_fields,
        .rationale = "A credential that nobody needs is one that nobody misses when it is stolen.",
        .rule =
            "For each Secret of a Docker configuration's type. pass: a pod, a template or a ServiceAccount names it, or a PipelineRun, an Argo CD "
            "Image Updater annotation or a Flux ImageRepository does. warn: none does and it is older than a week. not_applicable: none does and "
            "it is younger.",
        .remediation = "kubectl delete secret <name> -n <namespace>, after a look at who made it.",
        .limits = "Programs that read the Secret through the API are not seen.",
        .references = "https://kubernetes.io/docs/concepts/configuration/secret/",
        .judges_system_namespaces = true,
        .run = judge_unused_pull_secrets,
    },
    {
        .id = "private-image-cache-bypass",
        .title = "Cached private images can be used without credentials",
        .scope = Scope::namespace_,
        .severity = Severity::low,
        .needs = "pods,nodes,configmap:kube-system/kubeadm-config,configmap:openshift-kube-apiserver/config",
        .grants = "PO,NO,+CM",
        .parameters = k_bypass_parameters,
        .rationale = "A node that has pulled an image for one tenant runs it for every other that knows its name.",
        .rule =
            "With tenancy `multi` only. pass: each container with an image of `privateRegistries` has the policy Always, or all kubelets are 1.35 "
            "or newer, or the API server runs AlwaysPullImages. warn: none of these. unknown: the API server's flags are hidden. "
            "not_applicable: no such container, or one tenant.",
        .remediation = "Run kubelets of 1.35 or newer, or start kube-apiserver with:\n"
                       "  --enable-admission-plugins=AlwaysPullImages\n"
                       "With the second the registry has to be up whenever a container starts.",
        .limits = "A kubelet may have been configured not to verify credentials.",
        .references = "https://kubernetes.io/docs/concepts/containers/images/#ensureimagepullcredentialverification, CIS 1.2.11",
        .judge_namespace = judge_cache_bypass,
    },
};

} // namespace

constinit const check::Control k_image_pull_secrets{
    .id = "image-pull-secrets",
    .step = 3,
    .title = "Image pull secrets",
    .summary = "Private images need credentials that exist in the namespace, work, and are not older than they should be. Secrets are not read for "
               "this: what the kubelets report comes "
               "first, and with the optional grant SE the names, types and ages of Secrets, never their values.",
    .checks = k_checks,
};

} // namespace seaworthy::controls

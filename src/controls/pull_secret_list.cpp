// SPDX-License-Identifier: Apache-2.0
#include "controls/pull_secret_list.hpp"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/secret_references.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::ObjectKey;
using check::Results;
using check::Verdict;
using model::SecretRow;

constexpr std::string_view k_docker_config = "kubernetes.io/dockerconfigjson";
constexpr std::string_view k_legacy_docker_config = "kubernetes.io/dockercfg";
/// The gap in what names the Secrets that pods pull with, or nullptr.
const model::Gap* naming_gap(const Context& context, std::string_view ns)
{
    return first_gap(context, ns, {"pods", "serviceaccounts"});
}

ObjectKey key_of(const SecretRow& row)
{
    return {"v1", "Secret", row.ns.str(), row.name.str(), {}};
}

/// OpenShift makes one of the legacy type for each ServiceAccount: "<account>-dockercfg-x7k2p".
bool is_generated(const SecretRow& row, const Context& context)
{
    const auto name = row.name.view();
    const auto mark = name.rfind("-dockercfg-");
    return context.inventory.cluster.platform == "openshift" && mark != std::string_view::npos &&
           context.index.find_service_account(row.ns, name.substr(0, mark)) != nullptr;
}

Verdict judge_type(const SecretRow& row, const Context& context)
{
    if (row.type == k_docker_config) return check::pass("Its type is kubernetes.io/dockerconfigjson").proven();
    if (row.type != k_legacy_docker_config)
        return check::fail(fmt::format("Pods pull with it, but it has type {}: kubelets ignore it", row.type.view())).with("type", row.type.str());
    if (is_generated(row, context)) return check::pass("OpenShift made it, of the legacy type").proven();
    return check::warn("It has the legacy type kubernetes.io/dockercfg").with("type", row.type.str());
}

/// True if a controller writes the Secret: its age says nothing about the credential inside.
bool is_renewed(const SecretRow& row, const Context& context)
{
    const auto makes_it = [&](const model::Document* external) {
        const auto target = external->at("spec.target.name").text();
        return (target.empty() ? external->meta.name.view() : target) == row.name;
    };
    return std::ranges::any_of(context.index.documents_in("externalsecrets.external-secrets.io", row.ns), makes_it) ||
           std::ranges::any_of(context.index.documents_in("sealedsecrets.bitnami.com", row.ns),
                               [&](const auto* sealed) { return sealed->meta.name == row.name; });
}

Verdict judge_age(const SecretRow& row, const Context& context)
{
    constexpr std::int64_t k_day = 86400;
    if (is_renewed(row, context)) return check::not_applicable("A controller renews it in place").proven();
    const auto limit = static_cast<std::int64_t>(context.parameters.number("maxAgeDays"));
    const auto age = row.created.age(context.now);
    if (!age) return check::unknown(check::Reason::unobservable, "The list does not say how old it is");
    const auto days = age->count() / k_day;
    if (days <= limit) return check::pass(fmt::format("It is at most {} days old", limit)).proven();
    return check::warn(fmt::format("It was created {} days ago and nothing renews it", days)).with("days", days).by_absence();
}

/// Secrets that Tekton, Argo CD Image Updater and Flux use without a pod that names them.
SecretNames named_by_delivery(const Context& context)
{
    SecretNames names;
    for (const auto& run : context.inventory.documents_of("pipelineruns.tekton.dev")) {
        for (const auto& workspace : run.at("spec.workspaces").items())
            names.emplace(run.meta.ns, workspace.at("secret.secretName").text());
        for (const std::string_view pod : {"spec.taskRunTemplate.podTemplate.imagePullSecrets", "spec.podTemplate.imagePullSecrets"})
            for (const auto& secret : run.at(pod).items())
                names.emplace(run.meta.ns, secret["name"].text());
    }
    constexpr std::string_view k_pull_secret = "pullsecret:";
    for (const auto& application : context.inventory.documents_of("applications.argoproj.io")) {
        for (const auto& [key, text] : application.meta.annotations) {
            const auto value = text.view();
            if (!value.starts_with(k_pull_secret)) continue;
            const auto slash = value.find('/');
            if (slash == std::string_view::npos) continue;
            names.emplace(value.substr(k_pull_secret.size(), slash - k_pull_secret.size()), value.substr(slash + 1));
        }
    }
    for (const auto& repository : context.inventory.documents_of("imagerepositories.image.toolkit.fluxcd.io"))
        names.emplace(repository.meta.ns, repository.at("spec.secretRef.name").text());
    return names;
}

Verdict judge_use(const SecretRow& row, const SecretNames& used, const SecretNames& delivery, const Context& context)
{
    constexpr std::chrono::hours k_young{24 * 7};
    if (used.contains({row.ns, row.name})) return check::pass("A pod or ServiceAccount uses it").proven();
    if (delivery.contains({row.ns, row.name})) return check::pass("A delivery tool uses it").proven();
    if (is_generated(row, context)) return check::pass("OpenShift made it for a ServiceAccount").proven();
    if (!row.created.at_least(k_young, context.now)) return check::not_applicable("It is younger than a week").proven();
    return check::warn("No pod, template or ServiceAccount uses this registry credential").by_absence();
}

} // namespace

void judge_pull_secret_types(const Context& context, Results& results)
{
    const auto names = pull_secret_names(context);
    std::map<std::string_view, std::set<std::string_view>> unclear; // by namespace; sorted, as lists come in any order
    for (const auto& row : context.inventory.secrets) {
        if (names.contains({row.ns, row.name}))
            results.add(key_of(row), row.ns, judge_type(row, context));
        else if (naming_gap(context, row.ns) != nullptr)
            unclear[row.ns.view()].insert(row.name.view());
    }
    for (const auto& [ns, unnamed] : unclear) {
        NameList secrets;
        for (const auto name : unnamed)
            secrets.add(std::string{name});
        const auto* object = context.index.find_namespace(ns);
        auto verdict = context.unknown_for(*naming_gap(context, ns)).with("secrets", secrets.values());
        verdict.message = fmt::format("Whether anything pulls with {} is not known: {}", secrets.text(), verdict.message);
        results.add({"v1", "Namespace", "", std::string{ns}, object != nullptr ? object->meta.uid.str() : std::string{}}, ns, std::move(verdict));
    }
}

void judge_pull_secret_age(const Context& context, Results& results)
{
    for (const auto& row : context.inventory.secrets)
        if (row.type == k_docker_config) results.add(key_of(row), row.ns, judge_age(row, context));
}

void judge_unused_pull_secrets(const Context& context, Results& results)
{
    const auto used = used_secret_names(context);
    const auto delivery = named_by_delivery(context);
    for (const auto& row : context.inventory.secrets)
        if (row.type == k_docker_config || row.type == k_legacy_docker_config)
            results.add(key_of(row), row.ns, judge_use(row, used, delivery, context));
}

} // namespace seaworthy::controls

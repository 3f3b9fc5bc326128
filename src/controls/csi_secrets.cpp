// SPDX-License-Identifier: Apache-2.0
#include "controls/csi_secrets.hpp"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/software.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Workload;

constexpr std::string_view k_driver_name = "secrets-store.csi.k8s.io";
constexpr std::string_view k_classes = "secretproviderclasses.secrets-store.csi.x-k8s.io";
constexpr std::string_view k_pod_statuses = "secretproviderclasspodstatuses.secrets-store.csi.x-k8s.io";
constexpr std::string_view k_drivers = "csidrivers.storage.k8s.io";
constexpr std::chrono::minutes k_mounting{10};

constexpr std::array k_driver{Software{"Secrets Store CSI driver", "csi-secrets-store/driver, secrets-store/driver, secrets-store-csi-driver*"}};
/// By `spec.provider` of a class.
constexpr std::array k_providers{
    Software{"vault", "hashicorp/vault-csi-provider"},
    Software{"aws", "secrets-store-csi-driver-provider-aws"},
    Software{"azure", "secrets-store/provider-azure, provider-azure"},
    Software{"gcp", "secrets-store-csi-driver-provider-gcp/plugin, secrets-store-csi-driver-provider-gcp"},
};

std::set<std::string> classes_of(const Workload& workload)
{
    std::set<std::string> classes;
    for (const auto* pod_template : workload.templates)
        for (const auto& volume : pod_template->spec->volumes)
            if (volume.kind == model::Volume::Kind::csi && volume.source == k_driver_name)
                classes.emplace(volume.attributes.get("secretProviderClass"));
    return classes;
}

const Document* find_class(const Context& context, std::string_view ns, std::string_view name)
{
    for (const auto* document : context.index.documents_in(k_classes, ns))
        if (document->meta.name == name) return document;
    return nullptr;
}

/// What the driver reports about the workload's pods.
struct Mounts {
    bool any = false;    ///< a pod has its volume
    bool failed = false; ///< a pod has waited for too long
};

Mounts mounts_of(const Workload& workload, const Context& context)
{
    Mounts mounts;
    for (const auto* status : context.index.documents_in(k_pod_statuses, workload.ns)) {
        const auto pod = status->at("status.podName").text();
        if (std::ranges::none_of(workload.pods, [&](const model::Pod* each) { return each->name == pod; })) continue;
        if (status->at("status.mounted").is_true())
            mounts.any = true;
        else if (status->meta.created.at_least(k_mounting, context.now))
            mounts.failed = true;
    }
    return mounts;
}

bool runs_ready(const Context& context, const Software& product)
{
    return std::ranges::any_of(find_software(context, std::span{&product, 1}),
                               [](const Installation& installation) { return installation.readiness == Readiness::ready; });
}

bool rotates(const Context& context)
{
    return std::ranges::any_of(find_software(context, k_driver), [](const Installation& installation) {
        bool on = false;
        for_each_container(*installation.workload, [&](const model::Container& container, const model::PodTemplate&) {
            for (const auto& list : {container.command, container.args})
                on = on || std::ranges::any_of(list, [](const Text& argument) {
                         return argument == "--enable-secret-rotation=true" || argument == "--enable-secret-rotation";
                     });
        });
        return on;
    });
}

} // namespace

Verdict judge_csi_secrets(const Workload& workload, const Context& context)
{
    const auto classes = classes_of(workload);
    if (classes.empty()) return check::not_applicable("It mounts no volume of the Secrets Store CSI driver").proven();
    if (const auto* gap = context.gap(k_pod_statuses, workload.ns)) return context.unknown_for(*gap);
    const auto mounts = mounts_of(workload, context);
    if (mounts.failed) return check::fail("A pod has waited for its secrets for more than ten minutes");
    for (const auto& name : classes) {
        const auto* found = find_class(context, workload.ns, name);
        if (found == nullptr)
            return check::fail(fmt::format("SecretProviderClass {} does not exist in its namespace", name))
                .by_absence()
                .with("secretProviderClass", name);
        const auto provider = found->at("spec.provider").text();
        const auto known = std::ranges::find(k_providers, provider, &Software::name);
        if (known != k_providers.end() && !mounts.any && !runs_ready(context, *known))
            return check::fail(fmt::format("No provider for {} is ready", provider)).by_absence().with("provider", std::string{provider});
    }
    const auto& drivers = context.inventory.documents_of(k_drivers);
    if (std::ranges::none_of(drivers, [](const Document& driver) { return driver.meta.name == k_driver_name; }))
        return check::fail("The Secrets Store CSI driver is not installed").by_absence();
    if (!rotates(context)) return check::warn("The driver does not rotate: a pod keeps what it got at its start").by_absence();
    return check::pass(mounts.any ? "Its secrets are mounted" : "Its classes exist; no pod has reported a mount yet");
}

} // namespace seaworthy::controls

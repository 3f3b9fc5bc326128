// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_mounts.hpp"
#include "controls/secret_references.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;
using model::Volume;
using model::Workload;

bool is_world_readable(const Volume& volume)
{
    constexpr std::int32_t k_others_read = 0004;
    constexpr std::int32_t k_default = 0644;
    if ((volume.default_mode.value_or(k_default) & k_others_read) != 0) return true;
    return std::ranges::any_of(volume.item_modes, [](std::int32_t mode) { return (mode & k_others_read) != 0; });
}

// ---- secret-dangling-ref

/// Secrets that the workload cannot do without, and those that it marks optional.
struct References {
    std::set<std::string_view> required;
    std::set<std::string_view> optional;

    void add(std::string_view name, bool is_optional)
    {
        if (!name.empty()) (is_optional ? optional : required).insert(name);
    }
};

References references_of(const Workload& workload)
{
    References found;
    for (const auto* pod_template : workload.templates)
        for_each_secret(*pod_template->spec, [&](std::string_view name, bool optional) { found.add(name, optional); });
    return found;
}

/// Secrets that an Ingress in front of the workload serves its certificate from.
void add_certificates(const Workload& workload, const Context& context, References& found)
{
    std::set<std::string_view> services;
    for (const auto* service : context.index.services_of(workload))
        services.insert(service->meta.name);
    if (services.empty()) return;
    for (const auto* ingress : context.index.documents_in("ingresses.networking.k8s.io", workload.ns)) {
        bool leads_here = services.contains(ingress->at("spec.defaultBackend.service.name").text());
        for (const auto& rule : ingress->at("spec.rules").items())
            for (const auto& path : rule.at("http.paths").items())
                leads_here = leads_here || services.contains(path.at("backend.service.name").text());
        if (!leads_here) continue;
        for (const auto& tls : ingress->at("spec.tls").items())
            found.add(tls["secretName"].text(), false);
    }
}

/// The kubelets' words for a Secret, or a key of it, that is not there.
bool complains(std::string_view message)
{
    if (message.find("secret \"") != std::string_view::npos && message.find("not found") != std::string_view::npos) return true;
    return message.find("couldn't find key") != std::string_view::npos && message.find("in Secret") != std::string_view::npos;
}

/// How long a Secret may take to be synced.
constexpr std::chrono::minutes k_grace{10};

/// What a pod of the workload waits for, by its status or an event about it; empty where nothing is missing.
std::string symptom(const Workload& workload, const Context& context)
{
    for (const auto* pod : workload.pods) {
        if (!pod->created.at_least(k_grace, context.now)) continue; // its Secret may still be synced
        for (const auto& status : pod->container_statuses())
            if (status.waiting_reason == "CreateContainerConfigError" && complains(status.waiting_message)) return status.waiting_message.str();
        for (const auto* event : context.index.events_about(pod->ns(), "Pod", pod->name))
            if (event->reason == "FailedMount" && complains(event->message)) return event->message.str();
    }
    return {};
}

Verdict judge_by_list(const References& references, const Workload& workload, const Context& context)
{
    NameList missing;
    NameList optional;
    for (const auto name : references.required)
        if (context.index.find_secret(workload.ns, name) == nullptr) missing.add(std::string{name});
    for (const auto name : references.optional)
        if (context.index.find_secret(workload.ns, name) == nullptr) optional.add(std::string{name});
    const bool young =
        !workload.pods.empty() && std::ranges::none_of(workload.pods, [&](const auto* pod) { return pod->created.at_least(k_grace, context.now); });
    if (!missing.empty() && young)
        return check::unknown(Reason::unobservable, fmt::format("Secret {} does not exist yet, and its pods are a few minutes old", missing.text()));
    if (!missing.empty()) return check::fail(fmt::format("Secret {} does not exist", missing.text())).with("secrets", missing.values()).by_absence();
    if (!optional.empty())
        return check::warn(fmt::format("The optional Secret {} does not exist", optional.text())).with("secrets", optional.values()).by_absence();
    return check::pass("Every Secret that it names exists");
}

// ---- secret-tls-expiry

/// Go's durations as cert-manager writes them: "2160h0m0s".
std::optional<seconds> duration_of(const model::Value& value)
{
    const auto length = parse_duration(value.text());
    return length ? std::optional{std::chrono::duration_cast<seconds>(*length)} : std::nullopt;
}

/// When a certificate is late: two weeks before its end, or for one that lives a week or less a tenth of its life.
seconds late_before(const model::Document& certificate)
{
    constexpr std::chrono::hours k_short{24 * 7};
    constexpr std::chrono::hours k_two_weeks{24 * 14};
    const auto begin = parse_rfc3339(certificate.at("status.notBefore").text());
    const auto end = parse_rfc3339(certificate.at("status.notAfter").text());
    auto life = begin.known() ? begin.age(end) : std::nullopt;
    if (!life) life = duration_of(certificate.at("spec.duration"));
    if (life && *life <= k_short) return *life / 10;
    // A certificate that is renewed late by choice is not late before that.
    const auto renew = duration_of(certificate.at("spec.renewBefore"));
    return renew && *renew < k_two_weeks ? *renew : seconds{k_two_weeks};
}

} // namespace

Verdict judge_secret_read_only(const Workload& workload, const Context&)
{
    NameList rejected;
    NameList undeclared;
    bool any = false;
    for_each_container(workload, [&](const model::Container& container, const model::PodTemplate& pod_template) {
        for (const auto& mount : container.mounts) {
            const auto& volumes = pod_template.spec->volumes;
            const auto volume = std::ranges::find(volumes, mount.name, &Volume::name);
            if (volume == volumes.end() || (!holds_secret(*volume) && !is_secrets_store(*volume))) continue;
            any = true;
            if (is_secrets_store(*volume) && !volume->read_only)
                rejected.add(volume->name.str());
            else if (!mount.read_only)
                undeclared.add(fmt::format("{}: {}", container.name.view(), mount.mount_path.view()));
        }
    });
    if (!any) return check::not_applicable("It mounts no Secret").proven();
    if (!rejected.empty())
        return check::fail(fmt::format("The secrets store driver refuses volume {}: csi.readOnly is not true", rejected.text()))
            .with("volumes", rejected.values())
            .at(check::Severity::high);
    auto verdict = check::pass("Its Secrets are mounted read-only").proven();
    if (!undeclared.empty()) verdict.evidence.emplace_back("note", fmt::format("not declared, and so all the same: {}", undeclared.text()));
    return verdict;
}

Verdict judge_secret_mode(const Workload& workload, const Context&)
{
    NameList open;
    bool any = false;
    for (const auto* pod_template : workload.templates)
        for (const auto& volume : pod_template->spec->volumes) {
            if (!holds_secret(volume)) continue;
            any = true;
            if (is_world_readable(volume)) open.add(volume.name.str());
        }
    if (!any) return check::not_applicable("It mounts no Secret").proven();
    if (open.empty()) return check::pass("Only owner and group read its Secrets").proven();
    return check::warn(fmt::format("Every user in the container reads the Secrets of volume {}", open.text())).with("volumes", open.values());
}

Verdict judge_dangling_secret(const Workload& workload, const Context& context)
{
    auto references = references_of(workload);
    const bool listed = is_readable(context, "secrets", workload.ns);
    if (listed) add_certificates(workload, context, references);
    if (references.required.empty() && references.optional.empty()) {
        if (listed)
            return resting_on(check::not_applicable("It names no Secret"), context, workload.ns, {"pods", "ingresses.networking.k8s.io", "services"});
        return resting_on(check::not_applicable("It names no Secret"), context, workload.ns, {"pods"});
    }
    if (const auto what = symptom(workload, context); !what.empty())
        return check::fail(fmt::format("A pod of it waits: {}", what)).with("message", what);
    if (listed) return resting_on(judge_by_list(references, workload, context), context, workload.ns, {"pods", "secrets"});
    if (const auto* gap = context.gap("secrets", workload.ns); gap != nullptr && model::is_missing(gap->reason)) return context.unknown_for(*gap);
    const bool runs = std::ranges::any_of(workload.pods, [](const auto* pod) { return pod->ready; });
    if (!runs) return check::unknown(Reason::unobservable, "No pod of it is ready, and the list of Secrets is not read").needs_grant("SE");
    return resting_on(check::pass("Its pods run with the Secrets that they name"), context, workload.ns, {"pods", "events"});
}

Verdict judge_certificate(const model::Document& certificate, const Context& context)
{
    constexpr std::chrono::hours k_not_ready{1};
    constexpr std::chrono::hours k_renewal_overdue{24};
    const auto end = parse_rfc3339(certificate.at("status.notAfter").text());
    if (end.known() && end <= context.now) return check::fail("The certificate has expired").with("notAfter", format_rfc3339(end));
    const auto& ready = model::condition_of(certificate, "Ready");
    if (ready["status"].text() == "False" && parse_rfc3339(ready["lastTransitionTime"].text()).at_least(k_not_ready, context.now))
        return check::fail(
            fmt::format("It is not issued: {}", ready["reason"].text().empty() ? std::string_view{"no reason given"} : ready["reason"].text()));
    if (!ready.exists() && !end.known()) return check::warn("No controller has looked at it");
    const auto left = end.known() ? context.now.age(end) : std::nullopt;
    if (left && *left < late_before(certificate))
        return check::warn(fmt::format("The certificate ends in {}", format_age(*left))).with("notAfter", format_rfc3339(end));
    const auto renewal = parse_rfc3339(certificate.at("status.renewalTime").text());
    if (renewal.known() && renewal.at_least(k_renewal_overdue, context.now))
        return check::warn("It was to be renewed more than a day ago").with("renewalTime", format_rfc3339(renewal));
    if (!end.known()) return check::unknown(Reason::unobservable, "The controller does not say when it ends");
    return check::pass("The certificate is valid").proven();
}

} // namespace seaworthy::controls

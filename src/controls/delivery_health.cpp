// SPDX-License-Identifier: Apache-2.0
#include "controls/delivery_health.hpp"

#include <algorithm>
#include <chrono>
#include <set>

#include <fmt/format.h>

#include "controls/names.hpp"
#include "controls/software.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;
using model::Value;

constexpr Software k_reconcilers[] = {
    {"Argo CD", "argoproj/argocd"},
    {"Flux", "fluxcd/source-controller, fluxcd/kustomize-controller, fluxcd/helm-controller"},
};
constexpr std::string_view k_sources[] = {"gitrepositories.source.toolkit.fluxcd.io", "ocirepositories.source.toolkit.fluxcd.io",
                                          "helmrepositories.source.toolkit.fluxcd.io", "buckets.source.toolkit.fluxcd.io"};

/// "GitRepository shop/apps": the source that something delivers from. An unused one may fail for ever.
using SourceNames = std::set<std::string, std::less<>>;

void add_source(const Document& unit, const Value& reference, SourceNames& names)
{
    if (!reference.exists()) return;
    const auto ns = reference["namespace"].text();
    names.insert(fmt::format("{} {}/{}", reference["kind"].text(), ns.empty() ? unit.meta.ns.view() : ns, reference["name"].text()));
}

SourceNames used_sources(const Context& context)
{
    SourceNames names;
    for (const auto& unit : context.inventory.documents_of("kustomizations.kustomize.toolkit.fluxcd.io"))
        add_source(unit, unit.at("spec.sourceRef"), names);
    for (const auto& unit : context.inventory.documents_of("helmreleases.helm.toolkit.fluxcd.io")) {
        add_source(unit, unit.at("spec.chart.spec.sourceRef"), names);
        add_source(unit, unit.at("spec.chartRef"), names);
    }
    return names;
}

/// True for a source that has not been ready for an hour.
bool fails(const Document& source, Timestamp now)
{
    const auto& ready = model::condition_of(source, "Ready");
    return !source.at("spec.suspend").is_true() && ready["status"].text() == "False" &&
           parse_rfc3339(ready["lastTransitionTime"].text()).at_least(std::chrono::hours{1}, now);
}

bool has_error(const Document& application)
{
    static constexpr std::string_view k_errors[] = {"ComparisonError", "InvalidSpecError", "SyncError", "UnknownError"};
    return std::ranges::any_of(application.at("status.conditions").items(),
                               [](const Value& condition) { return std::ranges::find(k_errors, condition["type"].text()) != std::end(k_errors); });
}

} // namespace

Verdict judge_delivery_health(const Context& context)
{
    const auto reconcilers = find_software(context, k_reconcilers);
    if (reconcilers.empty()) return check::not_applicable("No reconciler was found");
    for (const auto& reconciler : reconcilers) {
        if (reconciler.readiness == Readiness::not_observed)
            return check::unknown(check::Reason::unobservable, "Manifests do not show whether the reconcilers run");
        if (reconciler.readiness == Readiness::not_ready)
            return check::fail(fmt::format("{} of {} has nothing available", name_of(*reconciler.workload), reconciler.software->name));
    }
    const auto used = used_sources(context);
    NameList failing;
    for (const auto kind : k_sources)
        for (const auto& source : context.inventory.documents_of(kind)) {
            const auto name = fmt::format("{} {}/{}", source.kind.view(), source.meta.ns.view(), source.meta.name.view());
            if (used.contains(name) && fails(source, context.now)) failing.add(name);
        }
    if (!failing.empty()) return check::fail(fmt::format("Sources cannot be read: {}", failing.text())).with("sources", failing.values());
    const auto& applications = context.inventory.documents_of("applications.argoproj.io");
    const auto errors = static_cast<std::size_t>(std::ranges::count_if(applications, has_error));
    constexpr std::size_t k_tenth = 10;
    if (errors * k_tenth > applications.size())
        return check::warn(fmt::format("{} of {} Applications report errors", errors, applications.size())).by_absence();
    return check::pass("The reconcilers run and read their sources");
}

} // namespace seaworthy::controls

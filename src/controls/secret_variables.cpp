// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_variables.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/names.hpp"
#include "controls/template_parts.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Container;

struct Exposure {
    NameList lasting; ///< in containers that run as long as the pod
    NameList brief;   ///< in init containers, of jobs, or of a Secret that is not there and need not be
    NameList harmless;
    bool mounts = false;

    void add(const Container& container, bool short_lived, std::string what)
    {
        (short_lived || container.kind == Container::Kind::init ? brief : lasting).add(fmt::format("{}: {}", container.name.view(), what));
    }
};

/// An optional reference to a Secret that the list of Secrets does not hold sets no variable.
bool sets_nothing(bool optional, std::string_view ns, std::string_view secret, const Context& context)
{
    if (!optional || !is_readable(context, "secrets", ns)) return false;
    return std::ranges::none_of(context.inventory.secrets, [&](const model::SecretRow& row) { return row.ns == ns && row.name == secret; });
}

Exposure find_exposure(const model::Workload& workload, const Context& context)
{
    const auto& harmless = context.parameters.pattern("nonSensitiveKeys");
    const bool is_job = (workload.kind == "Job" || workload.kind == "CronJob") && context.parameters.text("jobsSeverity") == "warn";
    Exposure exposure;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate&) {
        for (const auto& variable : container.env) {
            if (variable.source != model::EnvVar::Source::secret) continue;
            const auto what = fmt::format("{} of Secret {} as {}", variable.ref_key.view(), variable.ref_name.view(), variable.name.view());
            if (harmless.search(variable.ref_key))
                exposure.harmless.add(fmt::format("{}: {}", container.name.view(), what));
            else
                exposure.add(container, is_job || sets_nothing(variable.optional, workload.ns, variable.ref_name, context), what);
        }
        for (const auto& source : container.env_from)
            if (source.source == model::EnvFrom::Source::secret)
                exposure.add(container, is_job || sets_nothing(source.optional, workload.ns, source.name, context),
                             fmt::format("all of Secret {}", source.name.view()));
    });
    for (const auto* pod_template : workload.templates)
        for (const auto& volume : pod_template->spec->volumes)
            exposure.mounts =
                exposure.mounts || volume.kind == model::Volume::Kind::secret ||
                std::ranges::find(volume.sources, model::ProjectedSource::Kind::secret, &model::ProjectedSource::kind) != volume.sources.end();
    return exposure;
}

} // namespace

Verdict judge_secret_variables(const model::Workload& workload, const Context& context)
{
    if (names_workload(context.parameters.list("allowWorkloads"), workload))
        return check::not_applicable("The workload is allowed by allowWorkloads").proven();
    const auto exposure = find_exposure(workload, context);
    if (!exposure.lasting.empty())
        return check::fail(fmt::format("Secrets stand in the environment of its containers: {}", exposure.lasting.text()))
            .with("variables", exposure.lasting.values());
    if (!exposure.brief.empty())
        return check::warn(
                   fmt::format("Secrets stand in the environment of containers that end soon, or may not be there: {}", exposure.brief.text()))
            .with("variables", exposure.brief.values());
    if (!exposure.harmless.empty())
        return check::warn(fmt::format("Only keys that name no secret stand in the environment: {}", exposure.harmless.text()))
            .with("variables", exposure.harmless.values());
    if (exposure.mounts) return check::pass("Its Secrets are mounted as files").proven();
    return check::not_applicable("It uses no Secret").proven();
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "controls/secret_variables.hpp"
#include "controls/secret_references.hpp"

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
            exposure.mounts = exposure.mounts || holds_secret(volume);
    return exposure;
}

/// Volumes of a template that hold values of Secrets which may change.
bool holds_secrets(const model::Volume& volume, const std::vector<std::string>& immutable)
{
    const auto changes = [&](std::string_view secret) { return std::ranges::find(immutable, secret) == immutable.end(); };
    if (volume.kind == model::Volume::Kind::secret) return changes(volume.source);
    if (is_secrets_store(volume)) return true;
    return std::ranges::any_of(volume.sources, [&](const model::ProjectedSource& source) {
        return source.kind == model::ProjectedSource::Kind::secret && changes(source.name);
    });
}

/// Something restarts the pods when a Secret changes.
bool is_reloaded(const model::Workload& workload, const Context& context)
{
    const auto asks = [](const model::StringMap& annotations) {
        return annotations.is("reloader.stakater.com/auto", "true") || annotations.is("reloader.stakater.com/search", "true") ||
               annotations.has("secret.reloader.stakater.com/reload");
    };
    if (workload.object != nullptr && asks(workload.object->meta.annotations)) return true;
    if (std::ranges::any_of(workload.templates, [&](const model::PodTemplate* pod_template) { return asks(pod_template->annotations); })) return true;
    for (const std::string_view resource : {"vaultstaticsecrets.secrets.hashicorp.com", "vaultdynamicsecrets.secrets.hashicorp.com",
                                            "vaultpkisecrets.secrets.hashicorp.com", "hcpvaultsecretsapps.secrets.hashicorp.com"})
        for (const auto* secret : context.index.documents_in(resource, workload.ns))
            for (const auto& target : secret->at("spec.rolloutRestartTargets").items())
                if (target["kind"].text() == workload.kind && target["name"].text() == workload.name) return true;
    return false;
}

} // namespace

Verdict judge_secret_sub_paths(const model::Workload& workload, const Context& context)
{
    if (workload.kind == "Job" || workload.kind == "CronJob") return check::not_applicable("A job reads its Secrets once").proven();
    const auto& immutable = context.parameters.list("immutableSecrets");
    bool mounts = false;
    NameList fixed;
    for_each_container(workload, [&](const Container& container, const model::PodTemplate& pod_template) {
        for (const auto& mount : container.mounts) {
            const auto& volumes = pod_template.spec->volumes;
            const auto volume = std::ranges::find(volumes, mount.name, &model::Volume::name);
            if (volume == volumes.end() || !holds_secrets(*volume, immutable)) continue;
            mounts = true;
            if (!mount.sub_path.empty() || !mount.sub_path_expr.empty())
                fixed.add(fmt::format("{}: {}", container.name.view(), mount.mount_path.view()));
        }
    });
    if (!mounts) return check::not_applicable("It mounts no Secret that changes").proven();
    if (fixed.empty()) return check::pass("Its mounts follow a rotation").proven();
    if (is_reloaded(workload, context)) return check::pass("It is restarted when a Secret changes").proven();
    return check::warn(fmt::format("A rotation does not reach mounts with subPath: {}", fixed.text())).with("mounts", fixed.values());
}

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

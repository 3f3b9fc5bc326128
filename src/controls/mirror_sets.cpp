// SPDX-License-Identifier: Apache-2.0
#include "mirror_sets.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seaworthy/model/image_reference.hpp"

namespace seaworthy::controls {

namespace {

using check::Context;
using check::fail;
using check::not_applicable;
using check::ObjectKey;
using check::pass;
using check::Results;
using check::Verdict;
using check::warn;

/// How much of a registry the sources of mirror sets name.
enum class Coverage { none, part, whole };

Coverage coverage_of(const Context& context, std::string_view resource, std::string_view list, std::string_view registry)
{
    auto best = Coverage::none;
    for (const auto& set : context.inventory.documents_of(resource)) {
        for (const auto& entry : set["spec"][list].items()) {
            const auto source = entry["source"].text();
            if (source == registry) return Coverage::whole;
            if (source.starts_with(fmt::format("{}/", registry))) best = Coverage::part;
        }
    }
    return best;
}

struct Pulls {
    bool any = false;
    bool by_tag = false;
};

Pulls pulls_from(const Context& context, std::string_view registry)
{
    Pulls pulls;
    for (const auto& use : context.index.images()) {
        if (use.reference.host != registry) continue;
        if (std::ranges::none_of(use.workloads, [](const auto* workload) { return !workload->pods.empty(); })) continue;
        pulls.any = true;
        pulls.by_tag = pulls.by_tag || use.reference.digest.empty();
    }
    return pulls;
}

bool is_updating(const Context& context)
{
    return std::ranges::any_of(context.inventory.documents_of("machineconfigpools.machineconfiguration.openshift.io"),
                               [](const auto& pool) { return model::condition_of(pool, "Updated")["status"].text() == "False"; });
}

Verdict judge_registry_mirrors(const Context& context, std::string_view registry)
{
    const auto tags = coverage_of(context, k_tag_sets, "imageTagMirrors", registry);
    const auto digests = coverage_of(context, k_digest_sets, "imageDigestMirrors", registry);
    const auto legacy = coverage_of(context, k_legacy_sets, "repositoryDigestMirrors", registry);
    const auto pulls = pulls_from(context, registry);
    const auto any = std::max({tags, digests, legacy});
    if (!pulls.any && any == Coverage::none) return not_applicable("No pod uses the registry and no mirror set names it");
    if (any == Coverage::none) return fail("No mirror set names the registry").by_absence();
    if (tags == Coverage::none && pulls.by_tag) return fail("Only digest mirror sets name the registry, and pods pull from it by tag").by_absence();
    if (std::max(tags, digests) == Coverage::none)
        return warn("Only an ImageContentSourcePolicy, which is deprecated, names the registry").by_absence();
    if ((tags == Coverage::whole || (digests == Coverage::whole && !pulls.by_tag)) == false)
        return warn("The mirror sets name only a part of the registry").by_absence();
    if (is_updating(context)) return warn("A machine config pool has not taken over its newest configuration yet");
    return pass("A mirror set covers the registry");
}

} // namespace

void run_openshift_mirrors(const Context& context, Results& results)
{
    // HyperShift keeps mirror sets in the HostedCluster, where this cluster cannot see them.
    const bool decides_here =
        context.inventory.serves_group("config.openshift.io") && context.inventory.serves("machineconfigpools.machineconfiguration.openshift.io");
    for (const auto& registry : context.parameters.list("registries"))
        results.add(ObjectKey::registry(registry), {},
                    decides_here ? judge_registry_mirrors(context, registry)
                                 : not_applicable("Mirror sets are OpenShift's, and decided in this cluster").proven());
}

bool never_contacts_source(const Context& context, std::string_view registry)
{
    struct Sets {
        std::string_view resource;
        std::string_view list;
    };
    constexpr Sets k_sets[] = {{k_digest_sets, "spec.imageDigestMirrors"}, {k_tag_sets, "spec.imageTagMirrors"}};
    return std::ranges::any_of(k_sets, [&](const Sets& sets) {
        return std::ranges::any_of(context.inventory.documents_of(sets.resource), [&](const model::Document& set) {
            return std::ranges::any_of(set.at(sets.list).items(), [&](const model::Value& entry) {
                return entry["source"].text() == registry && entry["mirrorSourcePolicy"].text() == "NeverContactSource";
            });
        });
    });
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "controls/config_maps.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "controls/names.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;

/// Certificates of authorities, which platforms put beside every pod's configuration.
constexpr std::string_view k_not_configuration[] = {"kube-root-ca.crt", "openshift-service-ca.crt", "istio-ca-root-cert"};

Verdict why_unread(const Context& context, const model::Workload& workload, std::string_view name)
{
    if (const auto* gap = context.gap("configmaps", workload.ns)) return context.unknown_for(*gap);
    if (!context.settings.grants.contains("CM"))
        return check::unknown(Reason::unobservable,
                              fmt::format("{} is configured by ConfigMap {}, read with the optional grant CM", name_of(workload), name))
            .needs_grant("CM");
    return check::unknown(Reason::unobservable, fmt::format("{} is configured by ConfigMap {}/{}, which the parameter configMaps does not name",
                                                            name_of(workload), workload.ns.view(), name));
}

} // namespace

const model::Document* find_config_map(const Context& context, std::string_view ns, std::string_view name)
{
    for (const auto* document : context.index.documents_in("configmaps", ns))
        if (document->meta.name == name) return document;
    return nullptr;
}

std::set<std::string_view> mounted_config_maps(const model::Workload& workload)
{
    std::set<std::string_view> names;
    for (const auto* pod_template : workload.templates) {
        if (pod_template->spec == nullptr) continue;
        for (const auto& volume : pod_template->spec->volumes) {
            if (volume.kind == model::Volume::Kind::config_map) names.insert(volume.source);
            for (const auto& source : volume.sources)
                if (source.kind == model::ProjectedSource::Kind::config_map) names.insert(source.name);
        }
    }
    return names;
}

ConfigFiles config_files_of(const model::Workload& workload, const Context& context)
{
    ConfigFiles files;
    auto names = mounted_config_maps(workload);
    for (const auto name : k_not_configuration)
        names.erase(name);
    for (const auto name : names) {
        const auto* document = find_config_map(context, workload.ns, name);
        if (document == nullptr) {
            if (!files.unread) files.unread = why_unread(context, workload, name);
            continue;
        }
        for (const auto& [key, value] : (*document)["data"].members())
            files.texts.push_back(value.text());
    }
    if (names.empty())
        files.unread =
            check::unknown(Reason::unobservable, fmt::format("The configuration of {} is in no ConfigMap: a Secret is not read", name_of(workload)));
    return files;
}

} // namespace seaworthy::controls

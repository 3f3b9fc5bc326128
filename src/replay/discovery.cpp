// SPDX-License-Identifier: Apache-2.0
#include "replay/discovery.hpp"

#include <algorithm>
#include <map>

#include "replay/resource_types.hpp"

namespace seaworthy::replay {

namespace {

struct Discovered {
    ResourceType type;
    bool listable = true;
};

using Versions = std::map<std::string, std::vector<Discovered>>; ///< by version
using Groups = std::map<std::string, Versions>;                  ///< by group; "" is core

Groups group_all(const std::vector<ResourceType>& types)
{
    Groups groups;
    for (const auto& type : types)
        groups[type.group][type.version].push_back({type, true});
    for (const auto& type : unlistable_types())
        groups[type.group][type.version].push_back({type, false});
    return groups;
}

Json verbs_of(const Discovered& resource)
{
    if (!resource.listable) return Json::array({"create"});
    return Json::array({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"});
}

std::string singular(const ResourceType& type)
{
    std::string name = type.kind;
    std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return name;
}

Json aggregated_version(const std::string& version, const std::vector<Discovered>& resources)
{
    auto items = Json::array();
    for (const auto& resource : resources) {
        const auto& type = resource.type;
        const Json response_kind = {{"group", type.group}, {"version", type.version}, {"kind", type.kind}};
        Json item = {{"resource", type.plural},
                     {"responseKind", response_kind},
                     {"scope", type.namespaced ? "Namespaced" : "Cluster"},
                     {"singularResource", singular(type)},
                     {"verbs", verbs_of(resource)}};
        if (resource.listable) {
            item["subresources"] =
                Json::array({{{"subresource", "status"}, {"responseKind", response_kind}, {"verbs", Json::array({"get", "patch", "update"})}}});
        }
        items.push_back(std::move(item));
    }
    return {{"version", version}, {"resources", std::move(items)}, {"freshness", "Current"}};
}

Answer aggregated_roots(const Groups& groups, bool core, const std::string& version)
{
    auto items = Json::array();
    for (const auto& [group, versions] : groups) {
        if (group.empty() != core) continue;
        Json item = {{"metadata", {{"creationTimestamp", nullptr}}}, {"versions", Json::array()}};
        if (!core) item["metadata"] = {{"name", group}, {"creationTimestamp", nullptr}};
        for (const auto& [name, resources] : versions)
            item["versions"].push_back(aggregated_version(name, resources));
        items.push_back(std::move(item));
    }
    auto answer = json_answer({{"kind", "APIGroupDiscoveryList"},
                               {"apiVersion", "apidiscovery.k8s.io/" + version},
                               {"metadata", Json::object()},
                               {"items", std::move(items)}});
    answer.content_type = "application/json;g=apidiscovery.k8s.io;v=" + version + ";as=APIGroupDiscoveryList";
    return answer;
}

Json group_document(const std::string& group, const Versions& versions)
{
    auto names = Json::array();
    for (const auto& [version, resources] : versions)
        names.push_back({{"groupVersion", group + "/" + version}, {"version", version}});
    const Json preferred = names.back();
    return {{"name", group}, {"versions", std::move(names)}, {"preferredVersion", preferred}};
}

} // namespace

Answer discover_roots(const std::vector<ResourceType>& types, bool core, std::string_view accept, bool aggregated)
{
    const auto groups = group_all(types);
    const auto wanted = accept.find("as=APIGroupDiscoveryList");
    if (aggregated && wanted != std::string_view::npos) {
        // The first element that names the form decides its version.
        const auto begin = accept.rfind(',', wanted);
        const auto element =
            accept.substr(begin == std::string_view::npos ? 0 : begin, accept.find(',', wanted) - (begin == std::string_view::npos ? 0 : begin));
        return aggregated_roots(groups, core, element.find("v=v2beta1") == std::string_view::npos ? "v2" : "v2beta1");
    }
    if (!aggregated && wanted != std::string_view::npos && accept.find("application/json,") == std::string_view::npos &&
        accept.substr(accept.rfind(',') + 1).find("as=") != std::string_view::npos) {
        return failed({.code = 406, .message = "only the following media types are accepted: application/json"});
    }
    if (core) return json_answer({{"kind", "APIVersions"}, {"versions", Json::array({"v1"})}, {"serverAddressByClientCIDRs", Json::array()}});
    auto documents = Json::array();
    for (const auto& [group, versions] : groups) {
        if (!group.empty()) documents.push_back(group_document(group, versions));
    }
    return json_answer({{"kind", "APIGroupList"}, {"apiVersion", "v1"}, {"groups", std::move(documents)}});
}

Answer discover_group(const std::vector<ResourceType>& types, std::string_view group)
{
    const auto groups = group_all(types);
    const auto found = groups.find(std::string{group});
    if (found == groups.end() || group.empty()) return page_not_found();
    Json document = {{"kind", "APIGroup"}, {"apiVersion", "v1"}};
    document.update(group_document(found->first, found->second));
    return json_answer(document);
}

Answer discover_version(const std::vector<ResourceType>& types, std::string_view group, std::string_view version)
{
    const auto groups = group_all(types);
    const auto found = groups.find(std::string{group});
    if (found == groups.end() || !found->second.contains(std::string{version})) return page_not_found();
    auto resources = Json::array();
    for (const auto& resource : found->second.at(std::string{version})) {
        const auto& type = resource.type;
        resources.push_back({{"name", type.plural},
                             {"singularName", singular(type)},
                             {"namespaced", type.namespaced},
                             {"kind", type.kind},
                             {"verbs", verbs_of(resource)}});
        if (!resource.listable) continue;
        resources.push_back({{"name", type.plural + "/status"},
                             {"singularName", ""},
                             {"namespaced", type.namespaced},
                             {"kind", type.kind},
                             {"verbs", Json::array({"get", "patch", "update"})}});
    }
    const auto group_version = group.empty() ? std::string{version} : std::string{group} + "/" + std::string{version};
    return json_answer({{"kind", "APIResourceList"}, {"apiVersion", "v1"}, {"groupVersion", group_version}, {"resources", std::move(resources)}});
}

Answer version_answer(std::string_view git_version)
{
    auto rest = git_version.substr(git_version.starts_with('v') ? 1 : 0);
    const auto major = rest.substr(0, rest.find('.'));
    rest.remove_prefix(std::min(rest.size(), major.size() + 1));
    const auto minor = rest.substr(0, rest.find('.'));
    return json_answer({{"major", major},
                        {"minor", minor},
                        {"gitVersion", git_version},
                        {"gitCommit", "0000000000000000000000000000000000000000"},
                        {"gitTreeState", "clean"},
                        {"buildDate", "2026-01-01T00:00:00Z"},
                        {"goVersion", "go1.26.0"},
                        {"compiler", "gc"},
                        {"platform", "linux/amd64"}});
}

} // namespace seaworthy::replay

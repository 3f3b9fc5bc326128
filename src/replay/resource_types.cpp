// SPDX-License-Identifier: Apache-2.0
#include "replay/resource_types.hpp"

#include <algorithm>
#include <tuple>

#include "seaworthy/base/letter_case.hpp"
#include "seaworthy/model/resource.hpp"

namespace seaworthy::replay {

namespace {

struct Row {
    std::string_view group;
    std::string_view version;
    std::string_view plural;
    std::string_view kind;
    bool namespaced;
};

/// Kinds that no check reads; they are here because a real cluster lists them and snapshots hold them.
constexpr Row k_further[] = {
    {"", "v1", "persistentvolumes", "PersistentVolume", false},
    {"", "v1", "endpoints", "Endpoints", true},
    {"", "v1", "podtemplates", "PodTemplate", true},
    {"storage.k8s.io", "v1", "storageclasses", "StorageClass", false},
    {"storage.k8s.io", "v1", "volumeattachments", "VolumeAttachment", false},
    {"storage.k8s.io", "v1", "csinodes", "CSINode", false},
    {"networking.k8s.io", "v1", "ingressclasses", "IngressClass", false},
    {"scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", false},
    {"node.k8s.io", "v1", "runtimeclasses", "RuntimeClass", false},
    {"coordination.k8s.io", "v1", "leases", "Lease", true},
    {"certificates.k8s.io", "v1", "certificatesigningrequests", "CertificateSigningRequest", false},
    {"events.k8s.io", "v1", "events", "Event", true},
    {"flowcontrol.apiserver.k8s.io", "v1", "flowschemas", "FlowSchema", false},
    {"apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", false},
};

constexpr Row k_unlistable[] = {
    {"", "v1", "bindings", "Binding", true},
    {"authentication.k8s.io", "v1", "tokenreviews", "TokenReview", false},
    {"authentication.k8s.io", "v1", "selfsubjectreviews", "SelfSubjectReview", false},
    {"authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false},
    {"authorization.k8s.io", "v1", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false},
    {"authorization.k8s.io", "v1", "localsubjectaccessreviews", "LocalSubjectAccessReview", true},
};

ResourceType type_of(const Row& row)
{
    return {std::string{row.group}, std::string{row.version}, std::string{row.plural}, std::string{row.kind}, row.namespaced, false};
}

/// Kubernetes' order of versions (apimachinery version.CompareKubeAwareVersionStrings): v2 before v1, v1 before v1beta2, others last.
std::tuple<int, long, long> rank(std::string_view version)
{
    const auto number = [](std::string_view& text) {
        long value = 0;
        while (!text.empty() && text.front() >= '0' && text.front() <= '9' && value < 1'000'000) {
            value = value * 10 + (text.front() - '0');
            text.remove_prefix(1);
        }
        return value;
    };
    if (version.empty() || version.front() != 'v') return {0, 0, 0};
    version.remove_prefix(1);
    const long major = number(version);
    if (version.empty()) return {3, major, 0};
    for (const auto& [name, stage] : {std::pair{std::string_view{"beta"}, 2}, std::pair{std::string_view{"alpha"}, 1}}) {
        if (version.substr(0, name.size()) != name) continue;
        version.remove_prefix(name.size());
        return {stage, major, number(version)};
    }
    return {0, 0, 0};
}

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> endings)
{
    return std::any_of(endings.begin(), endings.end(), [&](std::string_view ending) { return text.ends_with(ending); });
}

} // namespace

std::vector<ResourceType> builtin_types()
{
    std::vector<ResourceType> types;
    for (const auto& resource : model::builtin_resources()) {
        types.push_back({std::string{resource.group}, std::string{resource.version}, std::string{resource.plural()}, std::string{resource.kind},
                         resource.namespaced, false});
    }
    for (const auto& row : k_further)
        types.push_back(type_of(row));
    return types;
}

std::vector<ResourceType> unlistable_types()
{
    std::vector<ResourceType> types;
    for (const auto& row : k_unlistable)
        types.push_back(type_of(row));
    return types;
}

std::optional<ResourceType> defined_type(const Json& definition)
{
    ResourceType type{text_at(definition, "spec.group"),
                      {},
                      text_at(definition, "spec.names.plural"),
                      text_at(definition, "spec.names.kind"),
                      text_at(definition, "spec.scope") == "Namespaced",
                      true};
    if (type.group.empty() || type.plural.empty() || type.kind.empty()) return std::nullopt;
    for (const auto& version : definition["spec"].value("versions", Json::array())) {
        const auto name = text_at(version, "name");
        if (text_at(version, "served") == "true" && (type.version.empty() || rank(name) > rank(type.version))) type.version = name;
    }
    if (type.version.empty()) return std::nullopt;
    return type;
}

std::string plural_of(std::string_view kind)
{
    auto name = to_lower(kind);
    if (ends_with_any(name, {"ay", "ey", "oy", "uy"}) || !ends_with_any(name, {"y", "s", "x", "ch", "sh"})) return name + "s";
    if (name.back() == 'y') return name.substr(0, name.size() - 1) + "ies";
    return name + "es";
}

ResourceType guessed_from_object(std::string_view api_version, std::string_view kind, bool namespaced)
{
    const auto slash = api_version.find('/');
    const bool core = slash == std::string_view::npos;
    return {std::string{core ? std::string_view{} : api_version.substr(0, slash)},
            std::string{core ? api_version : api_version.substr(slash + 1)},
            plural_of(kind),
            std::string{kind},
            namespaced,
            true};
}

ResourceType guessed_from_id(std::string_view id)
{
    const auto dot = id.find('.');
    const auto plural = id.substr(0, dot);
    auto singular = std::string{plural.substr(0, plural.ends_with('s') ? plural.size() - 1 : plural.size())};
    if (plural.ends_with("ies")) singular = std::string{plural.substr(0, plural.size() - 3)} + "y";
    if (!singular.empty() && singular.front() >= 'a' && singular.front() <= 'z') singular.front() = static_cast<char>(singular.front() - 32);
    return {std::string{dot == std::string_view::npos ? std::string_view{} : id.substr(dot + 1)}, "v1", std::string{plural}, singular, true, true};
}

} // namespace seaworthy::replay

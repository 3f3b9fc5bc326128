// SPDX-License-Identifier: Apache-2.0
// What rules about the login of platform components share: where the components are, what they answered, how they are set.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controls/evidence.hpp"
#include "controls/software.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls {

inline constexpr Software k_argocd{"Argo CD", "argoproj/argocd"};
inline constexpr Software k_headlamp{"Headlamp", "headlamp-k8s/headlamp"};
inline constexpr Software k_harbor{"Harbor", "goharbor/harbor-core"};
inline constexpr Software k_grafana{"Grafana", "grafana/grafana, grafana/grafana-enterprise, grafana/grafana-oss, bitnami/grafana"};

/// A component as it is found: the workload that people log in to, and what its configured URL answered.
struct Component {
    const model::Workload* workload = nullptr;
    bool probed = false; ///< probes.components names it
};

/// Every installation. The configured URL belongs to the one whose Ingress has its host, or to the only one.
[[nodiscard]] std::vector<Component> find_components(const check::Context& context, const Software& product, std::string_view component);
/// What a component's fixed path answered; nullptr where it was not asked.
[[nodiscard]] const model::ProbeAnswer* probe_of(const check::Context& context, const Component& component, std::string_view name,
                                                 std::string_view path);
/// The same as JSON; nothing where it did not answer so.
[[nodiscard]] std::optional<model::JsonText> answer_of(const check::Context& context, const Component& component, std::string_view name,
                                                       std::string_view path);
/// Where a page that starts a login redirects to; empty where it was not asked, does not, or stays on its own host.
[[nodiscard]] std::string redirect_to_provider(const model::ProbeAnswer* answer, std::string_view asked_url);
/// A proxy in front that asks for a login: a container beside it, or the Ingress of one of its Services.
[[nodiscard]] bool is_behind_login(const check::Context& context, const model::Workload& workload);

/// A ConfigMap of a component, where it was read.
struct Settings {
    const model::Document* document = nullptr;
    std::optional<check::Verdict> unread;

    [[nodiscard]] std::string_view get(std::string_view key) const
    {
        return document == nullptr ? std::string_view{} : (*document)["data"][key].text();
    }
};
/// `read_in`: the only namespace in which that ConfigMap is read; empty: wherever the configuration says.
[[nodiscard]] Settings settings_of(const check::Context& context, std::string_view ns, std::string_view name, std::string_view read_in);

/// A setting of a container: literal, or there and not readable.
struct Setting {
    bool set = false;
    std::string value; ///< empty: it comes from a Secret or ConfigMap
};
[[nodiscard]] const model::EnvVar* find_variable(const model::Container& container, std::string_view name);
[[nodiscard]] Setting setting_of(const model::EnvVar& variable);
/// `-name=value`, `--name value` or a bare `-name` among the arguments.
[[nodiscard]] std::optional<std::string_view> find_flag(const model::Container& container, std::string_view name);
/// The flag wins over the variable. `$(NAME)` is expanded from the container's environment, as Kubernetes does.
[[nodiscard]] Setting find_setting(const model::Container& container, std::string_view flag, std::initializer_list<std::string_view> variables);

template <typename Judge>
void judge_each(const check::Context& context, check::Results& results, const Software& product, std::string_view component, Judge judge)
{
    for (const auto& found : find_components(context, product, component)) {
        const auto& workload = *found.workload;
        model::ObjectMeta meta;
        meta.created = workload.created;
        auto young = too_young(meta, context);
        results.add(check::ObjectKey::of(workload), workload.ns, young ? std::move(*young) : judge(found, context));
    }
}

} // namespace seaworthy::controls

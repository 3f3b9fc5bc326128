// SPDX-License-Identifier: Apache-2.0
// How Grafana knows people. Its settings come from its environment, from grafana.ini and from its operator's custom resource; those in its
// database are not to be seen.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "controls/login_components.hpp"
#include "seaworthy/check/check.hpp"

namespace seaworthy::controls {

void judge_grafana_sso(const check::Context& context, check::Results& results);
void judge_grafana_hardening(const check::Context& context, check::Results& results);

/// The effective settings of one Grafana, as far as they are visible.
class GrafanaSettings {
public:
    GrafanaSettings(const check::Context& context, const model::Workload& workload);

    /// The value of `key` in `[section]`; empty where it is not set or comes from a Secret.
    [[nodiscard]] std::string_view get(std::string_view section, std::string_view key) const;
    [[nodiscard]] bool is_on(std::string_view section, std::string_view key) const { return get(section, key) == "true"; }
    /// False where nothing of the configuration is visible: neither environment, file nor custom resource.
    [[nodiscard]] bool visible() const { return m_visible; }
    /// Why grafana.ini was not read, where the pods mount one from a ConfigMap.
    [[nodiscard]] const std::optional<check::Verdict>& unread() const { return m_unread; }
    /// Where people are sent to log in; empty where no provider is on or its address is not visible.
    [[nodiscard]] std::string_view login_url() const;
    /// True if a provider is on.
    [[nodiscard]] bool has_provider() const;

private:
    void read_files(const check::Context& context, const model::Workload& workload);
    void read_operator(const check::Context& context, const model::Workload& workload);
    void read_environment(const model::Workload& workload);

    std::map<std::string, std::string, std::less<>> m_values; ///< "section\nkey"
    std::optional<check::Verdict> m_unread;
    bool m_visible = false;
};

/// The ConfigMaps that a Grafana mounts and that hold a grafana.ini.
[[nodiscard]] std::vector<const model::Document*> grafana_files(const check::Context& context, const model::Workload& workload);
/// Calls `visit(section, key, value)` for each setting of an INI file; lines that are none are passed over.
void for_each_ini_setting(std::string_view text, const std::function<void(std::string_view, std::string_view, std::string_view)>& visit);

inline constexpr check::Fields k_grafana_fields[] = {
    {"ingresses.networking.k8s.io", "spec.rules.host, spec.rules.http.paths.backend.service.name"},
    {"grafanas.grafana.integreatly.org", "spec.config"},
};

} // namespace seaworthy::controls

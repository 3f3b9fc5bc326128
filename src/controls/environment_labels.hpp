// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/check/check.hpp"

// Which environment (production, staging, …) an object belongs to, by the labels that teams put on it.
namespace seaworthy::controls {

inline constexpr check::Parameter k_env_label_keys{
    .name = "envLabelKeys",
    .type = check::Parameter::Type::list,
    .fallback = "[environment, env, app.kubernetes.io/environment]",
    .description = "Labels that name an environment; the first that is there counts.",
};
inline constexpr check::Parameter k_prod_values{
    .name = "prodValues",
    .type = check::Parameter::Type::list,
    .fallback = "[prod, production, prd, live]",
    .description = "Values that all mean production.",
};
inline constexpr check::Parameter k_platform_namespaces{
    .name = "platformNamespaces",
    .type = check::Parameter::Type::list,
    .fallback = "[argocd, flux-system, cert-manager, ingress-nginx, external-secrets, external-dns, monitoring, logging, istio-system, linkerd, "
                "harbor, vault, "
                "velero, ci]",
    .description = "Namespaces that serve every environment, exactly or with `*`.",
};

inline constexpr std::string_view k_production = "prod";

/// One name for what teams write differently: case aside, `dev` and `development`, `stage`, `staging` and `stg`, `test` and `testing`
/// are one each, and so are the values of `prodValues` (as `prod`).
[[nodiscard]] std::string canonical_environment(std::string_view value, const std::vector<std::string>& prod_values);

/// The environment that the labels name, in its canonical form; empty where none does. Uses the parameters envLabelKeys and prodValues.
[[nodiscard]] std::string environment_of(const model::StringMap& labels, const check::Context& context);
/// The environment of a namespace; empty where the Namespace was not read or carries no such label.
[[nodiscard]] std::string environment_of_namespace(std::string_view ns, const check::Context& context);

/// True for platformNamespaces, and for those that the configuration classes so.
[[nodiscard]] bool is_platform_namespace(std::string_view ns, const check::Context& context);

} // namespace seaworthy::controls

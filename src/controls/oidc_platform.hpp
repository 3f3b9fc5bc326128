// SPDX-License-Identifier: Apache-2.0
// The platform's components together: do they share one identity provider, and do they keep their client secrets.
#pragma once

#include "controls/field_lists.hpp"
#include "controls/login_issuers.hpp"
#include "controls/oidc_grafana.hpp"

namespace seaworthy::controls {

/// oidc-components-same-issuer
[[nodiscard]] check::Verdict judge_same_issuer(const check::Context& context);
/// oidc-client-secret-inline
void judge_client_secrets(const check::Context& context, check::Results& results);

inline constexpr check::Fields k_component_issuer_fields[] = {
    {"grafanas.grafana.integreatly.org", "spec.config"},
    {"argocds.argoproj.io", "spec.oidcConfig, spec.sso"},
};
inline constexpr auto k_platform_issuer_fields = joined(k_issuer_fields, k_component_issuer_fields);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/check/check.hpp"

// How Secrets come into pods as files, whether they are there, and how long certificates last.
namespace seaworthy::controls {

/// secret-volume-readonly
[[nodiscard]] check::Verdict judge_secret_read_only(const model::Workload& workload, const check::Context& context);
/// secret-volume-mode
[[nodiscard]] check::Verdict judge_secret_mode(const model::Workload& workload, const check::Context& context);
/// secret-dangling-ref
[[nodiscard]] check::Verdict judge_dangling_secret(const model::Workload& workload, const check::Context& context);
/// secret-tls-expiry
[[nodiscard]] check::Verdict judge_certificate(const model::Document& certificate, const check::Context& context);

inline constexpr check::Fields k_dangling_secret_fields[] = {
    {"ingresses.networking.k8s.io", "spec.tls.secretName, spec.rules.http.paths.backend.service.name, spec.defaultBackend.service.name"},
};
inline constexpr check::Fields k_certificate_fields[] = {
    {"certificates.cert-manager.io", "spec.duration, spec.renewBefore, status.notAfter, status.notBefore, status.renewalTime, status.conditions"},
};

} // namespace seaworthy::controls

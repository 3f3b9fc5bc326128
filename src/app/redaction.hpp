// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "seaworthy/config/config.hpp"
#include "seaworthy/kube/capture.hpp"

namespace seaworthy::app {

/// What a capture replaces: the credentials that checks recognise, each by a harmless text that is judged alike. The configuration says
/// which values the checks take for no credential.
[[nodiscard]] kube::Redaction redaction_of(const config::Config& config);

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
// OpenShift's mirror sets, from which the operator writes each node's registries.conf.
#pragma once

#include <string_view>

#include "seaworthy/check/context.hpp"

namespace seaworthy::controls {

inline constexpr std::string_view k_tag_sets = "imagetagmirrorsets.config.openshift.io";
inline constexpr std::string_view k_digest_sets = "imagedigestmirrorsets.config.openshift.io";
inline constexpr std::string_view k_legacy_sets = "imagecontentsourcepolicies.operator.openshift.io";

void run_openshift_mirrors(const check::Context& context, check::Results& results);
/// True if a set forbids the registry itself: the operator makes `blocked` of it, once a node has taken over its newest configuration.
[[nodiscard]] bool never_contacts_source(const check::Context& context, std::string_view registry);

} // namespace seaworthy::controls

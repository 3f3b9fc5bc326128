// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/recorder.hpp"
#include "seaworthy/check/check.hpp"

namespace seaworthy::engine {

/// Judges every subject of a check: walks them, applies the conventions that hold for all rules (C2, C3, C4, C6, C10, namespaces that the
/// configuration leaves out), asks the check's judge for a verdict each, and says which subjects could not be read.
void walk(const check::Check& check, const check::Context& context, Recorder& recorder);

/// False for namespaces that the configuration leaves out. True for the cluster ("").
[[nodiscard]] bool is_audited(const check::Settings& settings, std::string_view ns);

} // namespace seaworthy::engine

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "controls/api_server_flags.hpp"
#include "seaworthy/check/context.hpp"

// Which of the API server's built-in admission plugins are on.
namespace seaworthy::controls {

/// admission-plugins-required
[[nodiscard]] check::Verdict judge_required_plugins(const check::Context& context);
/// admission-plugins-dangerous
[[nodiscard]] check::Verdict judge_dangerous_plugins(const check::Context& context);

/// True if the API server runs the plugin, by its flags and the defaults of its version.
[[nodiscard]] bool runs_plugin(const ApiServer& server, std::string_view name, const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "seaworthy/base/error.hpp"
#include "seaworthy/base/timestamp.hpp"
#include "seaworthy/config/config.hpp"

namespace CLI {
class App;
}

namespace seaworthy::app {

/// The system's clock.
[[nodiscard]] Timestamp now();

/// Adds --config to a command.
void add_config_flag(CLI::App& command, std::string& file);

/// The file that was chosen: the flag, else $SEAWORTHY_CONFIG; empty: none.
[[nodiscard]] std::string configuration_file(const std::string& flag);

/// Loads that file, or gives the defaults where there is none.
[[nodiscard]] Result<config::Config> load_configuration(const std::string& flag);

/// The same from a text that came with a snapshot; its clock is the snapshot's.
[[nodiscard]] Result<config::Config> load_configuration_text(const std::string& text, const std::string& name, Timestamp at);

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "app/configuration.hpp"

#include <chrono>
#include <cstdlib>

#include <CLI/CLI.hpp>

#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"

namespace seaworthy::app {

Timestamp now()
{
    return Timestamp{std::chrono::duration_cast<seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
}

void add_config_flag(CLI::App& command, std::string& file)
{
    command.add_option("--config", file, "Configuration file (default: $SEAWORTHY_CONFIG, else the built-in defaults)")->type_name("FILE");
}

std::string configuration_file(const std::string& flag)
{
    if (!flag.empty()) return flag;
    const char* variable = std::getenv("SEAWORTHY_CONFIG");
    return variable == nullptr ? std::string{} : std::string{variable};
}

Result<config::Config> load_configuration(const std::string& flag)
{
    const auto file = configuration_file(flag);
    if (file.empty()) return config::default_config(controls::catalog());
    auto loaded = config::load_file(file, now(), controls::catalog());
    if (!loaded) return tl::make_unexpected(config::to_error(loaded.error()));
    return std::move(*loaded);
}

Result<config::Config> load_configuration_text(const std::string& text, const std::string& name, Timestamp at)
{
    auto loaded = config::load_text(text, {.name = name, .now = at}, controls::catalog());
    if (!loaded) return tl::make_unexpected(config::to_error(loaded.error()));
    return std::move(*loaded);
}

} // namespace seaworthy::app

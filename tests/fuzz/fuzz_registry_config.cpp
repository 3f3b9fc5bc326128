// SPDX-License-Identifier: Apache-2.0
// A node-probe's answer. What is understood of it must be written so that it is understood the same, and looked up without a fault.
#include <string_view>

#include "fuzz/fuzz_target.hpp"
#include "seaworthy/model/registry_config.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(registry_config, input)
{
    if (input.size() > model::RegistryConfigLimits::bytes) return;
    const auto config = model::parse_registry_config(input);
    if (!config) return;
    const auto json = to_json(*config);
    const auto again = model::parse_registry_config(json);
    fuzz::require(again && to_json(*again) == json);
    for (const auto& entry : config->registries)
        for (const auto& mirror : entry.mirrors)
            fuzz::require(!model::ping_url_of(mirror.url).empty() && model::authority_of(mirror.url).find('@') == std::string_view::npos);
    static_cast<void>(config->entry_of("docker.io/library/nginx"));
}

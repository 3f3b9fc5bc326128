// SPDX-License-Identifier: Apache-2.0
// A node-probe's answer. What is understood of it must be written so that it is understood the same, and looked up without a fault.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "seaworthy/model/registry_config.hpp"

using namespace seaworthy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view answer{reinterpret_cast<const char*>(data), size}; // NOLINT: libFuzzer's bytes
    if (size > model::RegistryConfigLimits::bytes) return 0;
    const auto config = model::parse_registry_config(answer);
    if (!config) return 0;
    const auto json = to_json(*config);
    const auto again = model::parse_registry_config(json);
    if (!again || to_json(*again) != json) std::abort();
    for (const auto& entry : config->registries)
        for (const auto& mirror : entry.mirrors)
            if (model::ping_url_of(mirror.url).empty() || model::authority_of(mirror.url).find('@') != std::string_view::npos) std::abort();
    static_cast<void>(config->entry_of("docker.io/library/nginx"));
    return 0;
}

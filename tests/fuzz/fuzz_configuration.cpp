// SPDX-License-Identifier: Apache-2.0
// The configuration file. A refusal says at least one thing that is wrong.
#include "fuzz/fuzz_target.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(configuration, input)
{
    const auto config = config::load_text(input, {.name = "config.yaml", .now = parse_rfc3339("2026-11-22T04:00:00Z")}, controls::catalog());
    if (!config) fuzz::require(!config.error().list.empty() && !config::format(config.error()).empty());
}

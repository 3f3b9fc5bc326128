// SPDX-License-Identifier: Apache-2.0
// A TOML file of a node: read without a fault, and into JSON that is whole.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "fuzz/fuzz_target.hpp"
#include "node/toml.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(host_files, input)
{
    const auto parsed = node::parse_toml(input);
    if (parsed) static_cast<void>((*parsed)["host"].size());
}

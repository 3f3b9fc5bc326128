// SPDX-License-Identifier: Apache-2.0
// A TOML file of a node: read without a fault, and into JSON that is whole.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "node/toml.hpp"

using namespace seaworthy;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto parsed = node::parse_toml({reinterpret_cast<const char*>(data), size}); // NOLINT: libFuzzer's bytes
    if (parsed) static_cast<void>((*parsed)["host"].size());
    return 0;
}

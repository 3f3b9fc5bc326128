// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace seaworthy::model {

/// True if the CIDR (`10.0.0.0/8`, `fd00::/8`; without a slash the address alone) holds the address. False for what is neither.
[[nodiscard]] bool cidr_contains(std::string_view cidr, std::string_view address);

/// A block as far as its first eight bits tell.
struct PrefixBlock {
    bool v6 = false;
    unsigned first = 0;  ///< the first octet
    unsigned length = 0; ///< of the prefix
};
/// Nothing for what is no block: a length has to be there.
[[nodiscard]] std::optional<PrefixBlock> parse_block(std::string_view cidr);
/// True for `0.0.0.0/0` and `::/0`, however they are written: `10.0.0.0/0` is the same block.
[[nodiscard]] bool is_every_address(std::string_view cidr);

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace seaworthy::kube {

/// One bit a byte of a 64-byte block, the first byte lowest.
struct BlockMasks {
    std::uint64_t quote = 0;
    std::uint64_t backslash = 0;
    std::uint64_t open = 0;  ///< `{` and `[`
    std::uint64_t close = 0; ///< `}` and `]`
};

/// Finds a JSON text's structural bytes in `blocks` blocks of 64 bytes. The instruction set is chosen once a process.
using ClassifyBlocks = void (*)(const char* bytes, std::size_t blocks, BlockMasks* masks);
[[nodiscard]] ClassifyBlocks classify_blocks();
/// The version that needs no special instructions, for tests and other processors.
void classify_blocks_portable(const char* bytes, std::size_t blocks, BlockMasks* masks);

} // namespace seaworthy::kube

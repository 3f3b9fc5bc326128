// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "kube/decode/byte_scan.hpp"

namespace seaworthy::kube {

/// Finds where a JSON object or array ends, in bytes that come in pieces. It looks at strings and brackets alone, 64 bytes at a time.
class ElementScanner {
public:
    /// Begins before the opening bracket.
    void begin() { *this = ElementScanner{}; }

    /// Takes bytes up to the end of the element or of the piece; returns how many.
    std::size_t scan(std::string_view piece);
    /// True once the closing bracket has been taken.
    [[nodiscard]] bool done() const { return m_done; }
    [[nodiscard]] std::uint32_t deepest() const { return m_deepest; }

private:
    bool scan_block(const BlockMasks& masks, std::size_t& taken);
    bool walk(std::uint64_t open, std::uint64_t close, std::size_t& taken);
    void step(char byte);

    ClassifyBlocks m_classify = classify_blocks();
    std::uint32_t m_depth = 0;
    std::uint32_t m_deepest = 0; ///< an upper bound while the element is shallow
    bool m_in_string = false;
    bool m_escaped = false;
    bool m_done = false;
};

} // namespace seaworthy::kube

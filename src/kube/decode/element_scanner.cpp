// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/element_scanner.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace seaworthy::kube {

namespace {

constexpr std::size_t k_block = 64;
constexpr std::size_t k_batch = 4;      ///< blocks classified ahead: few, because an element may end in the first
constexpr std::uint32_t k_shallow = 48; ///< below this depth a block's deepest point need not be found exactly

/// Bits of bytes that a backslash escapes. `carry`: the first byte is escaped; on return, the byte after the block.
std::uint64_t find_escaped(std::uint64_t backslash, bool& carry)
{
    std::uint64_t escaped = carry ? 1 : 0;
    carry = false;
    backslash &= ~escaped;
    while (backslash != 0) {
        const int at = std::countr_zero(backslash);
        if (at == 63) {
            carry = true;
            break;
        }
        const std::uint64_t next = std::uint64_t{2} << at;
        escaped |= next;
        backslash &= ~(next | (next >> 1U));
    }
    return escaped;
}

/// Each bit becomes the exclusive or of itself and all lower ones: set from an opening quote up to its closing one.
std::uint64_t prefix_xor(std::uint64_t bits)
{
    for (unsigned shift = 1; shift < 64; shift <<= 1U)
        bits ^= bits << shift;
    return bits;
}

} // namespace

/// Goes through the brackets of a block one by one. True if the element ends here.
bool ElementScanner::walk(std::uint64_t open, std::uint64_t close, std::size_t& taken)
{
    for (std::uint64_t brackets = open | close; brackets != 0; brackets &= brackets - 1) {
        const auto at = static_cast<unsigned>(std::countr_zero(brackets));
        if (((open >> at) & 1U) != 0) {
            ++m_depth;
            m_deepest = std::max(m_deepest, m_depth);
        } else if (--m_depth == 0) {
            m_done = true;
            taken += at + 1;
            return true;
        }
    }
    return false;
}

bool ElementScanner::scan_block(const BlockMasks& masks, std::size_t& taken)
{
    std::uint64_t quote = masks.quote;
    if (masks.backslash != 0 || m_escaped) quote &= ~find_escaped(masks.backslash, m_escaped);
    std::uint64_t in_string = prefix_xor(quote);
    if (m_in_string) in_string = ~in_string;
    const std::uint64_t open = masks.open & ~in_string;
    const std::uint64_t close = masks.close & ~in_string;

    const auto opens = static_cast<std::uint32_t>(std::popcount(open));
    const auto closes = static_cast<std::uint32_t>(std::popcount(close));
    if (closes < m_depth && m_depth + opens < k_shallow) {
        m_deepest = std::max(m_deepest, m_depth + opens);
        m_depth = m_depth + opens - closes;
    } else if (walk(open, close, taken)) {
        return true;
    }
    m_in_string = (in_string >> 63U) != 0;
    taken += k_block;
    return false;
}

void ElementScanner::step(char byte)
{
    // As scan_block() does: a backslash hides a quote or another backslash. Outside of strings it is no JSON, and hides nothing else.
    const bool escaped = std::exchange(m_escaped, false);
    if (byte == '"') {
        if (!escaped) m_in_string = !m_in_string;
    } else if (byte == '\\') {
        m_escaped = !escaped;
    } else if (m_in_string) {
        return;
    } else if (byte == '{' || byte == '[') {
        m_deepest = std::max(m_deepest, ++m_depth);
    } else if (byte == '}' || byte == ']') {
        m_done = --m_depth == 0;
    }
}

std::size_t ElementScanner::scan(std::string_view piece)
{
    std::size_t taken = 0;
    if (m_depth == 0 && !m_done && !piece.empty()) step(piece[taken++]); // so that a block never begins outside
    BlockMasks masks[k_batch];
    while (!m_done && piece.size() - taken >= k_block) {
        const std::size_t blocks = std::min(k_batch, (piece.size() - taken) / k_block);
        m_classify(piece.data() + taken, blocks, masks);
        for (std::size_t i = 0; i < blocks; ++i)
            if (scan_block(masks[i], taken)) return taken;
    }
    while (!m_done && taken < piece.size())
        step(piece[taken++]);
    return taken;
}

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/byte_scan.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace seaworthy::kube {

void classify_blocks_portable(const char* bytes, std::size_t blocks, BlockMasks* masks)
{
    for (std::size_t block = 0; block < blocks; ++block, bytes += 64) {
        BlockMasks found;
        for (unsigned i = 0; i < 64; ++i) {
            const std::uint64_t bit = std::uint64_t{1} << i;
            switch (bytes[i]) {
            case '"': found.quote |= bit; break;
            case '\\': found.backslash |= bit; break;
            case '{':
            case '[': found.open |= bit; break;
            case '}':
            case ']': found.close |= bit; break;
            default: break;
            }
        }
        masks[block] = found;
    }
}

#if defined(__x86_64__)
namespace {

// `[` and `{`, like `]` and `}`, differ in bit 0x20 alone, and no other byte maps onto them with that bit set.

std::uint64_t sse2_equal(const __m128i (&lanes)[4], char wanted)
{
    const __m128i pattern = _mm_set1_epi8(wanted);
    std::uint64_t mask = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const auto bits = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(lanes[i], pattern)));
        mask |= std::uint64_t{bits} << (16U * i);
    }
    return mask;
}

void classify_sse2(const char* bytes, std::size_t blocks, BlockMasks* masks)
{
    const __m128i fold = _mm_set1_epi8(0x20);
    for (std::size_t block = 0; block < blocks; ++block, bytes += 64) {
        __m128i lanes[4];
        __m128i folded[4];
        for (unsigned i = 0; i < 4; ++i) {
            lanes[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + 16U * i)); // NOLINT: what the intrinsic takes
            folded[i] = _mm_or_si128(lanes[i], fold);
        }
        masks[block] = {sse2_equal(lanes, '"'), sse2_equal(lanes, '\\'), sse2_equal(folded, '{'), sse2_equal(folded, '}')};
    }
}

__attribute__((target("avx2"))) std::uint64_t avx2_equal(__m256i low, __m256i high, char wanted)
{
    const __m256i pattern = _mm256_set1_epi8(wanted);
    const auto low_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, pattern)));
    const auto high_bits = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, pattern)));
    return std::uint64_t{low_bits} | (std::uint64_t{high_bits} << 32U);
}

__attribute__((target("avx2"))) void classify_avx2(const char* bytes, std::size_t blocks, BlockMasks* masks)
{
    const __m256i fold = _mm256_set1_epi8(0x20);
    for (std::size_t block = 0; block < blocks; ++block, bytes += 64) {
        const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));       // NOLINT
        const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32)); // NOLINT
        const __m256i low_folded = _mm256_or_si256(low, fold);
        const __m256i high_folded = _mm256_or_si256(high, fold);
        masks[block] = {avx2_equal(low, high, '"'), avx2_equal(low, high, '\\'), avx2_equal(low_folded, high_folded, '{'),
                        avx2_equal(low_folded, high_folded, '}')};
    }
}

} // namespace

ClassifyBlocks classify_blocks()
{
    static const ClassifyBlocks chosen = __builtin_cpu_supports("avx2") != 0 ? classify_avx2 : classify_sse2;
    return chosen;
}
#else
ClassifyBlocks classify_blocks()
{
    return classify_blocks_portable;
}
#endif

} // namespace seaworthy::kube

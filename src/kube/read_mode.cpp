// SPDX-License-Identifier: Apache-2.0
#include "kube/read_mode.hpp"

#include <algorithm>
#include <array>

namespace seaworthy::kube {
namespace {

constexpr unsigned k_pages_from_cache_since = 34;
constexpr std::uint32_t k_page = 500; // kubectl's, and what providers recommend
constexpr std::uint32_t k_custom_page = 250;
constexpr std::uint32_t k_huge_page = 100;
constexpr std::uint64_t k_page_bytes = 8U << 20U;
constexpr std::uint64_t k_enough_to_judge = 100; ///< objects that make an average worth something
/// Reports of hundreds of kilobytes each.
constexpr std::array<std::string_view, 4> k_huge = {"vulnerabilityreports.aquasecurity.github.io",
                                                    "clustervulnerabilityreports.aquasecurity.github.io", "sbomreports.aquasecurity.github.io",
                                                    "clustersbomreports.aquasecurity.github.io"};

} // namespace

Paging choose_paging(std::optional<unsigned> server_minor, std::string_view resource, bool built_in, std::optional<std::uint32_t> chunk_size)
{
    Paging paging;
    if (built_in) {
        paging.prefetch = server_minor && *server_minor >= k_pages_from_cache_since;
        paging.adaptive = paging.prefetch && !chunk_size;
        paging.limit = k_page;
    } else {
        paging.limit = std::find(k_huge.begin(), k_huge.end(), resource) != k_huge.end() ? k_huge_page : k_custom_page;
    }
    // Objects of hundreds of kilobytes set a bound that a page size chosen with pods in mind does not lift.
    if (chunk_size) paging.limit = built_in || *chunk_size == 0 ? *chunk_size : std::min(*chunk_size, paging.limit);
    return paging;
}

std::uint32_t next_page_size(const Paging& paging, std::uint64_t objects, std::uint64_t bytes)
{
    if (!paging.adaptive || objects < k_enough_to_judge) return paging.limit;
    const std::uint64_t average = std::max<std::uint64_t>(bytes / objects, 1);
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(k_page_bytes / average, 250, 2000));
}

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace seaworthy::kube {

/// How one resource is paged.
struct Paging {
    std::uint32_t limit = 500; ///< objects a page to begin with; 0: unpaged
    bool prefetch = false;     ///< the next page is asked for as soon as its token is known
    bool adaptive = false;     ///< later pages are sized for k_page_bytes
};

/// By the server's minor version: from 1.34 pages come from the watch cache and may run in parallel; older servers read each page from etcd,
/// so one follows the other. Custom resources can be huge and send their token last. `chunk_size` is the user's word on the size.
[[nodiscard]] Paging choose_paging(std::optional<unsigned> server_minor, std::string_view resource, bool built_in,
                                   std::optional<std::uint32_t> chunk_size);

/// The size of the next page once `objects` took `bytes`.
[[nodiscard]] std::uint32_t next_page_size(const Paging& paging, std::uint64_t objects, std::uint64_t bytes);

} // namespace seaworthy::kube

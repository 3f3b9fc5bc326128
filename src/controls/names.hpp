// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/model/index.hpp"

namespace seaworthy::controls {

/// Names for a message and its evidence: each once, in the order in which they came, the first `k_kept` only, so that no object
/// can make a report large.
class NameList {
public:
    static constexpr std::size_t k_kept = 20;

    void add(std::string name);
    [[nodiscard]] bool empty() const { return m_count == 0; }
    [[nodiscard]] std::size_t size() const { return m_count; }
    [[nodiscard]] std::string text() const;                ///< "a, b, c and 4 more": at most three are named
    [[nodiscard]] std::vector<std::string> values() const; ///< for evidence; the last entry says how many were left out

private:
    std::vector<std::string> m_names;
    std::size_t m_count = 0;
};

/// "shop/Deployment/web".
[[nodiscard]] std::string name_of(const model::Workload& workload);
/// True if an entry of a list parameter names the workload: exactly or with `*`, by name, namespace/name or namespace/Kind/name.
[[nodiscard]] bool names_workload(const std::vector<std::string>& entries, const model::Workload& workload);
/// The same for any object; a cluster-scoped one has no namespace.
[[nodiscard]] bool names_object(const std::vector<std::string>& entries, std::string_view ns, std::string_view kind, std::string_view name);

} // namespace seaworthy::controls

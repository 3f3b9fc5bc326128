// SPDX-License-Identifier: Apache-2.0
#include "names.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

void NameList::add(std::string name)
{
    // Duplicates come in runs or from short lists; beyond what is kept only the count matters.
    if (std::ranges::find(m_names, name) != m_names.end()) return;
    ++m_count;
    if (m_names.size() < k_kept) m_names.push_back(std::move(name));
}

std::string NameList::text() const
{
    const auto shown = std::min<std::size_t>(m_names.size(), 3);
    const auto listed = fmt::format("{}", fmt::join(m_names.begin(), m_names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
    return m_count > shown ? fmt::format("{} and {} more", listed, m_count - shown) : listed;
}

std::vector<std::string> NameList::values() const
{
    auto values = m_names;
    if (m_count > m_names.size()) values.push_back(fmt::format("and {} more", m_count - m_names.size()));
    return values;
}

std::string name_of(const model::Workload& workload)
{
    return fmt::format("{}/{}/{}", workload.ns.view(), workload.kind.view(), workload.name.view());
}

bool names_workload(const std::vector<std::string>& entries, const model::Workload& workload)
{
    return names_object(entries, workload.ns, workload.kind, workload.name);
}

bool names_object(const std::vector<std::string>& entries, std::string_view ns, std::string_view kind, std::string_view name)
{
    if (entries.empty()) return false;
    const auto short_name = ns.empty() ? std::string{name} : fmt::format("{}/{}", ns, name);
    const auto full_name = fmt::format("{}/{}/{}", ns.empty() ? "-" : ns, kind, name);
    return glob_match_any(entries, name) || glob_match_any(entries, short_name) || glob_match_any(entries, full_name);
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/field_paths.hpp"

namespace seaworthy::kube {

void FieldPaths::add(std::string_view path, bool opaque_keys)
{
    if (path.empty()) {
        m_all = true;
        return;
    }
    const std::size_t dot = path.find('.');
    std::string_view segment = path.substr(0, dot);
    const std::string_view rest = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    if (segment.size() > 2 && segment.substr(segment.size() - 2) == "[]") segment.remove_suffix(2);
    auto& member = m_members[std::string{segment}];
    if (!member) member = std::make_unique<FieldPaths>();
    if (!opaque_keys || rest.empty()) {
        member->add(rest);
    } else {
        auto& leaf = member->m_members[std::string{rest}];
        if (!leaf) leaf = std::make_unique<FieldPaths>();
        leaf->m_all = true;
    }
}

const FieldPaths* FieldPaths::below(std::string_view key) const
{
    if (m_all) return this;
    auto at = m_members.find(key);
    if (at == m_members.end()) at = m_members.find("*");
    return at != m_members.end() ? at->second.get() : nullptr;
}

} // namespace seaworthy::kube

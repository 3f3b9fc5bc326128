// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace seaworthy::kube {

/// The field paths that a Document keeps, as a tree. Arrays are followed without being named, `*` stands for any key,
/// and a path keeps everything below it.
class FieldPaths {
public:
    /// `opaque_keys`: below the first segment the rest of a path is one key, dots and all (a ConfigMap's `data.ca.crt`).
    void add(std::string_view path, bool opaque_keys = false);
    /// The paths below a member, or nullptr where nothing of it is kept.
    [[nodiscard]] const FieldPaths* below(std::string_view key) const;
    [[nodiscard]] bool keeps_all() const { return m_all; }
    [[nodiscard]] bool empty() const { return !m_all && m_members.empty(); }

private:
    bool m_all = false;
    std::map<std::string, std::unique_ptr<FieldPaths>, std::less<>> m_members;
};

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/model/registry_config.hpp"

namespace seaworthy::node {

/// A node's file system below one folder, read-only and bounded. Links are followed inside it only, an absolute one from its top
/// (openat2's RESOLVE_IN_ROOT), so that no file of the container itself, nor of any other tree, is ever taken for the node's.
class HostTree {
public:
    explicit HostTree(const std::string& root);

    /// A regular file's content; `path` begins with "/". Nothing where there is no such file, or where an error was noted.
    [[nodiscard]] std::optional<std::string> read(const std::string& path);
    /// The names in a folder, sorted, without "." and ".."; nothing where there is no such folder, or where an error was noted.
    [[nodiscard]] std::optional<std::vector<std::string>> list(const std::string& path);
    /// True for a link that leads nowhere, too.
    [[nodiscard]] bool exists(const std::string& path) const;

    /// Notes what makes the report incomplete: "<path>: <why>". Beyond the limit of a report only that there is more.
    void note(std::string_view path, std::string_view why);

    /// Every file that was read, and every note, in order.
    [[nodiscard]] std::vector<model::ConfigFile> take_files() { return std::move(m_files); }
    [[nodiscard]] std::vector<std::string> take_errors() { return std::move(m_errors); }

private:
    [[nodiscard]] Descriptor open(const std::string& path, int flags) const;
    /// True for a link, or a path through one, whose target is not in the tree: it was meant to say something that cannot be seen.
    [[nodiscard]] bool leads_nowhere(std::string path) const;
    /// Why something could not be opened, unless it is simply not there.
    void note_missing(const std::string& path, int error);

    Descriptor m_root;
    std::size_t m_bytes = 0;
    std::vector<model::ConfigFile> m_files;
    std::vector<std::string> m_errors;
};

} // namespace seaworthy::node

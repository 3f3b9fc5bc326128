// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace seaworthy::app {

/// Tells when a file was replaced or written, by what stat says of it. Follows symbolic links, since a mounted ConfigMap changes by
/// one that is moved to another folder.
class ConfigWatch {
public:
    /// An empty name never changes.
    explicit ConfigWatch(std::string file);

    /// True once after each change. A file that is gone for a moment (an editor's save) has not changed until it is back.
    [[nodiscard]] bool changed();

private:
    struct Stamp {
        std::uint64_t device = 0;
        std::uint64_t inode = 0;
        std::int64_t size = -1;
        std::int64_t modified_nanoseconds = 0;
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    [[nodiscard]] static Stamp look(const std::string& file);

    std::string m_file;
    Stamp m_last;
};

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace seaworthy::test {

/// A directory that goes with the test.
class TemporaryDirectory {
public:
    TemporaryDirectory()
    {
        std::string name = (std::filesystem::temp_directory_path() / "seaworthy-test-XXXXXX").string();
        m_path = ::mkdtemp(name.data());
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    ~TemporaryDirectory()
    {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }

    [[nodiscard]] std::string path(std::string_view name = "") const { return name.empty() ? m_path : m_path + "/" + std::string{name}; }

    /// Writes the file, whose directories are made, and returns its path.
    std::string write(std::string_view name, std::string_view content) const
    {
        const std::filesystem::path target{path(name)};
        std::filesystem::create_directories(target.parent_path());
        std::ofstream{target} << content;
        return target.string();
    }

    std::string write_program(std::string_view name, std::string_view content) const
    {
        const std::string target = write(name, content);
        std::filesystem::permissions(target, std::filesystem::perms::owner_all);
        return target;
    }

private:
    std::string m_path;
};

} // namespace seaworthy::test

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz_target.hpp"
#include "seaworthy/base/descriptor.hpp"

namespace seaworthy::fuzz {

/// A file without a disk, for parsers that take a path (memfd_create(2)).
class MemoryFile {
public:
    explicit MemoryFile(std::string_view content) : m_file(memfd_create("fuzz", MFD_CLOEXEC))
    {
        require(m_file.number() >= 0);
        while (!content.empty()) {
            const auto written = write(m_file.number(), content.data(), content.size());
            require(written > 0);
            content.remove_prefix(static_cast<std::size_t>(written));
        }
    }

    [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(m_file.number()); }

private:
    Descriptor m_file;
};

} // namespace seaworthy::fuzz

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/file_content.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <unistd.h>

#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy {

Result<std::string> read_file(const std::string& path, std::size_t max_bytes)
{
    const auto fail = [&](const std::string& reason, Error::Kind kind) {
        return failure(kind, "cannot read " + printable(path) + ": " + reason, "Check the path and its permissions.");
    };
    const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    if (!file.valid()) return fail(std::strerror(errno), errno == ENOENT ? Error::Kind::not_found : Error::Kind::invalid_input);
    std::string content;
    char buffer[16384];
    for (;;) {
        const ssize_t size = ::read(file.number(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return fail(std::strerror(errno), Error::Kind::invalid_input);
        if (size == 0) return content;
        content.append(buffer, static_cast<std::size_t>(size));
        if (content.size() > max_bytes) return fail("it is larger than " + std::to_string(max_bytes) + " bytes", Error::Kind::invalid_input);
    }
}

} // namespace seaworthy

// SPDX-License-Identifier: Apache-2.0
// To be preloaded: while the file that FAILING_DISK names is there, writes and syncs fail with EIO; of one path alone where FAILING_PATH names it.
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

bool is_failing()
{
    const char* const flag = std::getenv("FAILING_DISK");
    return flag != nullptr && access(flag, F_OK) == 0;
}

template <typename Function>
Function next(const char* name)
{
    return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

bool is_spared(int file)
{
    const char* const only = std::getenv("FAILING_PATH");
    if (only == nullptr) return false;
    char path[PATH_MAX];
    const auto length = readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof path);
    return length < 0 || std::string_view{path, static_cast<std::size_t>(length)} != only;
}

int sync_or_fail(const char* name, int file)
{
    if (!is_failing() || is_spared(file)) return next<int (*)(int)>(name)(file);
    errno = EIO;
    return -1;
}

} // namespace

extern "C" {

int fsync(int file)
{
    return sync_or_fail("fsync", file);
}

int fdatasync(int file)
{
    return sync_or_fail("fdatasync", file);
}

ssize_t pwrite64(int file, const void* data, size_t size, off64_t at)
{
    static const bool fails_writes = std::getenv("FAILING_WRITES") != nullptr;
    if (!fails_writes || !is_failing()) return next<ssize_t (*)(int, const void*, size_t, off64_t)>("pwrite64")(file, data, size, at);
    errno = EIO;
    return -1;
}
}

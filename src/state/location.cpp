// SPDX-License-Identifier: Apache-2.0
#include "state/location.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "seaworthy/base/descriptor.hpp"

namespace seaworthy::state {
namespace {

constexpr mode_t k_owner_only = S_IRUSR | S_IWUSR;
constexpr std::string_view k_log_suffix = "-wal";

struct FileSystem {
    std::int64_t type; ///< statfs(2)
    std::string_view name;
};
constexpr FileSystem k_refused[] = {
    {0x6969, "NFS"}, {0xff534d42, "CIFS"}, {0xfe534d42, "SMB2"}, {0x517b, "SMB"}, {0x65735546, "FUSE"}, {0x5346414f, "AFS"},
};

std::string directory_of(const std::string& path)
{
    const auto directory = std::filesystem::path{path}.parent_path().string();
    return directory.empty() ? "." : directory;
}

Failure refusal(std::string_view what, const std::string& path, int error, std::string hint)
{
    return failure(Error::Kind::usage, fmt::format("state database {}: {}: {}", path, what, std::strerror(error)), std::move(hint));
}

} // namespace

std::string_view refused_file_system(std::int64_t type)
{
    // f_type is a signed word on some machines.
    for (const auto& refused : k_refused)
        if (static_cast<std::uint32_t>(refused.type) == static_cast<std::uint32_t>(type)) return refused.name;
    return {};
}

Result<void> check_location(const std::string& path)
{
    const auto directory = directory_of(path);
    struct statfs file_system = {};
    if (statfs(directory.c_str(), &file_system) != 0)
        return refusal("its directory cannot be used", path, errno, "mount a volume there, or set spool.path to a file in a directory that exists");
    if (const auto name = refused_file_system(file_system.f_type); !name.empty())
        return failure(Error::Kind::usage, fmt::format("state database {} would lie on {}, where locks and syncs cannot be relied on", path, name),
                       "use a volume of block storage (ReadWriteOnce) or an emptyDir");
    struct stat file = {};
    const bool exists = stat(path.c_str(), &file) == 0;
    if (!exists && errno != ENOENT) return refusal("it cannot be looked at", path, errno, "set spool.path to a file that this process may use");
    if (exists && !S_ISREG(file.st_mode))
        return failure(Error::Kind::usage, fmt::format("state database {} is no regular file", path), "set spool.path to a file");
    const std::string hint = "mount its volume writable for the user of this process (securityContext.fsGroup)";
    if (faccessat(AT_FDCWD, directory.c_str(), W_OK | X_OK, AT_EACCESS) != 0) return refusal("its directory is not writable", path, errno, hint);
    if (exists && faccessat(AT_FDCWD, path.c_str(), R_OK | W_OK, AT_EACCESS) != 0) return refusal("it is not writable", path, errno, hint);
    return {};
}

std::optional<std::uint64_t> file_bytes(const std::string& path)
{
    struct stat file = {};
    if (stat(path.c_str(), &file) != 0) return std::nullopt;
    return static_cast<std::uint64_t>(file.st_size);
}

Result<void> claim_file(const std::string& path)
{
    // An existing file is not opened: closing it again would give up the locks that another Store of this process may hold on it (fcntl(2)).
    const Descriptor made{open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, k_owner_only)};
    if (made.valid()) return {};
    if (errno != EEXIST) return refusal("it cannot be made", path, errno, "make room on its volume, and mount it writable");
    for (const auto& file : {path, path + std::string{k_log_suffix}}) {
        struct stat found = {};
        // Failure is none: whoever owns the file may have good reason to share it.
        if (stat(file.c_str(), &found) == 0 && (found.st_mode & (S_IRWXG | S_IRWXO)) != 0) (void)chmod(file.c_str(), k_owner_only);
    }
    return {};
}

std::uint64_t available_bytes(const std::string& path)
{
    struct statvfs file_system = {};
    if (statvfs(directory_of(path).c_str(), &file_system) != 0) return 0;
    return std::uint64_t{file_system.f_bavail} * file_system.f_frsize;
}

Result<std::string> move_aside(const std::string& path, Timestamp now)
{
    std::string stamp;
    for (const char letter : format_rfc3339(now))
        if (letter != '-' && letter != ':') stamp.push_back(letter);
    const auto prefix = std::filesystem::path{path + ".corrupt-"}.filename().string();
    std::error_code ignored;
    // One copy is enough to look into, and all that there may be room for.
    for (const auto& entry : std::filesystem::directory_iterator{directory_of(path), ignored})
        if (entry.path().filename().string().starts_with(prefix)) std::filesystem::remove(entry.path(), ignored);
    auto aside = fmt::format("{}.corrupt-{}", path, stamp);
    if (rename(path.c_str(), aside.c_str()) != 0) return refusal("it is damaged and cannot be moved aside", path, errno, "move it away");
    (void)rename((path + std::string{k_log_suffix}).c_str(), (aside + std::string{k_log_suffix}).c_str()); // there may be none
    return aside;
}

void remove_database(const std::string& path)
{
    (void)unlink(path.c_str());
    (void)unlink((path + std::string{k_log_suffix}).c_str());
}

} // namespace seaworthy::state

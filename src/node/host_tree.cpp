// SPDX-License-Identifier: Apache-2.0
#include "node/host_tree.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "seaworthy/base/digest.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/timestamp.hpp"

namespace seaworthy::node {
namespace {

constexpr std::size_t k_file_bytes = 1U << 20U;
constexpr std::size_t k_all_bytes = 16U << 20U;
constexpr std::size_t k_files = model::RegistryConfigLimits::list;
constexpr std::size_t k_errors = 100;
constexpr std::size_t k_names = 1000; ///< of one folder

/// The way for kernels before 5.6, and for seccomp profiles that do not know openat2: component by component, no links at all.
Descriptor open_without_links(int root, std::string_view path, int flags)
{
    Descriptor at{::fcntl(root, F_DUPFD_CLOEXEC, 0)};
    while (at.valid()) {
        while (path.starts_with('/'))
            path.remove_prefix(1);
        if (path.empty()) return at;
        const auto slash = std::min(path.find('/'), path.size());
        const std::string name{path.substr(0, slash)};
        path.remove_prefix(slash);
        if (name == "..") {
            errno = ELOOP;
            return {};
        }
        const int how = path.find_first_not_of('/') == std::string_view::npos ? flags : O_PATH | O_DIRECTORY | O_CLOEXEC;
        at = Descriptor{::openat(at.number(), name.c_str(), how | O_NOFOLLOW)};
    }
    return at;
}

std::string reason_of(int error)
{
    if (error == ELOOP || error == EXDEV) return "a link that is not followed";
    return std::strerror(error); // NOLINT(concurrency-mt-unsafe): glibc's is safe for known errors
}

} // namespace

HostTree::HostTree(const std::string& root) : m_root(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC))
{
    if (!m_root.valid()) note(root, std::strerror(errno)); // NOLINT(concurrency-mt-unsafe)
}

Descriptor HostTree::open(const std::string& path, int flags) const
{
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
    constexpr int k_tries = 5; // EAGAIN: something was renamed meanwhile, so that ".." could have led out
    for (int i = 0; i < k_tries; ++i) {
        const auto opened = ::syscall(SYS_openat2, m_root.number(), path.c_str(), &how, sizeof how);
        if (opened >= 0) return Descriptor{static_cast<int>(opened)};
        if (errno != EAGAIN) break;
    }
    if (errno != ENOSYS && errno != EPERM) return {};
    return open_without_links(m_root.number(), path, flags | O_CLOEXEC);
}

bool HostTree::leads_nowhere(std::string path) const
{
    // The nearest part of the path whose folder can be opened: a link there has no target, anything else is simply not there.
    while (path.size() > 1) {
        const auto slash = path.rfind('/');
        const auto name = path.substr(slash + 1);
        path.resize(std::max<std::size_t>(slash, 1));
        const auto parent = open(path, O_PATH | O_DIRECTORY);
        struct stat status {};
        if (parent.valid()) return ::fstatat(parent.number(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode);
    }
    return false;
}

bool HostTree::exists(const std::string& path) const
{
    return m_root.valid() && (open(path, O_PATH).valid() || leads_nowhere(path));
}

void HostTree::note_missing(const std::string& path, int error)
{
    if (error != ENOENT && error != ENOTDIR) return note(path, reason_of(error));
    if (leads_nowhere(path)) note(path, "a link that leads to nothing in the node's files");
}

std::optional<std::string> HostTree::read(const std::string& path)
{
    if (!m_root.valid()) return std::nullopt;
    // Without O_NONBLOCK a FIFO would wait for a writer.
    const auto file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (!file.valid()) {
        note_missing(path, errno);
        return std::nullopt;
    }
    struct stat status {};
    if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode)) return note(path, "is no regular file"), std::nullopt;
    if (static_cast<std::uint64_t>(status.st_size) > k_file_bytes) return note(path, "is larger than 1 MiB"), std::nullopt;
    if (m_files.size() >= k_files || m_bytes >= k_all_bytes) return note(path, "too many files: this one is not read"), std::nullopt;
    std::string content(k_file_bytes + 1, '\0');
    std::size_t size = 0;
    while (size < content.size()) {
        const auto got = ::read(file.number(), content.data() + size, content.size() - size);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return note(path, reason_of(errno)), std::nullopt;
        if (got == 0) break;
        size += static_cast<std::size_t>(got);
    }
    if (size > k_file_bytes) return note(path, "is larger than 1 MiB"), std::nullopt;
    content.resize(size);
    m_bytes += size;
    m_files.push_back({printable(path), sha256_hex(content), format_rfc3339(Timestamp{status.st_mtim.tv_sec})});
    return content;
}

std::optional<std::vector<std::string>> HostTree::list(const std::string& path)
{
    if (!m_root.valid()) return std::nullopt;
    auto folder = open(path, O_RDONLY | O_DIRECTORY);
    if (!folder.valid()) {
        note_missing(path, errno);
        return std::nullopt;
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> stream{::fdopendir(::fcntl(folder.number(), F_DUPFD_CLOEXEC, 0)), ::closedir};
    if (!stream) return note(path, reason_of(errno)), std::nullopt;
    std::vector<std::string> names;
    while (const auto* entry = ::readdir(stream.get())) { // NOLINT(concurrency-mt-unsafe): the stream is ours alone
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        if (names.size() == k_names) {
            note(path, "holds more than 1000 names");
            break;
        }
        names.emplace_back(name);
    }
    std::ranges::sort(names);
    return names;
}

void HostTree::note(std::string_view path, std::string_view why)
{
    if (m_errors.size() < k_errors)
        m_errors.push_back(printable(fmt::format("{}: {}", path, why)));
    else if (m_errors.size() == k_errors)
        m_errors.emplace_back("there are more errors than are listed here");
}

} // namespace seaworthy::node

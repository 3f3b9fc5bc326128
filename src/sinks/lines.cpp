// SPDX-License-Identifier: Apache-2.0
#include "sinks/lines.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/base/printable.hpp"
#include "sinks/http_engine.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_pipe_bytes = 4096; ///< PIPE_BUF: what a pipe that poll() calls writable takes without blocking
constexpr int k_poll_ms = 100;
constexpr mode_t k_mode = 0640;
constexpr std::size_t k_detail_bytes = 497;

/// Whether somebody has to do something about it; a full disk or a broken device may pass.
bool is_fault(int error)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case EPERM:
    case EROFS:
    case ELOOP:
    case ENAMETOOLONG:
    case EBADF:
    case ENXIO: return true;
    default: return false;
    }
}

std::string reason_of(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT: return "disk_full";
    case EAGAIN: return "timeout";
    case EPIPE: return "closed";
    case EIO: return "io";
    default: return is_fault(error) ? "path" : "write";
    }
}

Delivery failed(const std::string& what, int error)
{
    return {.answer = is_fault(error) ? Answer::sink_fault : Answer::transient,
            .reason = reason_of(error),
            .detail = printable(fmt::format("{}: {}", what, std::strerror(error)), k_detail_bytes)};
}

/// What was written, and how far.
struct Written {
    std::size_t bytes = 0;
    int error = 0; ///< 0: all
};

/// Writes to a pipe, terminal or socket, whose reader may be slow. Gives up after `limit` without progress, or at a stop.
Written write_stream(int descriptor, std::string_view bytes, milliseconds limit, const std::stop_token& stop)
{
    Written written;
    auto until = Clock::now() + limit;
    while (written.bytes < bytes.size()) {
        pollfd ready{descriptor, POLLOUT, 0};
        const int count = ::poll(&ready, 1, k_poll_ms);
        if (count < 0 && errno != EINTR) return {written.bytes, errno};
        if (count <= 0) {
            if (stop.stop_requested() || Clock::now() >= until) return {written.bytes, EAGAIN};
            continue;
        }
        const auto part = bytes.substr(written.bytes, k_pipe_bytes);
        const auto size = ::write(descriptor, part.data(), part.size());
        if (size < 0) {
            if (errno == EINTR || errno == EAGAIN) continue;
            return {written.bytes, errno};
        }
        written.bytes += static_cast<std::size_t>(size);
        until = Clock::now() + limit;
    }
    return written;
}

Written write_file(int descriptor, std::string_view bytes)
{
    Written written;
    while (written.bytes < bytes.size()) {
        const auto size = ::write(descriptor, bytes.data() + written.bytes, bytes.size() - written.bytes);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return {written.bytes, size < 0 ? errno : EIO};
        written.bytes += static_cast<std::size_t>(size);
    }
    return written;
}

struct Lines {
    std::string text;
    std::vector<std::size_t> ends; ///< of each line, in `text`

    /// How many lines are whole after so many bytes.
    [[nodiscard]] std::size_t whole(std::size_t bytes) const
    {
        return static_cast<std::size_t>(std::ranges::upper_bound(ends, bytes) - ends.begin());
    }
};

/// `begins_anew`: behind the rest of a torn line.
tl::expected<Lines, Delivery> lines_of(std::span<const state::EventRow> events, events::Format format, bool begins_anew = false)
{
    const auto texts = render(events, format);
    if (!texts) return tl::make_unexpected(texts.error());
    Lines lines;
    if (begins_anew) lines.text = "\n";
    for (const auto& text : *texts) {
        lines.text += text;
        lines.text += '\n';
        lines.ends.push_back(lines.text.size());
    }
    return lines;
}

class Stream final : public Transport {
public:
    Stream(const config::Sink& sink, int descriptor) : m_sink(sink), m_descriptor(descriptor) {}

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override
    {
        // What a reader has of a torn line cannot be taken back: it ends there, and the event comes again on a line of its own.
        const auto lines = lines_of(events, format_of(m_sink, events::Format::ocsf), m_torn);
        if (!lines) return lines.error();
        const auto written = write_stream(m_descriptor, lines->text, m_sink.timeout, stop);
        if (written.bytes > 0) m_torn = lines->text[written.bytes - 1] != '\n';
        if (written.error == 0) return {.answer = Answer::delivered};
        auto delivery = failed("standard output", written.error);
        delivery.accepted_first = lines->whole(written.bytes);
        return delivery;
    }

private:
    config::Sink m_sink;
    int m_descriptor;
    bool m_torn = false;
};

class File final : public Transport {
public:
    explicit File(const config::Sink& sink) : m_sink(sink) {}

    Delivery send(std::span<const state::EventRow> events, const std::stop_token& stop) override
    {
        if (const auto error = open(); error != 0) return failed(m_sink.path, error);
        const auto lines = lines_of(events, format_of(m_sink, events::Format::ocsf));
        if (!lines) return lines.error();
        if (const auto error = rotate(lines->text.size()); error != 0) return failed(m_sink.path, error);
        if (!ends_with_line())
            if (const auto begun = write_file(m_file.number(), "\n"); begun.error != 0) return failed(m_sink.path, begun.error);
        const auto before = size();
        const auto written = m_regular ? write_file(m_file.number(), lines->text) : write_stream(m_file.number(), lines->text, m_sink.timeout, stop);
        if (written.error != 0 && m_regular && before >= 0) {
            // A part of a line is no event. Where it cannot be taken back, the next line begins anew.
            const auto whole = lines->whole(written.bytes);
            const auto kept = whole == 0 ? 0 : lines->ends[whole - 1];
            const bool is_ours = size() == before + static_cast<off_t>(written.bytes); // nobody else wrote meanwhile
            if (is_ours && ::ftruncate(m_file.number(), before + static_cast<off_t>(kept)) != 0) m_file.close();
        }
        if (!m_file.valid()) {
            return failed(m_sink.path, written.error);
        }
        if (m_regular && ::fsync(m_file.number()) != 0) {
            const int error = errno;
            m_file.close(); // after a failed fsync the kernel may call pages clean that are not on disk: nothing of this counts
            return failed(m_sink.path, error);
        }
        if (written.error == 0) return {.answer = Answer::delivered};
        auto delivery = failed(m_sink.path, written.error);
        delivery.accepted_first = lines->whole(written.bytes);
        return delivery;
    }
    void close() override { m_file.close(); }

private:
    /// Opens the file if it is not, or if the path leads elsewhere by now: something renames it, and expects a new one.
    int open()
    {
        if (m_file.valid()) {
            struct stat at_path {};
            struct stat at_hand {};
            const bool same = ::stat(m_sink.path.c_str(), &at_path) == 0 && ::fstat(m_file.number(), &at_hand) == 0 &&
                              at_path.st_ino == at_hand.st_ino && at_path.st_dev == at_hand.st_dev;
            if (same) return 0;
            m_file.close();
        }
        // O_NONBLOCK: without it, a FIFO that nobody reads would hold up the open().
        m_file = Descriptor{::open(m_sink.path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, k_mode)};
        if (!m_file.valid()) return errno;
        struct stat facts {};
        m_regular = ::fstat(m_file.number(), &facts) == 0 && S_ISREG(facts.st_mode);
        const int error = m_regular && facts.st_size == 0 ? sync_directory() : 0;
        if (error != 0) m_file.close(); // empty still, so that the next try comes here again
        return error;
    }

    /// Renames the file when the next lines would make it too long.
    int rotate(std::size_t bytes)
    {
        const auto most = m_sink.max_file.bytes;
        const auto now = size();
        if (!m_regular || most == 0 || now <= 0 || static_cast<std::uint64_t>(now) + bytes <= most) return 0;
        if (::rename(m_sink.path.c_str(), (m_sink.path + ".1").c_str()) != 0) return errno;
        m_file.close();
        return open();
    }

    /// The names of new files, too, are to be on disk before an event counts as delivered.
    [[nodiscard]] int sync_directory() const
    {
        const auto slash = m_sink.path.rfind('/');
        const auto directory = slash == std::string::npos ? std::string{"."} : m_sink.path.substr(0, std::max<std::size_t>(slash, 1));
        const Descriptor opened{::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
        // A directory that only lets itself be written to cannot be synced, nor one of a file system that knows no such thing.
        if (!opened.valid() || ::fsync(opened.number()) == 0 || errno == EINVAL || errno == ENOTSUP) return 0;
        return errno;
    }

    [[nodiscard]] off_t size() const
    {
        struct stat facts {};
        return ::fstat(m_file.number(), &facts) == 0 ? facts.st_size : -1;
    }

    /// False where an earlier write, of this process or one before it, was torn.
    [[nodiscard]] bool ends_with_line() const
    {
        const auto length = size();
        if (!m_regular || length <= 0) return true;
        const Descriptor reader{::open(m_sink.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
        char last = '\n';
        return ::pread(reader.number(), &last, 1, length - 1) != 1 || last == '\n';
    }

    config::Sink m_sink;
    Descriptor m_file;
    bool m_regular = false;
};

} // namespace

std::unique_ptr<Transport> make_stdout(const config::Sink& sink)
{
    return make_stream(sink, STDOUT_FILENO);
}

std::unique_ptr<Transport> make_file(const config::Sink& sink)
{
    return std::make_unique<File>(sink);
}

std::unique_ptr<Transport> make_stream(const config::Sink& sink, int descriptor)
{
    return std::make_unique<Stream>(sink, descriptor);
}

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#include "app/output_file.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <streambuf>
#include <string>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace seaworthy::app {

namespace {

constexpr std::size_t k_buffer_bytes = 1U << 16U;
constexpr mode_t k_new_file_mode = 0644; // less the umask

/// A stream over a file descriptor: std::ofstream can neither sync nor say why it failed.
class Descriptor : public std::streambuf {
public:
    explicit Descriptor(int descriptor) : m_descriptor(descriptor) { setp(m_buffer.data(), m_buffer.data() + m_buffer.size()); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() override
    {
        if (m_descriptor >= 0) close(m_descriptor);
    }

    /// 0 if everything so far is written, else errno.
    [[nodiscard]] int error() const { return m_error; }
    int finish()
    {
        sync();
        // EINVAL: a pipe or terminal cannot be synced.
        if (m_error == 0 && fsync(m_descriptor) != 0 && errno != EINVAL && errno != EROFS) m_error = errno;
        if (close(m_descriptor) != 0 && m_error == 0) m_error = errno;
        m_descriptor = -1;
        return m_error;
    }

protected:
    int_type overflow(int_type next) override
    {
        if (sync() != 0) return traits_type::eof();
        if (!traits_type::eq_int_type(next, traits_type::eof())) sputc(traits_type::to_char_type(next));
        return traits_type::not_eof(next);
    }
    int sync() override
    {
        for (const char* at = pbase(); at < pptr() && m_error == 0;) {
            const auto written = ::write(m_descriptor, at, static_cast<std::size_t>(pptr() - at));
            if (written >= 0) {
                at += written;
            } else if (errno != EINTR) {
                m_error = errno;
            }
        }
        setp(m_buffer.data(), m_buffer.data() + m_buffer.size());
        return m_error == 0 ? 0 : -1;
    }

private:
    int m_descriptor;
    int m_error = 0;
    std::array<char, k_buffer_bytes> m_buffer{};
};

Failure cannot_write(const std::filesystem::path& file, int error)
{
    return failure(Error::Kind::internal, fmt::format("{} cannot be written: {}", file.string(), std::strerror(error)));
}

int write_to(int descriptor, const std::function<void(std::ostream&)>& write)
{
    Descriptor buffer{descriptor};
    std::ostream stream{&buffer};
    write(stream);
    return buffer.finish();
}

} // namespace

Result<void> write_file(const std::filesystem::path& file, const std::function<void(std::ostream&)>& write)
{
    std::error_code ignored;
    const auto status = std::filesystem::status(file, ignored);
    if (std::filesystem::is_directory(status)) return failure(Error::Kind::usage, file.string() + " is a folder");
    if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status)) {
        const int descriptor = open(file.c_str(), O_WRONLY | O_CLOEXEC);
        if (descriptor < 0) return cannot_write(file, errno);
        if (const int error = write_to(descriptor, write); error != 0) return cannot_write(file, error);
        return {};
    }
    // A symbolic link stays one: its target is replaced.
    auto target = std::filesystem::exists(status) ? std::filesystem::canonical(file, ignored) : file;
    if (target.empty()) target = file;
    auto temporary = (target.parent_path() / ("." + target.filename().string() + ".XXXXXX")).string();
    const int descriptor = mkostemp(temporary.data(), O_CLOEXEC);
    if (descriptor < 0) return cannot_write(file, errno);
    const auto mask = umask(0);
    umask(mask);
    fchmod(descriptor, k_new_file_mode & ~mask);
    int error = write_to(descriptor, write);
    if (error == 0 && rename(temporary.c_str(), target.c_str()) != 0) error = errno;
    if (error == 0) return {};
    unlink(temporary.c_str());
    return cannot_write(file, error);
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "kube/process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>

#include <fmt/format.h>

#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/base/printable.hpp"

extern char** environ; // NOLINT: POSIX has no header for it

namespace seaworthy::kube {
namespace {

using Clock = std::chrono::steady_clock;

/// A started program; killed and reaped when it goes out of scope.
class Child {
public:
    Child(pid_t id, bool own_group) : m_id(id), m_own_group(own_group) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child()
    {
        if (m_id <= 0) return;
        ::kill(m_own_group ? -m_id : m_id, SIGKILL);
        (void)wait(0);
    }

    /// The wait status once it has ended.
    bool has_ended(int& status)
    {
        if (!wait(WNOHANG)) return false;
        status = m_status;
        return true;
    }

private:
    bool wait(int flags)
    {
        pid_t ended = 0;
        while ((ended = ::waitpid(m_id, &m_status, flags)) < 0 && errno == EINTR) {}
        if (ended == 0) return false;
        m_id = -1;
        return true;
    }

    pid_t m_id;
    bool m_own_group;
    int m_status = 0;
};

std::vector<char*> pointers(std::vector<std::string>& texts)
{
    std::vector<char*> result;
    result.reserve(texts.size() + 1);
    for (std::string& text : texts)
        result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

std::vector<std::string> merged_environment(const Command& command)
{
    std::vector<std::string> result;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text{*entry};
        const std::string_view name = text.substr(0, text.find('='));
        const bool replaced =
            std::any_of(command.environment.begin(), command.environment.end(), [&](const auto& pair) { return pair.first == name; });
        if (!replaced) result.emplace_back(text);
    }
    for (const auto& [name, value] : command.environment)
        result.push_back(fmt::format("{}={}", name, value));
    return result;
}

/// 0, or the errno of what failed. `output` becomes the read end of the program's standard output.
int spawn(const Command& command, pid_t& id, Descriptor& output)
{
    int ends[2] = {};
    if (::pipe2(ends, O_CLOEXEC) != 0) return errno;
    output = Descriptor{ends[0]};
    const Descriptor write_end{ends[1]};

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    if (!command.pass_stdin) posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, write_end.number(), STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    // SIGPIPE is ignored here, which a program would inherit; a terminal belongs to our group, so a program that reads it stays in that.
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setsigmask(&attributes, &none);
    const int group = command.pass_stdin ? 0 : POSIX_SPAWN_SETPGROUP;
    posix_spawnattr_setflags(&attributes, static_cast<short>(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | group));

    std::vector<std::string> arguments{command.program};
    arguments.insert(arguments.end(), command.arguments.begin(), command.arguments.end());
    std::vector<std::string> environment = merged_environment(command);
    const int error = ::posix_spawnp(&id, command.program.c_str(), &actions, &attributes, pointers(arguments).data(), pointers(environment).data());
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

Failure ended_badly(const std::string& name, int status)
{
    if (WIFSIGNALED(status)) return failure(Error::Kind::unauthorized, name + " was ended by signal " + std::to_string(WTERMSIG(status)));
    return failure(Error::Kind::unauthorized, name + " failed with exit code " + std::to_string(WEXITSTATUS(status)));
}

} // namespace

Result<std::string> run_program(const Command& command, const std::stop_token& stop)
{
    constexpr int k_poll_milliseconds = 50;
    const std::string name = printable(command.program);
    const auto deadline = Clock::now() + command.timeout;
    pid_t id = 0;
    Descriptor output;
    if (const int error = spawn(command, id, output); error != 0) {
        const auto kind = error == ENOENT ? Error::Kind::not_found : Error::Kind::unauthorized;
        return failure(kind, "cannot run " + name + ": " + std::strerror(error));
    }
    Child child{id, !command.pass_stdin};

    std::string text;
    int status = 0;
    for (bool open = true;;) {
        if (stop.stop_requested()) return failure(Error::Kind::cancelled, name + " was stopped");
        if (Clock::now() > deadline)
            return failure(Error::Kind::unauthorized, name + " did not finish within " + std::to_string(command.timeout.count()) + " ms");
        pollfd ready{open ? output.number() : -1, POLLIN, 0};
        if (::poll(&ready, 1, open ? k_poll_milliseconds : 1) <= 0) {
            // Nothing to read: over once the program has ended, even if a child of its own still holds the pipe.
            if (child.has_ended(status)) break;
            continue;
        }
        char buffer[4096];
        const ssize_t size = ::read(output.number(), buffer, sizeof buffer);
        if (size > 0) text.append(buffer, static_cast<std::size_t>(size));
        if (text.size() > command.max_output_bytes)
            return failure(Error::Kind::unauthorized, name + " wrote more than " + std::to_string(command.max_output_bytes) + " bytes");
        open = size > 0 || (size < 0 && errno == EINTR);
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return ended_badly(name, status);
    return text;
}

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
// How fast changes become events, and events get to a receiver: event_bench [TRANSITIONS]
//
// One audit of so many new findings into a database of the default size, no two of which are told together; then a webhook in its default
// settings that takes them all over loopback, its receiver a process of its own. Ends with 1 where a target is missed.
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/events/journal.hpp"
#include "seaworthy/report/result_writer.hpp"
#include "seaworthy/sinks/sinks.hpp"
#include "support/temporary_directory.hpp"

using namespace seaworthy;

namespace {

constexpr double k_commit_limit_seconds = 3;
constexpr long k_memory_limit_kib = 64 * 1024;
constexpr double k_drain_least = 5'000; ///< events for a second of one core
constexpr double k_micro = 1e6;

template <typename T>
T must(Result<T> result)
{
    if (!result) {
        std::fprintf(stderr, "%s\n", result.error().message.c_str());
        std::exit(2);
    }
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

double seconds_since(std::chrono::steady_clock::time_point start)
{
    return std::chrono::duration<double>{std::chrono::steady_clock::now() - start}.count();
}

double cpu_seconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto of = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / k_micro; };
    return of(usage.ru_utime) + of(usage.ru_stime);
}

long peak_kib()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/// Reads requests with a Content-Length and answers 200, one connection after the other, until its end is closed.
[[noreturn]] void receive(int listener)
{
    for (;;) {
        const int connection = accept(listener, nullptr, nullptr);
        if (connection < 0) _exit(0);
        std::string data;
        std::array<char, 65536> buffer{};
        for (ssize_t got = 0; (got = read(connection, buffer.data(), buffer.size())) > 0;) {
            data.append(buffer.data(), static_cast<std::size_t>(got));
            const auto head = data.find("\r\n\r\n");
            const auto length = data.find("Content-Length: ");
            if (head == std::string::npos || length > head) continue;
            if (data.size() < head + 4 + std::strtoul(data.c_str() + length + 16, nullptr, 10)) continue;
            data.clear();
            constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
            if (write(connection, answer.data(), answer.size()) < 0) break;
        }
        close(connection);
    }
}

struct Receiver {
    pid_t process = -1;
    int port = 0;
};

Receiver start_receiver()
{
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener, plain, size) != 0 || listen(listener, 8) != 0 || getsockname(listener, plain, &size) != 0) std::exit(2);
    const auto process = fork();
    if (process == 0) receive(listener);
    close(listener);
    return {process, ntohs(address.sin_port)};
}

std::unique_ptr<report::Report> make_report(int findings)
{
    auto report = std::make_unique<report::Report>();
    report->uid = "bench";
    report->generated_at = Timestamp{1'787'303'643};
    report->cluster_name = "harbour";
    report->cluster_uid = "6f1c8a52-1f0e-4a51-9d3b-2f7a5d0c9e11";
    report::ResultWriter writer{*report};
    const auto* check = controls::find_check("netpol-ns-default-deny-ingress");
    const auto control = static_cast<std::uint16_t>(controls::index_of(*controls::control_of(*check)));
    check::Verdict verdict = check::fail("14 pods, and no NetworkPolicy isolates them for ingress");
    verdict.evidence = {{"pods", std::int64_t{14}}, {"not_isolated", std::int64_t{14}}};
    for (int i = 0; i < findings; ++i) {
        const auto name = fmt::format("payments-{}", i);
        writer.add({*check, control, check->severity}, {"v1", "Namespace", "", name, fmt::format("3b8f0e2a-54c6-4f0a-8a37-{:012}", i)}, name,
                   verdict);
    }
    return report;
}

} // namespace

int main(int argc, char** argv)
{
    const int transitions = argc > 1 ? std::atoi(argv[1]) : 50'000;
    const auto receiver = start_receiver(); // before there are threads
    const test::TemporaryDirectory directory;
    auto store = must(state::Store::open({.path = directory.path("spool.db"), .now = {}}));
    config::Sink sink;
    sink.name = "hook";
    sink.type = config::Sink::Type::webhook;
    sink.url = fmt::format("http://127.0.0.1:{}/", receiver.port);
    sink.allow_http = true;
    must(store->set_sinks({sink.name}));

    config::Events settings;
    settings.baseline = config::Events::Baseline::emit; // each alone
    double committed_seconds = 0;
    double committed_cpu = 0;
    {
        events::Journal journal{*store, settings, {}, controls::catalog()};
        const auto report = make_report(transitions);
        const auto began = std::chrono::steady_clock::now();
        const auto cpu_at_start = cpu_seconds();
        const auto recorded = must(journal.record(*report));
        committed_seconds = seconds_since(began);
        committed_cpu = cpu_seconds() - cpu_at_start;
        if (recorded.of("finding_opened") != static_cast<std::uint64_t>(transitions)) return 2;
    }
    const auto memory = peak_kib();
    const auto backlog = must(store->backlog(sink.name));
    fmt::print("{} transitions committed in {:.2f} s ({:.2f} s of CPU), {:.0f} bytes an event, peak {:.1f} MB\n", transitions, committed_seconds,
               committed_cpu, static_cast<double>(backlog.bytes) / static_cast<double>(backlog.events), static_cast<double>(memory) / 1024);

    const auto began = std::chrono::steady_clock::now();
    const auto cpu_before = cpu_seconds();
    {
        sinks::Sinks sinks{{sink}, *store, {.user_agent = "bench", .surroundings = {}, .make = {}}};
        must(sinks.start());
        if (sinks.stop(std::chrono::minutes{5}) != 0) return 2;
    }
    const double wall = seconds_since(began);
    const double cpu = cpu_seconds() - cpu_before;
    const auto events = static_cast<double>(backlog.events);
    fmt::print("{} events to a webhook in {:.2f} s: {:.0f} a second, {:.0f} for a second of one core\n", backlog.events, wall, events / wall,
               events / cpu);
    kill(receiver.process, SIGKILL);
    waitpid(receiver.process, nullptr, 0);
    return committed_seconds <= k_commit_limit_seconds && memory <= k_memory_limit_kib && events / cpu >= k_drain_least ? 0 : 1;
}

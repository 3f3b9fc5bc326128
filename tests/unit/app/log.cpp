// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <utility>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "app/log.hpp"

using namespace seaworthy;
using namespace seaworthy::app;

namespace {

/// Standard error as a pipe of which nothing is read before drain().
class HeldBack {
public:
    HeldBack()
    {
        REQUIRE(pipe(m_pipe.data()) == 0);
        REQUIRE(dup2(m_pipe[1], STDERR_FILENO) == STDERR_FILENO);
        close(m_pipe[1]);
    }
    ~HeldBack() { release(); }
    HeldBack(const HeldBack&) = delete;
    HeldBack& operator=(const HeldBack&) = delete;

    void drain()
    {
        m_reader = std::thread{[this] {
            std::array<char, 4096> buffer{};
            for (ssize_t got = 0; (got = read(m_pipe[0], buffer.data(), buffer.size())) > 0;)
                text.append(buffer.data(), static_cast<std::size_t>(got));
        }};
    }
    /// Standard error is what it was; `text` is complete.
    void release()
    {
        if (m_before < 0) return;
        dup2(m_before, STDERR_FILENO);
        close(std::exchange(m_before, -1));
        if (m_reader.joinable()) m_reader.join();
        close(m_pipe[0]);
    }

    std::string text;

private:
    std::array<int, 2> m_pipe{};
    int m_before = dup(STDERR_FILENO);
    std::thread m_reader;
};

} // namespace

TEST_CASE("siem row 33: a log that nobody reads costs the oldest lines, counts them, and keeps the last", "[app]")
{
    constexpr std::uint64_t k_lines = 20'000;
    HeldBack held;
    std::uint64_t dropped = 0;
    {
        Log log{config::Log{}};
        for (std::uint64_t i = 0; i < k_lines; ++i)
            log.info("line", {{"number", std::to_string(i)}});
        dropped = log.take_dropped();
        CHECK(log.take_dropped() == 0);
        held.drain();
    }
    held.release();

    CHECK(dropped > k_lines / 2);
    CHECK(static_cast<std::uint64_t>(std::ranges::count(held.text, '\n')) + dropped == k_lines);
    const auto last = held.text.substr(held.text.rfind('\n', held.text.size() - 2) + 1);
    CHECK(nlohmann::json::parse(last).at("number") == std::to_string(k_lines - 1));
}

TEST_CASE("nothing in a message or a value breaks its line", "[app]")
{
    const std::string hostile = "a\n{\"level\":\"error\"}\r\x1b[31m\"\\\xff";

    for (const auto format : {config::Log::Format::json, config::Log::Format::text}) {
        const auto line = log_line(format, "2026-11-22T04:00:00.000Z", "info", hostile, {{"key", hostile}});
        CHECK(line.find_first_of("\n\r\x1b") == std::string::npos);
        if (format == config::Log::Format::json) {
            const auto object = nlohmann::json::parse(line);
            CHECK(object.at("level") == "info");
            CHECK(object.size() == 4);
        }
    }
}

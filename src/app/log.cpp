// SPDX-License-Identifier: Apache-2.0
#include "app/log.hpp"

#include <atomic>
#include <chrono>
#include <mutex>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::app {

namespace {

constexpr std::size_t k_queue_lines = 1024;
constexpr std::size_t k_longest_value = 2048;

std::string_view name(Log::Level level)
{
    switch (level) {
    case Log::Level::debug: return "debug";
    case Log::Level::info: return "info";
    case Log::Level::warn: return "warn";
    case Log::Level::error: return "error";
    }
    return "error";
}

std::string utc_now()
{
    const auto time = std::chrono::system_clock::now();
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count() % 1000;
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(time)), milliseconds);
}

} // namespace

std::string log_line(config::Log::Format format, std::string_view time, std::string_view level, std::string_view message, const Log::Fields& fields)
{
    if (format == config::Log::Format::text) {
        auto line = fmt::format("{} {:<5} {}", time, level, printable(message, k_longest_value));
        for (const auto& [key, value] : fields)
            line += fmt::format(" {}={}", key, printable(value, k_longest_value));
        return line;
    }
    nlohmann::ordered_json object{{"time", time}, {"level", level}, {"message", printable(message, k_longest_value)}};
    for (const auto& [key, value] : fields)
        object[std::string{key}] = printable(value, k_longest_value);
    return object.dump();
}

struct Log::Queue {
    Queue(const config::Log& options)
        : pool(std::make_shared<spdlog::details::thread_pool>(k_queue_lines, 1)),
          logger(std::make_shared<spdlog::async_logger>("seaworthy", std::make_shared<spdlog::sinks::stderr_sink_st>(), pool,
                                                        spdlog::async_overflow_policy::overrun_oldest)),
          level(options.level), format(options.format)
    {
        logger->set_pattern("%v");
        logger->set_level(spdlog::level::trace);
    }

    std::shared_ptr<spdlog::details::thread_pool> pool; ///< its destructor writes what is queued
    std::shared_ptr<spdlog::async_logger> logger;
    std::atomic<Level> level;
    std::atomic<config::Log::Format> format;
    std::mutex mutex;
    std::function<void(std::string_view)> hook;
    std::size_t dropped_before = 0;
};

Log::Log(const config::Log& options) : m_queue(std::make_unique<Queue>(options)) {}

Log::~Log() = default;

void Log::set_options(const config::Log& options)
{
    m_queue->level = options.level;
    m_queue->format = options.format;
}

void Log::on_line(std::function<void(std::string_view)> hook)
{
    const std::lock_guard lock{m_queue->mutex};
    m_queue->hook = std::move(hook);
}

std::uint64_t Log::take_dropped()
{
    const std::lock_guard lock{m_queue->mutex};
    const auto total = m_queue->pool->overrun_counter();
    return total - std::exchange(m_queue->dropped_before, total);
}

void Log::write(Level level, std::string_view message, const Fields& fields)
{
    if (level < m_queue->level.load()) return;
    m_queue->logger->log(spdlog::level::info, log_line(m_queue->format, utc_now(), name(level), message, fields));
    const std::lock_guard lock{m_queue->mutex};
    if (m_queue->hook) m_queue->hook(name(level));
}

} // namespace seaworthy::app

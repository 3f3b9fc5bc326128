// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/config/config.hpp"

namespace seaworthy::app {

/// The daemon's log: one line a message on standard error, JSON or text, written by a thread of its own from a bounded queue. A reader of
/// standard error that hangs costs the oldest lines, never the daemon. Thread-safe.
class Log {
public:
    using Level = config::Log::Level;
    using Fields = std::vector<std::pair<std::string_view, std::string>>;

    explicit Log(const config::Log& options);
    ~Log();
    Log(const Log&) = delete;
    Log& operator=(const Log&) = delete;

    void debug(std::string_view message, const Fields& fields = {}) { write(Level::debug, message, fields); }
    void info(std::string_view message, const Fields& fields = {}) { write(Level::info, message, fields); }
    void warn(std::string_view message, const Fields& fields = {}) { write(Level::warn, message, fields); }
    void error(std::string_view message, const Fields& fields = {}) { write(Level::error, message, fields); }

    void set_options(const config::Log& options);
    /// Called for every line that is written, with its level's name.
    void on_line(std::function<void(std::string_view level)> hook);
    /// Lines that a full queue cost since the last call.
    [[nodiscard]] std::uint64_t take_dropped();

private:
    void write(Level level, std::string_view message, const Fields& fields);

    struct Queue;
    std::unique_ptr<Queue> m_queue;
};

/// One line without its end: what a log says of a message. Values are escaped for the format; no field can break the line.
[[nodiscard]] std::string log_line(config::Log::Format format, std::string_view time, std::string_view level, std::string_view message,
                                   const Log::Fields& fields);

} // namespace seaworthy::app

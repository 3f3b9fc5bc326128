// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <nlohmann/json.hpp>

#include "app/log.hpp"

using namespace seaworthy;
using namespace seaworthy::app;

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

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <array>

#include "app/redaction.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"

using namespace seaworthy;

TEST_CASE("a capture's redaction takes out what the checks recognise and leaves the rest", "[app]")
{
    const auto redaction = app::redaction_of(config::default_config(controls::catalog()));
    const std::string token = "ghp_" + std::string(36, 'a');
    const std::string password = "correct-horse-battery-9";

    CHECK(redaction.text("see " + token).find(token) == std::string::npos);
    CHECK(redaction.text("a/b:1") == "a/b:1");
    CHECK(redaction.named("DB_PASSWORD", password) != password);
    CHECK(redaction.named("MODE", "fast") == "fast");
    const std::array<std::string_view, 3> line{"run", "--password", password};
    const auto redacted = redaction.arguments(line);
    REQUIRE(redacted.size() == 3);
    CHECK(redacted[0] == "run");
    CHECK(redacted[2] != password);
}

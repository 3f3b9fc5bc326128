// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "app/schedule.hpp"

using namespace seaworthy::app;
using namespace seaworthy::config;
using namespace std::chrono_literals;

TEST_CASE("audits are spread around the interval", "[app]")
{
    const Audit audit{.interval = 300s, .jitter = 0.1};

    CHECK(Schedule{[] { return 0.0; }}.pause(audit) == 270s);
    CHECK(Schedule{[] { return 0.5; }}.pause(audit) == 300s);
    CHECK(Schedule{[] { return 1.0; }}.pause(audit) == 330s);
}

TEST_CASE("failed audits are tried again soon, then ever later, never later than the interval", "[app]")
{
    const Audit audit{.interval = 10s, .jitter = 0};
    Schedule schedule{[] { return 0.5; }};

    std::vector<std::chrono::milliseconds> pauses;
    for (int i = 0; i < 40; ++i) {
        schedule.failed();
        pauses.push_back(schedule.pause(audit));
    }
    CHECK(pauses[0] == 1s);
    CHECK(pauses[1] == 2s);
    CHECK(pauses[3] == 8s);
    CHECK(pauses[4] == 10s);
    CHECK(pauses.back() == 10s);

    schedule.succeeded();
    CHECK(schedule.pause(audit) == 10s);
}

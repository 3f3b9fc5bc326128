// SPDX-License-Identifier: Apache-2.0
// Of builds without librdkafka. In those with it this program is linked as they are: see tests/CMakeLists.txt.
#include "seaworthy/sinks/sinks.hpp"
#include "unit/sinks/scripted.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

TEST_CASE("a build without librdkafka refuses a sink for Kafka by its name, says which option it takes, and starts nothing")
{
    config::Sink sink;
    sink.name = "bus";
    sink.type = config::Sink::Type::kafka;
    sink.brokers = {"127.0.0.1:1"};
    sink.topic = "findings";
    const auto made = sinks::make_transport(sink, "seaworthy/test");
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == Error::Kind::usage);
    CHECK_THAT(made.error().message, Catch::Contains("sink bus") && Catch::Contains("this build cannot send to Kafka"));
    CHECK_THAT(made.error().hint, Catch::Contains("SEAWORTHY_WITH_KAFKA=ON"));

    const TemporaryDirectory directory;
    const auto store = must(state::Store::open({.path = directory.path("spool.db"), .max_bytes = 4U << 20U, .now = {}}));
    config::Sink file;
    file.name = "archive";
    file.type = config::Sink::Type::file;
    file.path = directory.path("events.jsonl");
    sinks::Sinks all{{file, sink}, *store, {.user_agent = "seaworthy/test"}};
    const auto started = all.start();
    REQUIRE_FALSE(started);
    CHECK(started.error().message == made.error().message);
    CHECK(all.facts().empty());
}

// SPDX-License-Identifier: Apache-2.0
#include "scripted.hpp"
#include "seaworthy/sinks/sinks.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

TEST_CASE("a build without librdkafka says so by the sink's name")
{
    config::Sink sink;
    sink.name = "bus";
    sink.type = config::Sink::Type::kafka;
    const auto made = sinks::make_transport(sink, "seaworthy/test");
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == Error::Kind::usage);
    CHECK_THAT(made.error().message, Catch::Contains("bus"));
}

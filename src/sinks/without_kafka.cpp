// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "sinks/kafka.hpp"

namespace seaworthy::sinks {

Result<std::unique_ptr<Transport>> make_kafka(const config::Sink& sink)
{
    return failure(Error::Kind::usage, fmt::format("sink {}: this build cannot send to Kafka", sink.name),
                   "Build with SEAWORTHY_WITH_KAFKA=ON (librdkafka), or send through another sink, for example a file that a collector reads.");
}

} // namespace seaworthy::sinks

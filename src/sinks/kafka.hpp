// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "seaworthy/base/error.hpp"
#include "seaworthy/config/events.hpp"
#include "seaworthy/sinks/transport.hpp"

namespace seaworthy::sinks {

/// A topic of Kafka, by librdkafka. The producer is idempotent and waits for all in-sync replicas; an event counts as delivered when its delivery
/// report says so. Its key is the finding, so one partition has all of a finding in order.
/// An Error (usage): this build has no librdkafka (CMake option SEAWORTHY_WITH_KAFKA).
[[nodiscard]] Result<std::unique_ptr<Transport>> make_kafka(const config::Sink& sink);

} // namespace seaworthy::sinks

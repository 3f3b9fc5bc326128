// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seaworthy::app {

/// Before anything else: no core dumps and no tracing by the same user (credentials are in memory), no new privileges, no death by a
/// closed pipe, and an allocator that gives memory back instead of keeping an arena a thread.
void harden_process();

/// Gives freed memory back to the system: after an audit, whose inventory is most of what the process ever holds.
void trim_memory();

} // namespace seaworthy::app

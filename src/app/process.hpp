// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace seaworthy::app {

/// Before anything else: no core dumps and no tracing by the same user (credentials are in memory), no new privileges, no death by a
/// closed pipe, and an allocator that gives memory back instead of keeping an arena a thread.
void harden_process();

/// Gives back to the system what the next phase of an audit does not need: freed memory, and pages of program and libraries that the last
/// phase ran through. Those are clean copies of files; the few that are run again come back from the page cache at about a microsecond for 64 KiB.
void trim_memory();

} // namespace seaworthy::app

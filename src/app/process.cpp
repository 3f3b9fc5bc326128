// SPDX-License-Identifier: Apache-2.0
#include "app/process.hpp"

#include <csignal>

#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>

namespace seaworthy::app {

void harden_process()
{
    // Each is a precaution: where the system refuses one, the program works as well without.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // LeakSanitizer traces its own process
#endif
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    std::signal(SIGPIPE, SIG_IGN);

    constexpr int arenas = 2;
    constexpr int large = 256 * 1024; // bytes from which a block is its own mapping, so that freeing it shrinks the process
    mallopt(M_ARENA_MAX, arenas);
    mallopt(M_MMAP_THRESHOLD, large);
    mallopt(M_TRIM_THRESHOLD, large);
}

void trim_memory()
{
    malloc_trim(0);
}

} // namespace seaworthy::app

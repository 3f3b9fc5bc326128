// SPDX-License-Identifier: Apache-2.0
#include "app/process.hpp"

#include <csignal>
#include <cstdint>
#include <span>

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace seaworthy::app {
namespace {

/// Of segments that nobody ever wrote to: others hold relocated addresses that the file does not.
void give_back_file_pages(const dl_phdr_info& object, const ElfW(Phdr) & segment)
{
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) return;
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto begin = (object.dlpi_addr + segment.p_vaddr) / page * page;
    const auto end = object.dlpi_addr + segment.p_vaddr + segment.p_memsz;
    madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED); // NOLINT: the linker tells addresses as numbers
}

} // namespace

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
    dl_iterate_phdr(
        [](dl_phdr_info* object, std::size_t, void*) {
            for (const auto& segment : std::span{object->dlpi_phdr, object->dlpi_phnum})
                give_back_file_pages(*object, segment);
            return 0;
        },
        nullptr);
}

} // namespace seaworthy::app

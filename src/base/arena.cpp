// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/arena.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <mutex>
#include <new>
#include <utility>

#include <sanitizer/asan_interface.h> // macros that are nothing in a build without AddressSanitizer
#include <sys/mman.h>

namespace seaworthy {

std::byte* ArenaSpace::s_begin = nullptr;

namespace {

constexpr std::size_t whole_blocks(std::size_t bytes)
{
    return (bytes + ArenaSpace::k_block_bytes - 1) / ArenaSpace::k_block_bytes * ArenaSpace::k_block_bytes;
}

} // namespace

/// The runs of the space that nobody has, and the part of it that was opened for use so far.
class ArenaSpace::Runs {
public:
    std::byte* take(std::size_t bytes)
    {
        const std::scoped_lock lock{m_mutex};
        if (m_begin == nullptr) reserve();
        const auto free = std::find_if(m_free.begin(), m_free.end(), [&](const auto& run) { return run.second >= bytes; });
        if (free != m_free.end()) {
            const auto [offset, size] = *free;
            m_free.erase(free);
            if (size > bytes) m_free.emplace(offset + bytes, size - bytes);
            ASAN_UNPOISON_MEMORY_REGION(m_begin + offset, bytes);
            return m_begin + offset;
        }
        if (bytes > m_size - m_opened || mprotect(m_begin + m_opened, bytes, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc{};
        return m_begin + std::exchange(m_opened, m_opened + bytes);
    }

    void give_back(std::byte* run, std::size_t bytes)
    {
        const std::scoped_lock lock{m_mutex};
        ASAN_POISON_MEMORY_REGION(run, bytes);
        madvise(run, bytes, MADV_DONTNEED); // the kernel takes the pages now and gives zeroed ones when they are next touched
        const auto added = m_free.emplace(static_cast<std::size_t>(run - m_begin), bytes).first;
        if (const auto next = std::next(added); next != m_free.end()) join(added, next);
        if (added != m_free.begin()) join(std::prev(added), added);
    }

private:
    using Free = std::map<std::size_t, std::size_t>; ///< offset and size

    void reserve()
    {
        // Less where the process may not have so much address space (ulimit -v).
        for (std::size_t size = std::size_t{16} << 30U; size >= std::size_t{256} << 20U; size /= 2) {
            void* const space = mmap(nullptr, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
            if (space == MAP_FAILED) continue;
            m_begin = s_begin = static_cast<std::byte*>(space);
            m_size = size;
            m_opened = ArenaSpace::k_block_bytes; // the first block stays closed: unit 0 means nothing
            return;
        }
        throw std::bad_alloc{};
    }
    void join(Free::iterator first, Free::iterator second)
    {
        if (first->first + first->second != second->first) return;
        first->second += second->second;
        m_free.erase(second);
    }

    std::mutex m_mutex;
    std::byte* m_begin = nullptr;
    std::size_t m_size = 0;
    std::size_t m_opened = 0;
    Free m_free;
};

ArenaSpace::Runs& ArenaSpace::runs()
{
    static auto* const all = new Runs; // never destroyed: an arena may go later than anything static
    return *all;
}

std::byte* ArenaSpace::take(std::size_t bytes)
{
    return runs().take(whole_blocks(bytes));
}

void ArenaSpace::give_back(std::byte* run, std::size_t bytes) noexcept
{
    runs().give_back(run, whole_blocks(bytes));
}

Arena::~Arena()
{
    for (const Run& run : m_runs)
        if (run.begin != nullptr) ArenaSpace::give_back(run.begin, run.bytes);
}

void Arena::swap(Arena& other) noexcept
{
    std::swap(m_runs, other.m_runs);
    std::swap(m_next, other.m_next);
    std::swap(m_left, other.m_left);
    std::swap(m_bytes, other.m_bytes);
}

void* Arena::allocate(std::size_t size, std::size_t alignment)
{
    const auto address = reinterpret_cast<std::uintptr_t>(m_next);
    const std::size_t padding = (alignment - address % alignment) % alignment;
    if (m_next == nullptr || m_left < size + padding) {
        const bool alone = size > ArenaSpace::k_block_bytes; // a run of its own; the current block stays open
        const std::size_t bytes = alone ? size : ArenaSpace::k_block_bytes;
        m_runs.push_back({nullptr, 0});
        m_runs.back() = {ArenaSpace::take(bytes), bytes};
        m_bytes += bytes;
        if (alone) return m_runs.back().begin;
        m_next = m_runs.back().begin;
        m_left = bytes;
        return allocate(size, alignment);
    }
    std::byte* result = m_next + padding;
    m_next = result + size;
    m_left -= size + padding;
    return result;
}

} // namespace seaworthy

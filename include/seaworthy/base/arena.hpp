// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seaworthy {

/// Address space that the process sets aside once, at first use, for all its arenas: what lies in it can be pointed to by four bytes.
/// Nothing of it takes memory until an arena takes a block. Thread-safe. See docs/adr/0004-four-byte-links.md.
class ArenaSpace {
public:
    static constexpr std::size_t k_unit_bytes = 4; ///< what a Link counts in: 2^32 of them are 16 GiB
    static constexpr std::size_t k_block_bytes = 64 * 1024;

    /// A run of whole blocks of at least `bytes`. Throws std::bad_alloc where the space or the machine's memory is exhausted.
    [[nodiscard]] static std::byte* take(std::size_t bytes);
    /// Gives a run back, with the size that it was asked for.
    static void give_back(std::byte* run, std::size_t bytes) noexcept;

    /// The number of the unit at an address that an arena gave; 0 for nullptr.
    [[nodiscard]] static std::uint32_t unit_of(const void* address)
    {
        return address == nullptr
                   ? 0
                   : static_cast<std::uint32_t>(static_cast<std::size_t>(static_cast<const std::byte*>(address) - s_begin) / k_unit_bytes);
    }
    [[nodiscard]] static const std::byte* address_of(std::uint32_t unit) { return s_begin + std::size_t{unit} * k_unit_bytes; }

private:
    class Runs;
    static Runs& runs();
    static std::byte* s_begin; ///< set before there is any unit but 0
};

/// A pointer of four bytes to a T in an Arena, valid as long as that; to be used like a `const T*`.
template <typename T>
class Link {
public:
    constexpr Link() = default;
    constexpr Link(std::nullptr_t) {}                                // NOLINT: as a pointer is
    Link(const T* address) : m_unit(ArenaSpace::unit_of(address)) {} // NOLINT: of an Arena, that is

    [[nodiscard]] const T* get() const { return m_unit == 0 ? nullptr : reinterpret_cast<const T*>(ArenaSpace::address_of(m_unit)); }
    operator const T*() const { return get(); } // NOLINT: as a pointer is
    const T* operator->() const { return get(); }
    const T& operator*() const { return *get(); }

    friend bool operator==(Link a, Link b) { return a.m_unit == b.m_unit; }
    friend bool operator==(Link a, const T* b) { return a.get() == b; }
    friend bool operator==(Link a, std::nullptr_t) { return a.m_unit == 0; }

private:
    std::uint32_t m_unit = 0;
};

/// A Link that stands for a default T where there is none, so that it can always be followed.
template <typename T>
class LinkOrDefault {
public:
    constexpr LinkOrDefault() = default;
    LinkOrDefault(Link<T> link) : m_link(link) {} // NOLINT

    const T* operator->() const { return &**this; }
    const T& operator*() const
    {
        static const T none{};
        return m_link == nullptr ? none : *m_link;
    }

private:
    Link<T> m_link;
};

/// A bump allocator: memory is given back all at once, when the arena goes. Not thread-safe.
class Arena {
public:
    Arena() = default;
    Arena(Arena&& other) noexcept { swap(other); }
    Arena& operator=(Arena&& other) noexcept
    {
        Arena taken{static_cast<Arena&&>(other)};
        swap(taken);
        return *this;
    }
    ~Arena();

    /// `size` bytes aligned to `alignment` (a power of two, 4 to 16), so that a Link can point there.
    [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment);
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
    struct Run {
        std::byte* begin;
        std::size_t bytes;
    };
    void swap(Arena& other) noexcept;

    std::vector<Run> m_runs;
    std::byte* m_next = nullptr;
    std::size_t m_left = 0;
    std::size_t m_bytes = 0;
};

} // namespace seaworthy

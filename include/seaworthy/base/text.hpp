// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace seaworthy {

/// An immutable string of eight bytes: a pointer into the arena of the TextPool that made it.
/// Valid as long as that pool. The empty Text needs no pool. Compared by content.
class Text {
public:
    constexpr Text() = default;

    [[nodiscard]] std::string_view view() const
    {
        if (m_data == nullptr) return {};
        std::uint32_t size = 0;
        std::memcpy(&size, m_data, sizeof size);
        return {m_data + sizeof size, size};
    }
    operator std::string_view() const { return view(); } // NOLINT: a Text is read like a string everywhere
    [[nodiscard]] std::string str() const { return std::string{view()}; }
    [[nodiscard]] bool empty() const { return m_data == nullptr; }

    friend bool operator==(Text a, Text b) { return a.m_data == b.m_data || a.view() == b.view(); }
    friend bool operator==(Text a, std::string_view b) { return a.view() == b; }
    friend std::strong_ordering operator<=>(Text a, Text b) { return a.view() <=> b.view(); }

private:
    friend class TextPool;
    explicit Text(const char* data) : m_data(data) {}
    const char* m_data = nullptr; ///< four bytes of length, then the characters
};

/// A bump allocator: memory is given back all at once, when the arena goes. Not thread-safe.
class Arena {
public:
    /// `size` bytes aligned to `alignment` (a power of two, at most 16).
    [[nodiscard]] void* allocate(std::size_t size, std::size_t alignment);
    [[nodiscard]] std::size_t bytes() const { return m_bytes; }

private:
    std::vector<std::unique_ptr<std::byte[]>> m_blocks;
    std::byte* m_next = nullptr;
    std::size_t m_left = 0;
    std::size_t m_bytes = 0;
};

/// Interns strings: equal content is stored once. Not thread-safe.
class TextPool {
public:
    TextPool() = default;
    TextPool(TextPool&&) = default;
    TextPool& operator=(TextPool&&) = default;

    /// The one Text with this content. Strings over 1 MiB are cut there.
    [[nodiscard]] Text intern(std::string_view content);
    /// A Text that is not looked up: for strings that do not repeat (object names, uids).
    [[nodiscard]] Text store(std::string_view content);
    /// Gives back the memory of the look-up table. Equal strings that come later are stored again.
    void freeze()
    {
        m_slots = {};
        m_used = 0;
    }
    [[nodiscard]] std::size_t bytes() const { return m_arena.bytes() + m_slots.size() * sizeof(Slot); }

private:
    struct Slot {
        std::uint32_t hash = 0;
        Text text;
    };
    void grow();

    Arena m_arena;
    std::vector<Slot> m_slots; ///< open addressing, size a power of two
    std::size_t m_used = 0;
};

/// A keyed hash (the key is random in each process), so hostile strings cannot be made to collide on purpose.
[[nodiscard]] std::uint64_t hash_bytes(std::string_view bytes);

} // namespace seaworthy

template <>
struct std::hash<seaworthy::Text> {
    std::size_t operator()(seaworthy::Text text) const noexcept { return std::hash<std::string_view>{}(text.view()); }
};

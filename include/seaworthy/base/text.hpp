// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/arena.hpp"

namespace seaworthy {

/// An immutable string of four bytes: a link into the arena of the TextPool that made it.
/// Valid as long as that pool. The empty Text needs no pool. Compared by content.
class Text {
public:
    constexpr Text() = default;

    [[nodiscard]] std::string_view view() const
    {
        if (m_unit == 0) return {};
        const auto* const data = reinterpret_cast<const char*>(ArenaSpace::address_of(m_unit));
        std::uint32_t size = 0;
        std::memcpy(&size, data, sizeof size);
        return {data + sizeof size, size};
    }
    operator std::string_view() const { return view(); } // NOLINT: a Text is read like a string everywhere
    [[nodiscard]] std::string str() const { return std::string{view()}; }
    [[nodiscard]] bool empty() const { return m_unit == 0; }

    friend bool operator==(Text a, Text b) { return a.m_unit == b.m_unit || a.view() == b.view(); }
    friend bool operator==(Text a, std::string_view b) { return a.view() == b; }
    friend std::strong_ordering operator<=>(Text a, Text b) { return a.view() <=> b.view(); }

private:
    friend class TextPool;
    explicit Text(const char* data) : m_unit(ArenaSpace::unit_of(data)) {}
    std::uint32_t m_unit = 0; ///< where four bytes of length lie, then the characters
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
        std::vector<Slot>{}.swap(m_slots); // assigning {} would keep the memory
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

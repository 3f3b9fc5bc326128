// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>

#include "seaworthy/base/text.hpp"

namespace seaworthy {

/// An immutable array of eight bytes: half a span, for structs that there are many of. Points to its first item in the Arena that it was
/// copied to, valid as long as that; its length stands before. The empty Array needs no arena.
template <typename T>
class Array {
    static_assert(std::is_trivially_destructible_v<T>);

public:
    constexpr Array() = default;

    [[nodiscard]] static Array copy(std::span<const T> items, Arena& arena)
    {
        Array array;
        if (items.empty()) return array;
        constexpr std::size_t header = alignof(T) > sizeof(std::uint32_t) ? alignof(T) : sizeof(std::uint32_t);
        auto* memory = static_cast<std::byte*>(arena.allocate(header + items.size_bytes(), alignof(T) > 4 ? alignof(T) : 4)) + header;
        const auto size = static_cast<std::uint32_t>(items.size());
        std::memcpy(memory - sizeof size, &size, sizeof size);
        std::uninitialized_copy(items.begin(), items.end(), reinterpret_cast<T*>(memory));
        array.m_items = reinterpret_cast<const T*>(memory);
        return array;
    }

    [[nodiscard]] std::size_t size() const
    {
        if (m_items == nullptr) return 0;
        std::uint32_t size = 0;
        std::memcpy(&size, reinterpret_cast<const std::byte*>(m_items) - sizeof size, sizeof size);
        return size;
    }
    [[nodiscard]] bool empty() const { return m_items == nullptr; }
    [[nodiscard]] const T* data() const { return m_items; }
    [[nodiscard]] const T* begin() const { return m_items; }
    [[nodiscard]] const T* end() const { return m_items + size(); }
    [[nodiscard]] const T& front() const { return *m_items; }
    [[nodiscard]] const T& back() const { return m_items[size() - 1]; }
    operator std::span<const T>() const { return {m_items, size()}; } // NOLINT: an Array is read like a span everywhere
    [[nodiscard]] const T& operator[](std::size_t index) const { return m_items[index]; }

private:
    const T* m_items = nullptr;
};

} // namespace seaworthy

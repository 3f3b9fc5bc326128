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

/// An immutable array of four bytes: a quarter of a span, for structs that there are many of. Links to its first item in the Arena that it was
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
        array.m_unit = ArenaSpace::unit_of(memory);
        return array;
    }

    [[nodiscard]] std::size_t size() const
    {
        if (m_unit == 0) return 0;
        std::uint32_t size = 0;
        std::memcpy(&size, ArenaSpace::address_of(m_unit) - sizeof size, sizeof size);
        return size;
    }
    [[nodiscard]] bool empty() const { return m_unit == 0; }
    [[nodiscard]] const T* data() const { return m_unit == 0 ? nullptr : reinterpret_cast<const T*>(ArenaSpace::address_of(m_unit)); }
    [[nodiscard]] const T* begin() const { return data(); }
    [[nodiscard]] const T* end() const { return data() + size(); }
    [[nodiscard]] const T& front() const { return *data(); }
    [[nodiscard]] const T& back() const { return data()[size() - 1]; }
    operator std::span<const T>() const { return {data(), size()}; } // NOLINT: an Array is read like a span everywhere
    [[nodiscard]] const T& operator[](std::size_t index) const { return data()[index]; }

private:
    std::uint32_t m_unit = 0;
};

} // namespace seaworthy

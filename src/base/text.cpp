// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/text.hpp"

#include <algorithm>
#include <array>

#include "base/random_key.hpp"

namespace seaworthy {
namespace {

constexpr std::size_t k_longest_text = 1 << 20;

std::uint64_t read64(const char* at)
{
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
}

std::uint64_t fold(std::uint64_t a, std::uint64_t b)
{
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

} // namespace

std::uint64_t hash_bytes(std::string_view bytes)
{
    // Multiply-and-fold over secret words (the scheme of wyhash): fast on short strings, and not predictable without the key.
    const auto& key = process_key();
    std::uint64_t hash = key[0] ^ bytes.size();
    const char* at = bytes.data();
    std::size_t left = bytes.size();
    while (left > 16) {
        hash = fold(read64(at) ^ key[1], read64(at + 8) ^ hash);
        at += 16;
        left -= 16;
    }
    std::array<char, 16> tail{};
    if (left > 0) std::memcpy(tail.data(), at, left);
    return fold(read64(tail.data()) ^ key[2], read64(tail.data() + 8) ^ hash ^ key[3]);
}

Text TextPool::store(std::string_view content)
{
    if (content.empty()) return {};
    content = content.substr(0, k_longest_text);
    const auto size = static_cast<std::uint32_t>(content.size());
    auto* memory = static_cast<char*>(m_arena.allocate(sizeof size + size, alignof(std::uint32_t)));
    std::memcpy(memory, &size, sizeof size);
    std::memcpy(memory + sizeof size, content.data(), size);
    return Text{memory};
}

Text TextPool::intern(std::string_view content)
{
    if (content.empty()) return {};
    content = content.substr(0, k_longest_text);
    if (m_used * 4 >= m_slots.size() * 3) grow();
    const auto hash = static_cast<std::uint32_t>(hash_bytes(content));
    const std::size_t mask = m_slots.size() - 1;
    for (std::size_t at = hash & mask;; at = (at + 1) & mask) {
        Slot& slot = m_slots[at];
        if (slot.text.empty()) {
            slot = {hash, store(content)};
            ++m_used;
            return slot.text;
        }
        if (slot.hash == hash && slot.text.view() == content) return slot.text;
    }
}

void TextPool::grow()
{
    std::vector<Slot> old(std::max<std::size_t>(1024, m_slots.size() * 2));
    old.swap(m_slots);
    const std::size_t mask = m_slots.size() - 1;
    for (const Slot& slot : old) {
        if (slot.text.empty()) continue;
        std::size_t at = slot.hash & mask;
        while (!m_slots[at].text.empty())
            at = (at + 1) & mask;
        m_slots[at] = slot;
    }
}

} // namespace seaworthy

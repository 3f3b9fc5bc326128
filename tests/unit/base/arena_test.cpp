// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "seaworthy/base/array.hpp"

using namespace seaworthy;

namespace {

struct Pair {
    std::int64_t first = 7;
    std::int32_t second = 8;
};

const Pair* make(Arena& arena, std::int64_t first)
{
    return new (arena.allocate(sizeof(Pair), alignof(Pair))) Pair{first, 0};
}

} // namespace

TEST_CASE("an arena keeps alignment and serves blocks larger than its own", "[arena]")
{
    Arena arena;
    for (const std::size_t size : {1U, 3U, 17U, 200000U, 5U}) {
        auto* memory = static_cast<char*>(arena.allocate(size, 16));
        CHECK(reinterpret_cast<std::uintptr_t>(memory) % 16 == 0);
        std::fill(memory, memory + size, 'x');
    }
}

TEST_CASE("a link finds what it was made of, and none is nullptr", "[arena]")
{
    Arena arena;
    std::vector<Link<Pair>> links;
    for (int i = 0; i < 50000; ++i)
        links.emplace_back(make(arena, i));
    CHECK(std::all_of(links.begin(), links.end(), [&](const Link<Pair>& link) { return link->first == &link - links.data(); }));
    CHECK(Link<Pair>{} == nullptr);
    CHECK(Link<Pair>{nullptr}.get() == nullptr);
    CHECK(Link<Pair>{links[3].get()} == links[3]);
    CHECK(sizeof(Link<Pair>) == 4);
}

TEST_CASE("a link with a default can be followed without a target", "[arena]")
{
    Arena arena;
    CHECK(LinkOrDefault<Pair> {} -> first == 7);
    CHECK(LinkOrDefault<Pair> {
        Link<Pair>
        {
            make(arena, 1)
        }
    } -> first == 1);
}

TEST_CASE("moving an arena keeps what lies in it", "[arena]")
{
    Arena arena;
    const Link<Pair> link{make(arena, 42)};
    Arena moved{std::move(arena)};
    CHECK(link->first == 42);
    const Link<Pair> next{make(arena, 43)}; // NOLINT: what was moved from is empty, and can be used
    arena = std::move(moved);
    CHECK(link->first == 42);
    CHECK(arena.bytes() == ArenaSpace::k_block_bytes);
    CHECK(moved.bytes() == 0); // NOLINT
}

TEST_CASE("blocks that arenas gave back are used again, and joined", "[arena]")
{
    constexpr std::size_t k_size = 40 * ArenaSpace::k_block_bytes;
    std::set<const void*> places;
    for (int round = 0; round < 50; ++round) {
        {
            Arena arena;
            places.insert(arena.allocate(k_size, 16));
        }
        std::vector<Arena> small(40); // cut up what was given back; joined again it is large enough
        for (auto& arena : small)
            std::fill_n(static_cast<char*>(arena.allocate(100, 4)), 100, 'x');
    }
    CHECK(places.size() <= 2); // the first may join a free run before it
}

TEST_CASE("threads fill arenas of their own at the same time", "[arena]")
{
    std::vector<std::thread> threads;
    std::vector<int> good(4, 0);
    for (std::size_t number = 0; number < good.size(); ++number)
        threads.emplace_back([&, number] {
            for (int round = 0; round < 20; ++round) {
                TextPool pool;
                std::vector<Text> texts;
                for (int i = 0; i < 3000; ++i)
                    texts.push_back(pool.store(std::to_string(number) + ":" + std::to_string(i)));
                good[number] += texts.back() == std::to_string(number) + ":2999" ? 1 : 0;
            }
        });
    for (auto& thread : threads)
        thread.join();
    CHECK(good == std::vector<int>(4, 20));
}

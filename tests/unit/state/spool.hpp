// SPDX-License-Identifier: Apache-2.0
// A store in a directory of its own, and things to put into it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "seaworthy/state/store.hpp"
#include "support/event_row.hpp"
#include "support/temporary_directory.hpp"

namespace seaworthy::test {

constexpr std::uint64_t k_mib = 1U << 20U;

/// The value; without one the test fails with what the error says.
template <typename T>
T must(Result<T> result)
{
    if (!result) FAIL(result.error().message << " / " << result.error().hint);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

/// The error; without one the test fails.
template <typename T>
Error refusal_of(const Result<T>& result)
{
    REQUIRE_FALSE(result.has_value());
    return result.error();
}

class Spool {
public:
    explicit Spool(std::uint64_t max_bytes = 4 * k_mib) : m_max_bytes(max_bytes) {}

    [[nodiscard]] std::string path() const { return m_directory.path("spool.db"); }
    [[nodiscard]] std::string log() const { return path() + "-wal"; }
    [[nodiscard]] const TemporaryDirectory& directory() const { return m_directory; }
    [[nodiscard]] state::StoreOptions options() const
    {
        return {.path = path(), .max_bytes = m_max_bytes, .now = [] { return state::Milliseconds{1'787'303'643'000}; }};
    }
    [[nodiscard]] std::unique_ptr<state::Store> open() const { return must(state::Store::open(options())); }

private:
    std::uint64_t m_max_bytes;
    TemporaryDirectory m_directory;
};

inline state::EventRow event(const std::string& uid, std::size_t body_bytes = 3000)
{
    return event_row(uid, "{\"uid\":\"" + uid + "\",\"pad\":\"" + std::string(body_bytes, 'x') + "\"}", 1'000);
}

inline state::EventRow changed(const std::string& uid, const std::string& finding, std::size_t body_bytes = 3000)
{
    auto row = event(uid, body_bytes);
    row.finding = finding;
    row.code = "finding_changed";
    return row;
}

/// Writes these in one transaction.
inline void write(state::Store& store, const std::vector<state::EventRow>& events)
{
    must(store.write([&](state::Writer& writer) -> Result<void> {
        for (const auto& row : events) {
            const auto appended = writer.append(row);
            if (!appended) return tl::make_unexpected(appended.error());
        }
        return {};
    }));
}

/// All that waits for a sink, in batches of at most `at_once`.
inline std::vector<state::EventRow> waiting(state::Store& store, std::string_view sink, std::size_t at_once = 100'000)
{
    std::vector<state::EventRow> all;
    for (std::int64_t after = 0;;) {
        auto batch = must(store.pending(sink, after, {.events = at_once, .bytes = 1U << 30U}, [](const auto&) { return true; }));
        if (batch.through == 0) return all;
        all.insert(all.end(), batch.events.begin(), batch.events.end());
        after = batch.through;
    }
}

inline std::vector<std::string> uids(const std::vector<state::EventRow>& events)
{
    std::vector<std::string> names;
    for (const auto& row : events)
        names.push_back(row.uid);
    return names;
}

} // namespace seaworthy::test

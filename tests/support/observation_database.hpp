// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <catch2/catch.hpp>

#include "app/log.hpp"
#include "app/observations.hpp"
#include "support/temporary_directory.hpp"

namespace seaworthy::test {

/// A database of its own. What is given observations() a second time is what a restarted process finds.
struct ObservationDatabase {
    TemporaryDirectory directory;
    config::Log log_options{.level = config::Log::Level::error};
    app::Log log{log_options};
    std::unique_ptr<state::Store> store = open();

    [[nodiscard]] std::unique_ptr<state::Store> open() const
    {
        auto opened = state::Store::open({.path = directory.path("state.db"), .max_bytes = 4U << 20U});
        REQUIRE(opened);
        return std::move(*opened);
    }
    [[nodiscard]] app::Observations observations() { return {store.get(), &log}; }
    void put(std::string_view kind, const std::string& key, std::int64_t at, const std::string& value) const
    {
        REQUIRE(store->observe(kind, {{key, at * 1000, value}}, 0));
    }
};

} // namespace seaworthy::test

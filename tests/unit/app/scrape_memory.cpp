// SPDX-License-Identifier: Apache-2.0
#include "app/scrape_memory.hpp"

#include <catch2/catch.hpp>

using namespace seaworthy;

namespace {

model::Inventory scraped(std::int64_t at, int status, std::string body)
{
    model::Inventory inventory;
    model::ProbeAnswer answer;
    answer.at = Timestamp{at};
    answer.status = status;
    answer.body = std::move(body);
    inventory.probes["apiserver:/metrics"].push_back(std::move(answer));
    return inventory;
}

constexpr std::int64_t k_hour = 3600;

} // namespace

TEST_CASE("an audit sees the scrapes of earlier ones before its own, with the compared series alone", "[scrape_memory]")
{
    app::ScrapeMemory memory;
    auto first =
        scraped(k_hour, 200, "apiserver_request_total 9\napiserver_admission_webhook_fail_open_count{name=\"a\"} 1\nprocess_start_time_seconds 5\n");
    memory.complete(first);
    CHECK(first.probes["apiserver:/metrics"].size() == 1);
    auto second = scraped(2 * k_hour, 200, "apiserver_request_total 10\n");
    memory.complete(second);
    const auto& answers = second.probes["apiserver:/metrics"];
    REQUIRE(answers.size() == 2);
    CHECK(answers[0].body == "apiserver_admission_webhook_fail_open_count{name=\"a\"} 1\nprocess_start_time_seconds 5\n");
    CHECK(answers[1].body == "apiserver_request_total 10\n");
}

TEST_CASE("one scrape an hour is remembered, and none that failed", "[scrape_memory]")
{
    app::ScrapeMemory memory;
    for (const std::int64_t minute : {0, 1, 59, 60}) {
        auto inventory = scraped(60 * minute, 200, "");
        memory.complete(inventory);
    }
    auto failed = scraped(3 * k_hour, 403, "");
    memory.complete(failed);
    CHECK(failed.probes["apiserver:/metrics"].size() == 3); // of minutes 0 and 60, and its own
    auto last = scraped(4 * k_hour, 200, "");
    memory.complete(last);
    CHECK(last.probes["apiserver:/metrics"].size() == 3);
}

TEST_CASE("what is remembered has an end", "[scrape_memory]")
{
    app::ScrapeMemory memory;
    for (std::int64_t hour = 1; hour < 300; ++hour) {
        auto inventory = scraped(hour * k_hour, 200, std::string(200'000, 'x'));
        memory.complete(inventory);
        CHECK(inventory.probes["apiserver:/metrics"].size() <= 193);
    }
}

TEST_CASE("an audit that does not read the metrics is left as it is", "[scrape_memory]")
{
    app::ScrapeMemory memory;
    model::Inventory inventory;
    memory.complete(inventory);
    CHECK(inventory.probes.empty());
}

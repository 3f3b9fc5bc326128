// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "kube/decode/api_answers.hpp"
#include "kube/read_mode.hpp"
#include "kube/retry.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("pauses double from 0.8 s to 30 s, and chance shortens them", "[retry]")
{
    CHECK(backoff(1, 1.0) == milliseconds{800});
    CHECK(backoff(2, 1.0) == milliseconds{1600});
    CHECK(backoff(6, 1.0) == milliseconds{25'600});
    CHECK(backoff(7, 1.0) == milliseconds{30'000});
    CHECK(backoff(1'000'000'000, 1.0) == milliseconds{30'000});
    CHECK(backoff(2, 0.25) == milliseconds{400});
    CHECK(backoff(9, 0.0) == milliseconds{0});
}

TEST_CASE("Retry-After is honoured and stretched by up to half", "[retry]")
{
    CHECK(stretch(seconds{4}, 0.0) == seconds{4});
    CHECK(stretch(seconds{4}, 1.0) == seconds{6});
    CHECK(parse_retry_after("7") == seconds{7});
    CHECK(parse_retry_after("0") == seconds{0});
    CHECK(parse_retry_after("86400") == seconds{120});
    for (const char* text : {"", "-1", "soon", "1.5", "7 ", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999"})
        CHECK_FALSE(parse_retry_after(text));
}

TEST_CASE("what may pass is tried again, what will not is not", "[retry]")
{
    for (const int status : {408, 429, 500, 502, 503, 504})
        CHECK(is_transient(status));
    for (const int status : {200, 301, 400, 401, 403, 404, 410, 422, 501})
        CHECK_FALSE(is_transient(status));
    for (const auto cause : {net::Cause::dns, net::Cause::refused, net::Cause::reset, net::Cause::timeout, net::Cause::truncated})
        CHECK(is_transient(cause));
    for (const auto cause : {net::Cause::tls_untrusted, net::Cause::tls_expired, net::Cause::tls_name, net::Cause::plain_http, net::Cause::invalid,
                             net::Cause::too_large}) {
        CHECK_FALSE(is_transient(cause));
    }
}

TEST_CASE("pages run ahead only where the server reads them from its cache", "[read-mode]")
{
    CHECK_FALSE(choose_paging(33, "pods", true, {}).prefetch);
    CHECK_FALSE(choose_paging(std::nullopt, "pods", true, {}).prefetch);
    CHECK(choose_paging(34, "pods", true, {}).prefetch);
    CHECK_FALSE(choose_paging(36, "widgets.example.com", false, {}).prefetch);
    CHECK(choose_paging(31, "pods", true, {}).limit == 500);
    CHECK(choose_paging(36, "widgets.example.com", false, {}).limit == 250);
    CHECK(choose_paging(36, "vulnerabilityreports.aquasecurity.github.io", false, {}).limit == 100);
    CHECK(choose_paging(36, "pods", true, 7).limit == 7);
    CHECK(choose_paging(36, "pods", true, 900).limit == 900);
    CHECK(choose_paging(36, "widgets.example.com", false, 900).limit == 250);
    CHECK(choose_paging(36, "widgets.example.com", false, 0).limit == 0);
}

TEST_CASE("pages are sized for eight megabytes, within bounds, once an average is known", "[read-mode]")
{
    const Paging adaptive = choose_paging(36, "pods", true, {});
    CHECK(next_page_size(adaptive, 0, 0) == 500);
    CHECK(next_page_size(adaptive, 99, 990'000) == 500);
    CHECK(next_page_size(adaptive, 500, 500ULL * 14'000) == 599);
    CHECK(next_page_size(adaptive, 500, 500ULL * 100) == 2000);
    CHECK(next_page_size(adaptive, 500, 500ULL * 1'000'000) == 250);
    CHECK(next_page_size(choose_paging(36, "pods", true, 300), 500, 500ULL * 100) == 300);
    CHECK(next_page_size(choose_paging(33, "pods", true, {}), 500, 500ULL * 100) == 500);
}

TEST_CASE("a server's minor version is read from /version, the emulated one first", "[discovery]")
{
    CHECK(parse_version(R"({"major":"1","minor":"27+","gitVersion":"v1.27.3-eks-a5565ad"})")->minor == 27U);
    CHECK(parse_version(R"({"major":"1","minor":"36","emulationMajor":"1","emulationMinor":"35","gitVersion":"v1.36.3"})")->minor == 35U);
    CHECK_FALSE(parse_version(R"({"major":"2","minor":"0","gitVersion":"v2.0.0"})")->minor);
    CHECK_FALSE(parse_version(R"({"gitVersion":"v0.0.0-master"})")->minor);
    CHECK_FALSE(parse_version("{}"));
    CHECK_FALSE(parse_version("x"));
}

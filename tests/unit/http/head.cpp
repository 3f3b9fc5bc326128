// SPDX-License-Identifier: Apache-2.0
#include "http/head.hpp"

#include <catch2/catch.hpp>

namespace seaworthy::http {

namespace {

int status_of(const std::string& head, const Limits& limits = {})
{
    const auto parsed = parse_head(head, limits);
    return parsed ? 200 : parsed.error().status;
}

std::string with_header(const std::string& line)
{
    return "GET / HTTP/1.1\r\nHost: a\r\n" + line + "\r\n\r\n";
}

} // namespace

TEST_CASE("a head gives path, query and headers decoded once", "[http]")
{
    const auto head = parse_head("GET /a%20b/c%2525?x=1&y=a%3Db+c&x=2&k=v=w?z HTTP/1.1\r\nHost: a\r\nX-Raw: 50%25 \r\n\r\n", {});

    REQUIRE(head.has_value());
    const auto& request = head->request;
    CHECK(request.path == "/a b/c%25");
    CHECK(request.parameter("x") == "1");
    CHECK(request.parameter("y") == "a=b c");
    CHECK(request.parameter("k") == "v=w?z");
    CHECK(request.query.size() == 4);
    CHECK(request.header("x-raw") == "50%25");
    CHECK(head->keep_alive);
}

TEST_CASE("the absolute form of a target names the same path", "[http]")
{
    CHECK(parse_head("GET http://other:1/x?y=1 HTTP/1.1\r\nHost: a\r\n\r\n", {})->request.path == "/x");
    CHECK(parse_head("GET http://other HTTP/1.1\r\nHost: a\r\n\r\n", {})->request.path == "/");
}

TEST_CASE("a head that two parsers could read differently is refused", "[http]")
{
    CHECK(status_of(with_header("X: ok")) == 200);
    CHECK(status_of(with_header("Transfer-Encoding: chunked")) == 411);
    CHECK(status_of(with_header("transfer-encoding: identity")) == 411);
    CHECK(status_of(with_header("Content-Encoding: gzip")) == 415);
    CHECK(status_of(with_header("Content-Length: 0\r\nContent-Length: 0")) == 400);
    CHECK(status_of(with_header("Content-Length: +1")) == 400);
    CHECK(status_of(with_header("Content-Length: 0x1")) == 400);
    CHECK(status_of(with_header("X : space before the colon")) == 400);
    CHECK(status_of(with_header("X: a\r\n folded")) == 400);
    CHECK(status_of(with_header("no colon")) == 400);
    CHECK(status_of(with_header("Host: b")) == 400);
    CHECK(status_of(with_header("Authorization: Bearer a\r\nAuthorization: Bearer b")) == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nX: no host\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.1\r\nConnection: close\r\n\r\n") == 400);
    CHECK(status_of("GET / HTTP/1.0\r\n\r\n") == 200);
}

TEST_CASE("a request line is refused for what it says wrong", "[http]")
{
    CHECK(status_of("GET / HTTP/2.0\r\nHost: a\r\n\r\n") == 505);
    CHECK(status_of("GET  / HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET /\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("BREW / HTTP/1.1\r\nHost: a\r\n\r\n") == 501);
    CHECK(status_of("GET x HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET /%0d%0a HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n") == 400);
    CHECK(status_of("GET /" + std::string(9000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n") == 414);
}

TEST_CASE("a body is refused unless the limits allow one of its size", "[http]")
{
    CHECK(status_of(with_header("Content-Length: 0")) == 200);
    CHECK(status_of(with_header("Content-Length: 1")) == 413);
    CHECK(status_of(with_header("Content-Length: 10"), {.body_bytes = 10}) == 200);
    CHECK(status_of(with_header("Content-Length: 11"), {.body_bytes = 10}) == 413);
    CHECK(status_of(with_header("Content-Length: 99999999999999999999999999"), {.body_bytes = 10}) == 413);
}

TEST_CASE("a head is found whole however it is cut", "[http]")
{
    const std::string head = with_header("X: y");
    HeadScanner scanner;
    std::string input;

    for (std::size_t i = 0; i + 1 < head.size(); ++i) {
        input.push_back(head[i]);
        REQUIRE_FALSE(scanner.scan(input, {}).has_value());
    }
    input += head.back();
    input += "GET /next";

    CHECK(scanner.scan(input, {}) == head.size());
    CHECK_FALSE(scanner.refusal().has_value());
}

TEST_CASE("a hopeless head is refused before it is whole", "[http]")
{
    const auto refusal_of = [](const std::string& input) {
        HeadScanner scanner;
        CHECK_FALSE(scanner.scan(input, {}).has_value());
        return scanner.refusal() ? scanner.refusal()->status : 0;
    };

    CHECK(refusal_of("GET / HTTP/1.1\nHost: a\n") == 400);
    CHECK(refusal_of("GET / HTTP/1.1\rX") == 400);
    CHECK(refusal_of(std::string{"GET /\0", 6}) == 400);
    CHECK(refusal_of("\x16\x03\x01") == 400); // TLS on a plain listener
    CHECK(refusal_of(std::string(20000, 'a')) == 431);
    std::string many_lines = "GET / HTTP/1.1\r\n";
    for (int i = 0; i < 101; ++i)
        many_lines += "a:b\r\n";
    CHECK(refusal_of(many_lines) == 431);
}

TEST_CASE("gzip is sent only to who takes it", "[http]")
{
    const auto accepts = [](const std::string& value) { return Request{.headers = {{"Accept-Encoding", value}}}.accepts_gzip(); };

    CHECK(accepts("gzip"));
    CHECK(accepts("br, GZIP;q=0.5"));
    CHECK_FALSE(accepts("gzip;q=0"));
    CHECK_FALSE(accepts("gzip; q=0.000, br"));
    CHECK_FALSE(accepts("xgzip"));
    CHECK_FALSE(accepts(""));
}

} // namespace seaworthy::http

// SPDX-License-Identifier: Apache-2.0
// HTTP receivers on loopback.
#pragma once

#include <memory>
#include <string>

#include <zlib.h>

#include "scripted.hpp"
#include "sinks/dialect.hpp"
#include "sinks/http_transport.hpp"
#include "support/fake_server.hpp"

namespace seaworthy::test {

constexpr state::Milliseconds k_now = 1'787'303'700'000;

inline std::unique_ptr<sinks::Transport> http(const config::Sink& sink, const sinks::Dialect& dialect = sinks::k_webhook)
{
    return sinks::make_http(sink, dialect, "seaworthy/test", [] { return k_now; });
}

inline std::string gunzip(const std::string& packed)
{
    z_stream stream{};
    REQUIRE(inflateInit2(&stream, 15 + 16) == Z_OK);
    std::string plain(1U << 20U, '\0');
    std::string copy = packed;
    stream.next_in = reinterpret_cast<Bytef*>(copy.data()); // NOLINT
    stream.avail_in = static_cast<uInt>(copy.size());
    stream.next_out = reinterpret_cast<Bytef*>(plain.data()); // NOLINT
    stream.avail_out = static_cast<uInt>(plain.size());
    CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
    plain.resize(stream.total_out);
    inflateEnd(&stream);
    return plain;
}

/// The body as it was before compression.
inline std::string body_of(const FakeServer::Request& request)
{
    const auto encoding = request.headers.find("content-encoding");
    return encoding == request.headers.end() ? request.body : gunzip(request.body);
}

} // namespace seaworthy::test

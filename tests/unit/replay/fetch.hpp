// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "unit/http/client.hpp"

namespace seaworthy::replay {

struct Fetched {
    int status = 0;
    std::string head;
    std::string body;      ///< without the chunks' frames
    bool complete = false; ///< it ended as its framing says
    [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

/// Undoes chunking; false when the end mark is missing.
inline bool unchunk(std::string_view framed, std::string& body)
{
    for (;;) {
        const auto line = framed.find("\r\n");
        if (line == std::string_view::npos) return false;
        const auto size = std::stoul(std::string{framed.substr(0, line)}, nullptr, 16);
        if (size == 0) return true;
        framed.remove_prefix(line + 2);
        body += framed.substr(0, size);
        if (framed.size() < size + 2) return false;
        framed.remove_prefix(size + 2);
    }
}

inline Fetched exchange_one(std::uint16_t port, const std::string& request)
{
    http::RawClient client{port};
    client.send(request);
    const auto reply = client.receive_all();
    Fetched fetched;
    const auto end = reply.find("\r\n\r\n");
    if (end == std::string::npos) return fetched;
    fetched.head = reply.substr(0, end + 2);
    fetched.status = std::stoi(fetched.head.substr(9, 3));
    const auto body = std::string_view{reply}.substr(end + 4);
    if (fetched.head.find("Transfer-Encoding: chunked") != std::string::npos) {
        fetched.complete = unchunk(body, fetched.body);
    } else {
        fetched.body = body;
        fetched.complete = true;
    }
    return fetched;
}

/// GET on a connection of its own. `headers` are whole lines.
inline Fetched fetch(std::uint16_t port, std::string_view target, std::string_view headers = {})
{
    return exchange_one(port, http::get(target, "Connection: close\r\n" + std::string{headers}));
}

} // namespace seaworthy::replay

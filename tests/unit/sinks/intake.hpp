// SPDX-License-Identifier: Apache-2.0
// What a receiver on loopback has been told, and real transports towards it on a clock that the test moves.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "http_bench.hpp"

namespace seaworthy::test {

/// The uids in a body, in their order.
inline std::vector<std::string> uids_in(const std::string& body)
{
    constexpr std::string_view k_before = R"("uid":")";
    std::vector<std::string> uids;
    for (auto at = body.find(k_before); at != std::string::npos; at = body.find(k_before, at + 1)) {
        const auto begin = at + k_before.size();
        uids.push_back(body.substr(begin, body.find('"', begin) - begin));
    }
    return uids;
}

/// Any thread.
class Intake {
public:
    void take(const std::vector<std::string>& uids)
    {
        const std::lock_guard lock{m_mutex};
        m_taken.insert(m_taken.end(), uids.begin(), uids.end());
        m_changed.notify_all();
    }
    [[nodiscard]] bool reaches(std::size_t count)
    {
        std::unique_lock lock{m_mutex};
        return m_changed.wait_for(lock, 20s, [&] { return m_taken.size() >= count; });
    }
    [[nodiscard]] std::vector<std::string> taken() const
    {
        const std::lock_guard lock{m_mutex};
        return m_taken;
    }
    /// Without what came again.
    [[nodiscard]] std::vector<std::string> first_taken() const
    {
        std::vector<std::string> first;
        std::map<std::string, int> times;
        for (auto& uid : taken())
            if (++times[uid] == 1) first.push_back(uid);
        return first;
    }

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<std::string> m_taken;
};

inline std::vector<std::string> without(std::vector<std::string> uids, const std::string& uid)
{
    std::erase(uids, uid);
    return uids;
}

inline Bench::Make real(const sinks::Dialect& dialect)
{
    return [&dialect](const config::Sink& sink) { return http(sink, dialect); };
}

inline void at(config::Sink& sink, const FakeServer& server, config::Sink::Type type = config::Sink::Type::webhook)
{
    sink.type = type;
    sink.url = server.url();
    sink.allow_http = true;
}

} // namespace seaworthy::test

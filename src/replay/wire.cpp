// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <chrono>
#include <memory>

#include "replay/answer.hpp"
#include "replay/gzip.hpp"

namespace seaworthy::replay {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t k_gzip_threshold = 128 * 1024;
constexpr std::size_t k_piece = 128 * 1024;

/// apiserver pkg/endpoints/handlers/negotiation isPrettyPrint: by parameter, else by who asks.
bool wants_indentation(const http::Request& request)
{
    if (request.has_parameter("pretty")) {
        const auto value = request.parameter("pretty");
        return value != "false" && value != "0";
    }
    const auto agent = request.header("User-Agent");
    return agent.starts_with("curl") || agent.starts_with("Wget") || agent.starts_with("Mozilla/5.0");
}

void indent(Answer& answer)
{
    if (answer.produce) {
        // Here too the whole list is in memory at once, as in the original.
        answer.body.clear();
        (void)answer.produce([&](std::string_view piece) {
            answer.body += piece;
            return true;
        });
        answer.produce = nullptr;
    }
    auto document = Json::parse(answer.body, nullptr, false);
    if (!document.is_discarded()) answer.body = document.dump(2);
}

/// The last stage before the socket: keeps the rate and does what a fault says.
class Outlet {
public:
    Outlet(http::BodyWriter& writer, const Fault& fault, double megabytes_per_second)
        : m_writer(writer), m_fault(fault), m_bytes_per_second(megabytes_per_second * 1e6), m_begin(Clock::now())
    {}

    /// False when the client is gone or the fault ends the body here.
    bool write(std::string_view bytes)
    {
        while (!bytes.empty()) {
            auto piece = bytes.substr(0, m_fault.drip.count() > 0 ? std::max<std::size_t>(m_fault.drip_bytes, 1) : k_piece);
            if (m_fault.cut_after) piece = piece.substr(0, *m_fault.cut_after - std::min(m_sent, *m_fault.cut_after));
            if (piece.empty()) {
                m_cut = true;
                return false;
            }
            if (!m_writer.write(piece) || !keep_pace(piece.size())) return false;
            bytes.remove_prefix(piece.size());
        }
        return true;
    }

    /// Whether the body may get its end mark.
    bool end(bool whole)
    {
        // A cut that lies behind the last byte still takes the end mark away.
        if (m_fault.cut_after && (m_cut || m_sent <= *m_fault.cut_after)) whole = false;
        if (m_fault.reset) m_writer.reset_connection();
        return whole && !m_fault.reset;
    }

private:
    bool keep_pace(std::size_t bytes)
    {
        m_sent += bytes;
        if (m_fault.drip.count() > 0) return m_writer.sleep(m_fault.drip);
        if (m_bytes_per_second <= 0) return true;
        const auto due =
            m_begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(static_cast<double>(m_sent) / m_bytes_per_second));
        const auto early = std::chrono::floor<std::chrono::milliseconds>(due - Clock::now());
        return early.count() <= 0 || m_writer.sleep(early);
    }

    http::BodyWriter& m_writer;
    const Fault& m_fault;
    double m_bytes_per_second;
    Clock::time_point m_begin;
    std::size_t m_sent = 0;
    bool m_cut = false;
};

bool emit_body(const Answer& answer, const Emit& emit)
{
    return answer.produce ? answer.produce(emit) : emit(answer.body);
}

bool emit_compressed(const Answer& answer, const Emit& emit)
{
    Gzip gzip{emit};
    return emit_body(answer, [&](std::string_view piece) { return gzip.write(piece); }) && gzip.finish();
}

} // namespace

http::Reply on_the_wire(const http::Request& request, Answer answer, const std::optional<Fault>& fault, double megabytes_per_second)
{
    const bool is_json = answer.content_type.starts_with("application/json");
    if (is_json && wants_indentation(request)) indent(answer);
    if (fault && fault->status == 0 && !fault->body.empty()) {
        answer.body = fault->body;
        answer.produce = nullptr;
    }
    if (fault && fault->retry_after_seconds > 0) answer.headers.push_back({"Retry-After", std::to_string(fault->retry_after_seconds)});

    const bool gzip = request.accepts_gzip() && std::max(answer.body.size(), answer.at_least_bytes) > k_gzip_threshold;
    http::Reply reply{.status = answer.status, .content_type = answer.content_type, .headers = std::move(answer.headers)};
    reply.headers.push_back({"Cache-Control", "no-cache, private"});
    if (request.accepts_gzip()) reply.headers.push_back({"Vary", "Accept-Encoding"});
    if (gzip) reply.headers.push_back({"Content-Encoding", "gzip"});

    const bool is_plain = !answer.produce && !fault && !gzip && megabytes_per_second <= 0;
    if (is_plain) {
        reply.body = std::make_shared<const std::string>(std::move(answer.body));
        return reply;
    }
    auto shared = std::make_shared<const Answer>(std::move(answer));
    reply.stream = [shared, fault = fault.value_or(Fault{}), gzip, megabytes_per_second](http::BodyWriter& writer) {
        if (fault.delay.count() > 0 && !writer.sleep(fault.delay)) return false;
        Outlet outlet{writer, fault, megabytes_per_second};
        const Emit emit = [&](std::string_view piece) { return outlet.write(piece); };
        return outlet.end(gzip ? emit_compressed(*shared, emit) : emit_body(*shared, emit));
    };
    return reply;
}

} // namespace seaworthy::replay

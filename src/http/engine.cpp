// SPDX-License-Identifier: Apache-2.0
#include "http/engine.hpp"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <httplib.h>
#include <poll.h>

#include "http/field.hpp"

namespace seaworthy::http {

namespace {

/// Milliseconds for poll(2), rounded up so that a deadline has passed when poll returns 0.
int remaining(Clock::time_point deadline)
{
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<decltype(left)>(left, 0, 3'600'000));
}

/// Waits for the socket; false when the server stops or the deadline passes first.
bool wait_for(const Transport& transport, int stop_descriptor, Clock::time_point deadline)
{
    for (;;) {
        pollfd watched[] = {{transport.descriptor(), transport.wanted_events(), 0}, {stop_descriptor, POLLIN, 0}};
        const int ready = ::poll(watched, 2, remaining(deadline));
        if (ready < 0 && errno == EINTR) continue;
        return ready > 0 && watched[1].revents == 0;
    }
}

/// The stream that cpp-httplib reads the request from and writes the reply to.
class ReplyStream : public httplib::Stream {
public:
    ReplyStream(Connection& connection, std::string request, int stop_descriptor, Clock::time_point deadline)
        : m_connection(connection), m_request(std::move(request)), m_stop_descriptor(stop_descriptor), m_deadline(deadline)
    {}

    /// From here on a write that points into `body` is kept as a reference.
    void share(std::shared_ptr<const std::string> body) { m_connection.outgoing.body = std::move(body); }
    /// From here on writes block until the client took them.
    void begin_streaming() { m_streaming = true; }
    void drop_body() { m_connection.outgoing.body.reset(); }

    bool is_readable() const override { return true; }
    bool is_writable() const override { return true; }
    ssize_t read(char* buffer, size_t size) override
    {
        const auto count = m_request.copy(buffer, size, m_read);
        m_read += count;
        return static_cast<ssize_t>(count);
    }
    ssize_t write(const char* data, size_t size) override
    {
        auto& outgoing = m_connection.outgoing;
        const bool is_shared = outgoing.body && data == outgoing.body->data() && size == outgoing.body->size();
        if (!is_shared && !m_streaming) outgoing.head.append(data, size);
        if (m_streaming && !send_now({data, size})) return -1;
        return static_cast<ssize_t>(size);
    }
    void get_remote_ip_and_port(std::string& ip, int& /*port*/) const override { ip = m_connection.peer; }
    void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
    /// cpp-httplib compares it with FD_SETSIZE, which limits select(2) but not us.
    socket_t socket() const override { return INVALID_SOCKET; }

private:
    bool send_now(std::string_view data)
    {
        auto& outgoing = m_connection.outgoing;
        while (!outgoing.is_sent() || !data.empty()) {
            const auto head = outgoing.rest_of_head();
            const auto sent = m_connection.transport.send(head, data);
            if (sent.status == Io::closed) return false;
            if (sent.status == Io::again && !wait_for(m_connection.transport, m_stop_descriptor, m_deadline)) return false;
            const auto of_head = std::min(sent.bytes, head.size());
            outgoing.sent += of_head;
            data.remove_prefix(sent.bytes - of_head);
            // A socket that takes all at once must not carry a stream past its deadline.
            if (Clock::now() >= m_deadline) return false;
        }
        return true;
    }

    Connection& m_connection;
    std::string m_request;
    std::size_t m_read = 0;
    int m_stop_descriptor;
    Clock::time_point m_deadline;
    bool m_streaming = false;
};

class SinkWriter : public BodyWriter {
public:
    SinkWriter(httplib::DataSink& sink, Transport& transport, int stop_descriptor)
        : m_sink(sink), m_transport(transport), m_stop_descriptor(stop_descriptor)
    {}

    bool write(std::string_view bytes) override { return bytes.empty() || m_sink.write(bytes.data(), bytes.size()); }
    bool sleep(std::chrono::milliseconds duration) override
    {
        const auto until = Clock::now() + duration;
        for (;;) {
            pollfd stopped{m_stop_descriptor, POLLIN, 0};
            const int ready = ::poll(&stopped, 1, remaining(until));
            if (ready < 0 && errno == EINTR) continue;
            return ready == 0;
        }
    }
    void reset_connection() override { m_transport.reset_on_close(); }

private:
    httplib::DataSink& m_sink;
    Transport& m_transport;
    int m_stop_descriptor;
};

std::string http_date()
{
    const std::time_t now = std::time(nullptr);
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc)};
}

} // namespace

class Engine::Library : public httplib::Server {
public:
    Library(const http::Handler& handler, const http::Options& options, int stop_descriptor)
        : m_handler(handler), m_options(options), m_stop_descriptor(stop_descriptor)
    {
        // It never listens itself; a valid descriptor here tells it that it is not shutting down.
        svr_sock_ = stop_descriptor;
        set_keep_alive_max_count(options.limits.requests_per_connection);
        set_keep_alive_timeout(std::chrono::ceil<std::chrono::seconds>(options.limits.idle_deadline).count());
        set_pre_routing_handler([this](const httplib::Request&, httplib::Response& response) {
            fill(response);
            return HandlerResponse::Handled;
        });
        set_post_routing_handler([this](const httplib::Request& request, httplib::Response& response) { finish(request, response); });
        set_exception_handler([](const httplib::Request&, httplib::Response& response, std::exception_ptr) { response.status = 500; });
    }

    void answer(Connection& connection)
    {
        m_connection = &connection;
        m_close = !connection.keep_alive || connection.requests >= m_options.limits.requests_per_connection;
        const auto& request = connection.head.request;
        ReplyStream stream{connection, request.method + ' ' + connection.head.raw_path + " HTTP/1.1\r\n\r\n", m_stop_descriptor,
                           Clock::now() + m_options.limits.reply_deadline};
        m_stream = &stream;
        bool closed = false;
        const bool answered = process_request(stream, m_close, closed, nullptr);
        if (!answered || m_close || closed) connection.keep_alive = false;
        if (request.method == "HEAD") stream.drop_body();
    }

private:
    Reply handle(const Request& request) const
    {
        try {
            return m_handler(request);
        } catch (...) { // a handler's bug costs its own reply and tells the client nothing
            return Reply::of(500, "text/plain; charset=utf-8", "internal error\n");
        }
    }

    void fill(httplib::Response& response)
    {
        Reply reply = handle(m_connection->head.request);
        m_close = m_close || reply.close;
        response.status = reply.status;
        for (auto& field : reply.headers) {
            if (is_one_line(field)) response.headers.emplace(std::move(field.name), std::move(field.value));
        }
        for (const auto& field : m_options.default_headers) {
            if (response.headers.count(field.name) == 0) response.headers.insert({field.name, field.value});
        }
        if (reply.stream) {
            set_stream(response, reply.content_type, std::move(reply.stream));
        } else if (reply.body && !reply.body->empty() && reply.status != 204 && reply.status != 304) {
            m_stream->share(reply.body);
            response.set_content_provider(reply.body->size(), reply.content_type, [body = reply.body](size_t, size_t, httplib::DataSink& sink) {
                return sink.write(body->data(), body->size());
            });
        }
    }

    void set_stream(httplib::Response& response, const std::string& content_type, StreamBody stream)
    {
        response.set_chunked_content_provider(content_type, [this, stream = std::move(stream)](size_t, httplib::DataSink& sink) {
            m_stream->begin_streaming();
            SinkWriter writer{sink, m_connection->transport, m_stop_descriptor};
            if (!stream(writer)) return false;
            sink.done();
            return true;
        });
    }

    /// Takes back what the library says about things that are ours.
    void finish(const httplib::Request& request, httplib::Response& response) const
    {
        response.headers.erase("Accept-Ranges");
        response.headers.erase("Keep-Alive");
        response.headers.erase("Connection");
        if (m_close) response.headers.emplace("Connection", "close");
        if (response.status == 304 || response.status == 204) response.headers.erase("Content-Length");
        if (request.method == "HEAD" && response.is_chunked_content_provider_) response.headers.erase("Transfer-Encoding");
        response.headers.emplace("Date", http_date());
    }

    const http::Handler& m_handler; // httplib::Server has a Handler and Options of its own
    const http::Options& m_options;
    int m_stop_descriptor;
    Connection* m_connection = nullptr; ///< during answer()
    ReplyStream* m_stream = nullptr;    ///< during answer()
    bool m_close = false;
};

Engine::Engine(const Handler& handler, const Options& options, int stop_descriptor)
    : m_library(std::make_unique<Library>(handler, options, stop_descriptor))
{}

Engine::~Engine() = default;

void Engine::answer(Connection& connection)
{
    m_library->answer(connection);
}

} // namespace seaworthy::http

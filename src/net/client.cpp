// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/net/client.hpp"

#include <algorithm>
#include <csignal>
#include <map>
#include <utility>

#include <curl/curl.h>

#include "net/transfer.hpp"

namespace seaworthy::net {
namespace {

constexpr std::size_t k_max_spare_handles = 8;

void start_libcurl()
{
    static const CURLcode code = [] { // once, thread-safe by C++'s static initialisation
        // With CURLOPT_NOSIGNAL libcurl leaves SIGPIPE to the program, and a TLS write to a closed connection raises it.
        struct sigaction current {};
        if (sigaction(SIGPIPE, nullptr, &current) == 0 && current.sa_handler == SIG_DFL) std::signal(SIGPIPE, SIG_IGN); // NOLINT: a union
        return curl_global_init(CURL_GLOBAL_DEFAULT);
    }();
    (void)code;
}

struct FreeMulti {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
};

} // namespace

/// The transfers and their one multi handle. Handlers may start transfers from within any callback: those wait in `m_waiting`
/// until libcurl has returned, since it refuses to be re-entered.
class Client::Loop {
public:
    explicit Loop(ClientOptions options) : m_options(std::move(options))
    {
        start_libcurl();
        m_multi.reset(curl_multi_init());
        curl_multi_setopt(m_multi.get(), CURLMOPT_MAX_HOST_CONNECTIONS, m_options.max_connections_per_host);
    }

    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    ~Loop()
    {
        for (const auto& [easy, transfer] : m_running)
            curl_multi_remove_handle(m_multi.get(), easy);
    }

    void start(Request request, Handler& handler)
    {
        m_waiting.push_back(std::make_unique<Transfer>(take_handle(), std::move(request), handler, m_options.user_agent));
    }

    [[nodiscard]] std::size_t in_flight() const { return m_waiting.size() + m_running.size(); }

    void step(milliseconds max_wait, const std::stop_token& stop)
    {
        const std::stop_callback wake{stop, [this] { curl_multi_wakeup(m_multi.get()); }};
        if (advance() || stop.stop_requested() || in_flight() == 0) return;
        curl_multi_poll(m_multi.get(), nullptr, 0, static_cast<int>(std::clamp<long long>(max_wait.count(), 0, 60'000)), nullptr);
        advance();
    }

    void cancel_all()
    {
        std::vector<std::unique_ptr<Transfer>> ended = std::exchange(m_waiting, {});
        for (auto& [easy, transfer] : m_running) {
            curl_multi_remove_handle(m_multi.get(), easy);
            ended.push_back(std::move(transfer));
        }
        m_running.clear();
        for (const auto& transfer : ended)
            transfer->handler().on_done(transfer->outcome(Cause::stopped, "stopped"));
    }

private:
    EasyHandle take_handle()
    {
        if (m_spare.empty()) return EasyHandle{curl_easy_init()};
        EasyHandle easy = std::move(m_spare.back());
        m_spare.pop_back();
        return easy;
    }

    /// True if a transfer ended.
    bool advance()
    {
        bool ended = launch();
        int running = 0;
        curl_multi_perform(m_multi.get(), &running);
        ended = deliver() || ended;
        if (!m_waiting.empty()) { // started by a callback just now: put on the wire before anybody waits
            ended = launch() || ended;
            curl_multi_perform(m_multi.get(), &running);
        }
        return ended;
    }

    bool launch()
    {
        bool refused = false;
        for (auto& transfer : std::exchange(m_waiting, {})) {
            CURL* easy = transfer->easy();
            if (transfer->prepare() && curl_multi_add_handle(m_multi.get(), easy) == CURLM_OK) {
                m_running.emplace(easy, std::move(transfer));
                continue;
            }
            refused = true;
            transfer->handler().on_done(transfer->outcome(Cause::invalid, transfer->refusal()));
        }
        return refused;
    }

    bool deliver()
    {
        bool ended = false;
        int left = 0;
        while (const CURLMsg* message = curl_multi_info_read(m_multi.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            const CURLcode code = message->data.result; // `message` dies with the handle's removal
            CURL* easy = message->easy_handle;
            auto node = m_running.extract(easy);
            const std::unique_ptr<Transfer> transfer = std::move(node.mapped());
            const Outcome outcome = transfer->outcome(code);
            curl_multi_remove_handle(m_multi.get(), easy);
            Handler& handler = transfer->handler();
            if (m_spare.size() < k_max_spare_handles) m_spare.push_back(transfer->release());
            handler.on_done(outcome);
            ended = true;
        }
        return ended;
    }

    ClientOptions m_options;
    std::unique_ptr<CURLM, FreeMulti> m_multi;
    std::vector<EasyHandle> m_spare;
    std::vector<std::unique_ptr<Transfer>> m_waiting;
    std::map<CURL*, std::unique_ptr<Transfer>> m_running;
};

Client::Client(ClientOptions options) : m_loop(std::make_unique<Loop>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

void Client::start(Request request, Handler& handler)
{
    m_loop->start(std::move(request), handler);
}

std::size_t Client::in_flight() const
{
    return m_loop->in_flight();
}

void Client::step(milliseconds max_wait, const std::stop_token& stop)
{
    m_loop->step(max_wait, stop);
}

void Client::cancel_all()
{
    m_loop->cancel_all();
}

namespace {

/// Gathers one small answer.
class Gather final : public Handler {
public:
    Next on_data(std::string_view bytes) override
    {
        m_body += bytes;
        return Next::go_on;
    }
    void on_done(const Outcome& outcome) override
    {
        m_outcome = outcome;
        m_done = true;
    }

    [[nodiscard]] bool done() const { return m_done; }
    [[nodiscard]] const Outcome& outcome() const { return m_outcome; }
    [[nodiscard]] std::string take_body() { return std::move(m_body); }

private:
    std::string m_body;
    Outcome m_outcome;
    bool m_done = false;
};

} // namespace

Result<Response> Client::fetch(Request request, const std::stop_token& stop)
{
    constexpr milliseconds k_wait{1000};
    const std::string url = request.url;
    Gather gather;
    start(std::move(request), gather);
    while (!gather.done()) {
        step(k_wait, stop);
        if (stop.stop_requested()) cancel_all();
    }
    if (!gather.outcome().complete()) return tl::make_unexpected(describe(url, gather.outcome()));
    return Response{gather.outcome().head, gather.take_body()};
}

std::string_view Head::header(std::string_view lower_case_name) const
{
    const auto found = std::find_if(headers.begin(), headers.end(), [&](const Header& header) { return header.name == lower_case_name; });
    return found == headers.end() ? std::string_view{} : std::string_view{found->value};
}

} // namespace seaworthy::net

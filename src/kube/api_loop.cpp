// SPDX-License-Identifier: Apache-2.0
#include "kube/api_loop.hpp"

#include <algorithm>
#include <utility>

#include "kube/retry.hpp"

namespace seaworthy::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t k_max_error_body_bytes = 64U << 10U;
constexpr unsigned k_max_throttlings = 10;   // as client-go
constexpr milliseconds k_lost_after{30'000}; // without any answer the connection is given up for this read
constexpr unsigned k_successes_to_open_up = 8;

milliseconds until(std::chrono::steady_clock::time_point then, std::chrono::steady_clock::time_point now)
{
    return then <= now ? milliseconds{0} : std::chrono::ceil<milliseconds>(then - now);
}

} // namespace

/// An exchange on its way through the loop.
class ApiLoop::Slot final : public net::Handler {
public:
    Slot(std::unique_ptr<Exchange> the_exchange, Moment now) : exchange(std::move(the_exchange)), ready_at(now) {}

    Next on_head(const net::Head& head) override
    {
        accepted = exchange->accepts(head.status);
        return exchange->abandoned() ? Next::abort : Next::go_on;
    }
    Next on_data(std::string_view bytes) override
    {
        if (accepted) return exchange->abandoned() ? Next::abort : exchange->take_body(bytes);
        error_body += bytes.substr(0, k_max_error_body_bytes - std::min(error_body.size(), k_max_error_body_bytes));
        return Next::go_on;
    }
    void on_done(const net::Outcome& result) override
    {
        outcome = result;
        finished = true;
    }

    void begin_attempt()
    {
        accepted = false;
        finished = false;
        error_body.clear();
        outcome = {};
    }

    std::unique_ptr<Exchange> exchange;
    Moment ready_at;
    net::Outcome outcome;
    std::string_view verb;
    std::string url;           ///< for messages
    std::string authorization; ///< that the last attempt was made with
    std::string error_body;
    unsigned failures = 0;
    unsigned throttlings = 0;
    bool renewed_credentials = false;
    bool renewed_trust = false;
    bool accepted = false;
    bool finished = false;
};

ApiLoop::ApiLoop(net::Client& client, Connection& connection, const LiveSourceOptions& options, SourceObserver& observer)
    : m_client(client), m_connection(connection), m_options(options), m_observer(observer), m_deadline(options.pacing.now() + options.deadline),
      m_last_answer(options.pacing.now()), m_allowed(std::max<std::size_t>(options.max_in_flight, 1))
{}

ApiLoop::~ApiLoop()
{
    m_client.cancel_all();
}

void ApiLoop::add(std::unique_ptr<Exchange> exchange)
{
    m_waiting.push_back(std::make_unique<Slot>(std::move(exchange), m_options.pacing.now()));
}

Result<void> ApiLoop::run(const std::stop_token& stop)
{
    while (!m_waiting.empty() || !m_running.empty()) {
        if (stop.stop_requested()) return failure(Error::Kind::cancelled, "reading the cluster was stopped");
        if (m_options.pacing.now() >= m_deadline) {
            expire_all();
            return {};
        }
        SEAWORTHY_TRY(launch(stop));
        wait(stop);
        settle_finished();
    }
    return {};
}

ApiLoop::Slots::iterator ApiLoop::next_ready()
{
    const Moment now = m_options.pacing.now();
    auto best = m_waiting.end();
    for (auto slot = m_waiting.begin(); slot != m_waiting.end(); ++slot) {
        if ((*slot)->ready_at > now || !(*slot)->exchange->may_start()) continue;
        if (best == m_waiting.end() || (*slot)->exchange->priority() < (*best)->exchange->priority()) best = slot;
    }
    return best;
}

Result<void> ApiLoop::launch(const std::stop_token& stop)
{
    std::erase_if(m_waiting, [](const auto& slot) { return slot->exchange->abandoned(); });
    while (m_running.size() < m_allowed) {
        const auto next = next_ready();
        if (next == m_waiting.end()) return {};
        auto access = m_connection.access(stop);
        const auto failures = m_connection.take_refresh_failures();
        for (std::uint64_t i = 0; i < failures.file; ++i)
            m_observer.credential_refresh_failed("file");
        for (std::uint64_t i = 0; i < failures.exec; ++i)
            m_observer.credential_refresh_failed("exec");
        if (!access) return tl::make_unexpected(access.error());

        m_running.splice(m_running.end(), m_waiting, next);
        Slot& slot = *m_running.back();
        slot.begin_attempt();
        ApiRequest asked = slot.exchange->request();
        net::Request request;
        request.method = asked.method;
        request.url = access->base_url + asked.path;
        m_authorization = access->headers.empty() ? std::string{} : access->headers.front().value;
        request.headers = std::move(access->headers);
        request.headers.push_back({"Accept", asked.accept});
        if (!asked.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
        request.body = std::move(asked.body);
        request.route = access->route;
        request.timeout = std::min(m_options.request_timeout, until(m_deadline, m_options.pacing.now()) + milliseconds{1});
        request.stall_timeout = m_options.stall_timeout;
        request.max_body_bytes = asked.max_body_bytes;
        request.accept_gzip = m_options.accept_gzip;
        slot.authorization = m_authorization;
        slot.verb = asked.verb;
        slot.url = request.url;
        m_client.start(std::move(request), slot);
    }
    return {};
}

void ApiLoop::wait(const std::stop_token& stop)
{
    constexpr milliseconds k_longest{1000};
    const Moment now = m_options.pacing.now();
    Moment next = m_deadline;
    for (const auto& slot : m_waiting) {
        if (slot->ready_at > now) next = std::min(next, slot->ready_at);
    }
    if (m_client.in_flight() > 0) {
        m_client.step(std::min(k_longest, until(next, now)), stop);
    } else if (!m_waiting.empty()) {
        m_options.pacing.sleep(until(next, now), stop);
    }
}

void ApiLoop::settle_finished()
{
    for (auto slot = m_running.begin(); slot != m_running.end();) {
        if (!(*slot)->finished) {
            ++slot;
            continue;
        }
        std::unique_ptr<Slot> ended = std::move(*slot);
        slot = m_running.erase(slot);
        settle(std::move(ended));
    }
}

void ApiLoop::settle(std::unique_ptr<Slot> slot)
{
    report(*slot);
    if (slot->outcome.head.status != 0) {
        m_reached = true;
        m_authenticated = m_authenticated || slot->outcome.head.status != 401;
        m_last_answer = m_options.pacing.now();
    }
    if (slot->exchange->abandoned()) return;
    if (slot->outcome.complete()) return settle_answer(std::move(slot));
    settle_transport_failure(std::move(slot));
}

void ApiLoop::report(const Slot& slot)
{
    RequestRecord record;
    record.verb = slot.verb;
    record.code = slot.outcome.head.status;
    record.failure = net::name(slot.outcome.cause);
    record.duration = slot.outcome.elapsed;
    record.bytes = slot.outcome.body_bytes;
    m_observer.request_done(record);
}

void ApiLoop::settle_transport_failure(std::unique_ptr<Slot> slot)
{
    const net::Cause cause = slot->outcome.cause;
    if (cause == net::Cause::stopped) {
        if (const auto why = slot->exchange->aborted()) slot->exchange->give_up(*why);
        return;
    }
    if (renew_trust(*slot)) return retry_at(std::move(slot), milliseconds{0});
    const ReadFailure failure = transport_failure(slot->url, slot->outcome);
    const bool hopeless = !is_transient(cause) || (!slot->exchange->patient() && slot->outcome.head.status == 0 && cause != net::Cause::reset);
    if (hopeless || connection_lost()) return slot->exchange->give_up(failure);
    try_again(std::move(slot), failure);
}

void ApiLoop::settle_answer(std::unique_ptr<Slot> slot)
{
    if (!slot->accepted) return settle_refusal(std::move(slot));
    if (const auto failure = slot->exchange->finish(slot->outcome.head)) return try_again(std::move(slot), *failure);
    success_noticed();
}

void ApiLoop::settle_refusal(std::unique_ptr<Slot> slot)
{
    const int status = slot->outcome.head.status;
    const StatusAnswer answer = parse_status(slot->error_body);
    if (status == 401 && renew_credentials(*slot)) return retry_at(std::move(slot), milliseconds{0});
    if (!is_transient(status) && slot->exchange->recover(status, answer)) return retry_at(std::move(slot), milliseconds{0});

    const ReadFailure failure = refusal(status, answer);
    if (!is_transient(status)) return slot->exchange->give_up(failure);
    auto retry_after = parse_retry_after(slot->outcome.head.header("retry-after"));
    if (!retry_after && answer.retry_after_seconds) retry_after = seconds{std::min<std::int64_t>(*answer.retry_after_seconds, 120)};
    if (status == 429 || status == 503) push_back_noticed();
    try_again(std::move(slot), failure, retry_after);
}

/// Once a request. Those that were under way together with the old credentials do not each renew the new ones.
bool ApiLoop::renew_credentials(Slot& slot)
{
    if (std::exchange(slot.renewed_credentials, true)) return false;
    return slot.authorization != m_authorization || m_connection.reject();
}

bool ApiLoop::renew_trust(Slot& slot)
{
    const net::Cause cause = slot.outcome.cause;
    const bool about_certificates = cause == net::Cause::tls_untrusted || cause == net::Cause::tls_client;
    return about_certificates && !std::exchange(slot.renewed_trust, true) && m_connection.distrust();
}

void ApiLoop::try_again(std::unique_ptr<Slot> slot, const ReadFailure& failure, std::optional<seconds> retry_after)
{
    milliseconds pause{0};
    if (retry_after) {
        ++slot->throttlings;
        pause = stretch(*retry_after, m_options.pacing.random());
    } else {
        ++slot->failures;
        pause = backoff(slot->failures, m_options.pacing.random());
    }
    const bool exhausted = slot->failures >= m_options.max_attempts || slot->throttlings >= k_max_throttlings;
    const bool too_late = m_options.pacing.now() + pause >= m_deadline;
    if (exhausted || too_late || !slot->exchange->can_retry()) return slot->exchange->give_up(failure);
    if (retry_after) m_observer.throttled(pause);
    retry_at(std::move(slot), pause);
}

void ApiLoop::retry_at(std::unique_ptr<Slot> slot, milliseconds pause)
{
    slot->ready_at = m_options.pacing.now() + pause;
    m_waiting.push_front(std::move(slot)); // before what has not been asked yet
}

void ApiLoop::expire_all()
{
    m_client.cancel_all();
    ReadFailure failure;
    failure.reason = model::Reason::timeout;
    failure.message = "the time for reading the cluster was up";
    failure.cause = net::Cause::timeout;
    while (!m_running.empty() || !m_waiting.empty()) { // giving up may add what would have come next
        Slots left;
        left.splice(left.end(), m_running);
        left.splice(left.end(), m_waiting);
        for (const auto& slot : left) {
            if (!slot->exchange->abandoned()) slot->exchange->give_up(failure);
        }
    }
}

void ApiLoop::push_back_noticed()
{
    m_allowed = std::max<std::size_t>(m_allowed / 2, 1);
    m_successes = 0;
}

void ApiLoop::success_noticed()
{
    if (m_allowed >= m_options.max_in_flight || ++m_successes < k_successes_to_open_up) return;
    ++m_allowed;
    m_successes = 0;
}

bool ApiLoop::connection_lost() const
{
    return m_options.pacing.now() - m_last_answer >= k_lost_after;
}

} // namespace seaworthy::kube

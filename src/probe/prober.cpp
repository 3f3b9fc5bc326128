// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/probe/prober.hpp"

#include <algorithm>
#include <deque>
#include <utility>

#include "probe/error_name.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/model/json_text.hpp"
#include "seaworthy/net/client.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::probe {
namespace {

using model::ProbeAnswer;

constexpr std::uint64_t k_max_body_bytes = 1U << 20U;
constexpr std::size_t k_max_header_bytes = 4096;
constexpr std::chrono::hours k_longest_row{1};
constexpr std::size_t k_max_rows = 1000;
constexpr std::size_t k_at_once = 16;

/// What a registry must offer of a manifest so that an old one answers too (distribution-spec end-3).
constexpr std::string_view k_manifest_types = "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
                                              "application/vnd.docker.distribution.manifest.list.v2+json, "
                                              "application/vnd.docker.distribution.manifest.v2+json";

/// A member of a JSON object, where it is a string.
std::string text_member(const std::string& json, std::string_view name)
{
    const auto parsed = model::JsonText::parse(json);
    return parsed ? std::string{(*parsed)[name].text()} : std::string{};
}

bool is_same_answer(const ProbeAnswer& a, const ProbeAnswer& b)
{
    return a.status == b.status && a.error == b.error && a.authorization == b.authorization;
}

void drop_content(ProbeAnswer& answer)
{
    answer.body = {};
    answer.headers.clear();
}

} // namespace

/// The requests of one run; some lead to others.
class Prober::Round {
public:
    Round(const ProberOptions& options, const check::Outside& outside, const config::Probes& limits)
        : m_options(options), m_outside(outside), m_limits(limits), m_client({options.user_agent, 2})
    {}

    History run(const std::stop_token& stop)
    {
        ask_registries();
        ask_issuers();
        if (!m_outside.control_target.empty()) ask({.url = m_outside.control_target});
        for (const auto& [component, url] : m_outside.components)
            for (auto& asked : m_outside.urls_of(component))
                ask({.url = std::move(asked)});
        for (auto& url : m_outside.login_urls())
            ask({.url = std::move(url)});
        while ((m_client.in_flight() > 0 || !m_waiting.empty()) && !stop.stop_requested()) {
            while (!m_waiting.empty() && m_client.in_flight() < k_at_once)
                send();
            m_client.step(std::chrono::seconds{1}, stop);
        }
        m_client.cancel_all();
        return std::move(m_answers);
    }

private:
    struct Target {
        std::string url;
        net::Method method = net::Method::get;
        std::string ca_file;
        std::string accept;
        std::string token; ///< anonymous; sent, never kept
        net::Reach reach = net::Reach::no_metadata;
        std::function<void(ProbeAnswer&)> then; ///< reads the answer before it is kept
    };

    class Exchange final : public net::Handler {
    public:
        Exchange(Round& round, Target target) : m_round(round), m_target(std::move(target)) {}

        Next on_data(std::string_view bytes) override
        {
            m_body += bytes;
            return Next::go_on;
        }
        void on_done(const net::Outcome& outcome) override
        {
            if (outcome.cause != net::Cause::stopped) m_round.take(m_target, outcome, std::move(m_body));
        }

    private:
        Round& m_round;
        Target m_target;
        std::string m_body;
    };

    void ask(Target target) { m_waiting.push_back(std::move(target)); }

    void send()
    {
        Target target = std::move(m_waiting.front());
        m_waiting.pop_front();
        net::Route route;
        route.allow_plain_http = target.url.starts_with("http://"); // the configuration says so; the verdict says what that is worth
        if (!target.ca_file.empty()) {
            // Without the file the system's authorities decide: what they do not know ends as tls_untrusted, never as an answer.
            if (auto pem = read_file(target.ca_file)) route.tls.ca_pem = std::move(*pem);
        }
        net::Request request;
        request.method = target.method;
        request.url = target.url;
        if (!target.accept.empty()) request.headers.push_back({"Accept", target.accept});
        if (!target.token.empty()) request.headers.push_back({"Authorization", "Bearer " + target.token});
        request.route = std::make_shared<const net::Route>(std::move(route));
        request.connect_timeout = m_limits.timeout;
        request.timeout = m_limits.timeout;
        request.max_body_bytes = k_max_body_bytes;
        request.reach = target.reach;
        request.wants_certificate = true;
        m_exchanges.push_back(std::make_unique<Exchange>(*this, std::move(target)));
        m_client.start(std::move(request), *m_exchanges.back());
    }

    void take(Target& target, const net::Outcome& outcome, std::string body)
    {
        ProbeAnswer answer;
        answer.at = m_options.now();
        if (outcome.complete()) {
            answer.status = outcome.head.status;
            answer.body = std::move(body);
            std::size_t bytes = 0;
            for (const auto& header : outcome.head.headers) {
                bytes += header.name.size() + header.value.size();
                if (bytes <= k_max_header_bytes) answer.headers.emplace(header.name, header.value);
            }
            answer.tls_not_after = outcome.certificate_not_after;
            answer.tls_verified = target.url.starts_with("https://");
        } else {
            answer.error = error_name(outcome.cause);
        }
        if (!target.token.empty()) answer.authorization = "anonymous";
        if (target.then) target.then(answer);
        m_answers[target.url].push_back(std::move(answer));
    }

    void ask_registries()
    {
        for (const auto& registry : m_outside.registries) {
            if (registry.from_nodes_only) continue;
            ask({.url = registry.ping_url(), .ca_file = registry.ca_file});
            if (!registry.expect_private || registry.manifest_url().empty()) continue;
            auto target = manifest_of(registry);
            target.then = [this, &registry](ProbeAnswer& answer) { ask_token(registry, answer); };
            ask(std::move(target));
        }
    }

    static Target manifest_of(const check::Registry& registry)
    {
        return {.url = registry.manifest_url(), .method = net::Method::head, .ca_file = registry.ca_file, .accept = std::string{k_manifest_types}};
    }

    void ask_token(const check::Registry& registry, const ProbeAnswer& answer)
    {
        const auto challenge = answer.headers.find("www-authenticate");
        if (answer.status != 401 || challenge == answer.headers.end()) return;
        const auto url = check::token_url(m_outside, registry, challenge->second);
        if (!url) return;
        ask({.url = *url, .ca_file = registry.ca_file, .then = [this, &registry](ProbeAnswer& granted) {
                 const auto body = std::exchange(granted.body, {}); // a credential, though anybody gets it
                 if (granted.status != 200) return;
                 auto token = text_member(body, "token");
                 if (token.empty()) token = text_member(body, "access_token");
                 if (token.empty()) return;
                 auto target = manifest_of(registry);
                 target.token = std::move(token);
                 ask(std::move(target));
             }});
    }

    void ask_issuers()
    {
        for (const auto& issuer : m_outside.oidc.issuers) {
            Target target{.url = issuer.discovery_url(), .ca_file = issuer.ca_file};
            target.then = [this, &issuer](ProbeAnswer& answer) {
                if (answer.status != 200) return;
                const auto keys = text_member(answer.body, "jwks_uri");
                if (!keys.starts_with("https://")) return;
                const bool same_host = check::host_of_url(keys) == check::host_of_url(issuer.url);
                ask({.url = keys, .ca_file = issuer.ca_file, .reach = same_host ? net::Reach::no_metadata : net::Reach::global});
            };
            ask(std::move(target));
        }
    }

    const ProberOptions& m_options;
    const check::Outside& m_outside;
    const config::Probes& m_limits;
    net::Client m_client;
    std::deque<Target> m_waiting;
    std::vector<std::unique_ptr<Exchange>> m_exchanges;
    History m_answers;
};

Prober::Prober(ProberOptions options) : m_options(std::move(options)) {}

Prober::~Prober() = default;

void Prober::restore(History history)
{
    const std::lock_guard lock{m_mutex};
    m_history = std::move(history);
}

void Prober::run(const check::Outside& outside, const config::Probes& limits, const std::stop_token& stop)
{
    auto answers = Round{m_options, outside, limits}.run(stop);
    if (!stop.stop_requested()) keep(std::move(answers));
}

void Prober::keep(History answers)
{
    const std::lock_guard lock{m_mutex};
    for (auto& [url, rows] : answers) {
        const auto before = m_history.find(url);
        if (before == m_history.end()) continue;
        auto& known = before->second;
        for (auto& row : known)
            drop_content(row);
        // A manifest has a row without and one with a token; each continues the older one of its kind.
        for (auto& row : rows) {
            const auto last =
                std::find_if(known.rbegin(), known.rend(), [&](const ProbeAnswer& old) { return old.authorization == row.authorization; });
            const bool goes_on = last != known.rend() && is_same_answer(*last, row) &&
                                 row.at.unix_seconds() / std::chrono::seconds{k_longest_row}.count() ==
                                     last->at.unix_seconds() / std::chrono::seconds{k_longest_row}.count();
            if (!goes_on) continue;
            row.samples += last->samples;
            known.erase(std::next(last).base());
        }
        std::erase_if(known, [&](const ProbeAnswer& row) { return row.at.at_least(k_history_kept, rows.back().at); });
        known.insert(known.end(), std::make_move_iterator(rows.begin()), std::make_move_iterator(rows.end()));
        if (known.size() > k_max_rows) known.erase(known.begin(), known.end() - static_cast<std::ptrdiff_t>(k_max_rows));
        rows = std::move(known);
    }
    m_history = std::move(answers);
}

History Prober::history() const
{
    const std::lock_guard lock{m_mutex};
    return m_history;
}

} // namespace seaworthy::probe

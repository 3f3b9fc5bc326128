// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/probe/node_collector.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "probe/error_name.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/registry_config.hpp"
#include "seaworthy/net/client.hpp"
#include "seaworthy/net/url.hpp"

namespace seaworthy::probe {
namespace {

using model::MirrorKind;
using model::ProbeAnswer;

constexpr std::size_t k_at_once = 32;
constexpr std::size_t k_most_mirrors = 64;
constexpr std::size_t k_mirror_bytes = 64 * 1024;
constexpr std::chrono::seconds k_whole_round{30};
constexpr std::chrono::minutes k_fresh{15};

std::string url_of_node(std::string_view node)
{
    return fmt::format("node:{}/v1/registry-config", node);
}

bool is_probe(const model::Pod& pod, const config::NodeProbe& probe)
{
    const auto* owner = pod.controller();
    return owner != nullptr && owner->kind == "DaemonSet" && glob_match(probe.daemon_set, owner->name) && pod.ns() == probe.ns &&
           !pod.node_name.empty() && !pod.deleted().known();
}

/// The ready pod of each node; of two the newer.
std::map<std::string_view, const model::Pod*> pods_by_node(const model::Inventory& inventory, const config::NodeProbe& probe)
{
    std::map<std::string_view, const model::Pod*> pods;
    for (const auto& pod : inventory.pods) {
        if (!is_probe(pod, probe) || !pod.ready || pod.ipv4 == 0 || pod.phase != model::Pod::Phase::running) continue;
        auto& chosen = pods[pod.node_name];
        if (chosen == nullptr || chosen->started < pod.started) chosen = &pod;
    }
    return pods;
}

std::string address_of(const model::Pod& pod)
{
    return fmt::format("{}.{}.{}.{}", pod.ipv4 >> 24U, pod.ipv4 >> 16U & 255U, pod.ipv4 >> 8U & 255U, pod.ipv4 & 255U);
}

std::string content_of(const std::string& file)
{
    if (file.empty()) return {};
    auto content = read_file(file);
    return content ? std::move(*content) : std::string{};
}

std::string token_of(const config::NodeProbe& probe)
{
    auto token = content_of(probe.token_file);
    while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' '))
        token.pop_back();
    return token;
}

/// Without a readable authority the system's decide: a certificate that they do not know ends as tls_untrusted, never as an answer.
std::shared_ptr<const net::Route> route_to_nodes(const config::NodeProbe& probe)
{
    net::Route route;
    route.allow_plain_http = probe.ca_file.empty();
    route.tls.ca_pem = content_of(probe.ca_file);
    route.tls.client_certificate = content_of(probe.certificate_file);
    route.tls.client_key = content_of(probe.key_file);
    auto name = probe.daemon_set;
    std::erase(name, '*');
    route.tls.server_name = probe.server_name.empty() ? fmt::format("{}.{}.svc", name, probe.ns) : probe.server_name;
    return std::make_shared<const net::Route>(std::move(route));
}

/// Mirrors that can be asked from here, by the URL that the rule looks for.
void add_mirrors(const model::RegistryEntry& entry, std::set<std::string>& urls)
{
    for (const auto& mirror : entry.mirrors) {
        if (mirror.kind != MirrorKind::internal && mirror.kind != MirrorKind::public_cache) continue;
        auto url = model::ping_url_of(mirror.url);
        const auto parsed = net::parse_url(url);
        if (parsed && (parsed->scheme == "https" || parsed->scheme == "http") && urls.size() < k_most_mirrors) urls.insert(std::move(url));
    }
}

} // namespace

/// The requests of one collection.
class NodeCollector::Round {
public:
    Round(const ProberOptions& options, const config::Probes& settings)
        : m_options(options), m_settings(settings), m_route(route_to_nodes(settings.node_probe)), m_token(token_of(settings.node_probe)),
          m_client({options.user_agent, 1})
    {}

    void ask_node(std::string_view node, const model::Pod* pod)
    {
        auto& answer = answer_at(url_of_node(node));
        answer.error = pod == nullptr ? "refused" : "timeout"; // until it says something
        if (pod == nullptr) return;
        net::Request request = base();
        request.url = fmt::format("{}://{}:{}/v1/registry-config", m_settings.node_probe.ca_file.empty() ? "http" : "https", address_of(*pod),
                                  m_settings.node_probe.port);
        if (!m_token.empty()) request.headers.push_back({"Authorization", "Bearer " + m_token});
        request.route = m_route;
        request.max_body_bytes = model::RegistryConfigLimits::bytes;
        m_waiting.push_back(
            {std::move(request), [this, &answer](const net::Outcome& outcome, std::string body) { take_report(answer, outcome, std::move(body)); }});
    }

    void run(const std::stop_token& stop)
    {
        const auto end = std::chrono::steady_clock::now() + k_whole_round;
        while ((m_client.in_flight() > 0 || !m_waiting.empty()) && !stop.stop_requested() && std::chrono::steady_clock::now() < end) {
            while (!m_waiting.empty() && m_client.in_flight() < k_at_once) {
                m_exchanges.push_back(std::make_unique<Exchange>(std::move(m_waiting.front().take)));
                m_client.start(std::move(m_waiting.front().request), *m_exchanges.back());
                m_waiting.pop_front();
            }
            m_client.step(std::chrono::milliseconds{500}, stop);
        }
        m_waiting.clear();
        m_client.cancel_all();
    }

    void ask_mirrors()
    {
        for (const auto& url : m_mirrors) {
            auto& answer = answer_at(url);
            answer.error = "timeout";
            net::Request request = base();
            request.url = url;
            net::Route route;
            route.allow_plain_http = url.starts_with("http://"); // what the node does; pullcache-mirror-tls says what that is worth
            request.route = std::make_shared<const net::Route>(std::move(route));
            request.max_body_bytes = k_mirror_bytes;
            request.wants_certificate = true;
            m_waiting.push_back(
                {std::move(request), [this, &answer](const net::Outcome& outcome, const std::string&) { take_mirror(answer, outcome); }});
        }
    }

    [[nodiscard]] History take() { return std::move(m_answers); }

private:
    using Take = std::function<void(const net::Outcome&, std::string)>;
    struct Waiting {
        net::Request request;
        Take take;
    };

    class Exchange final : public net::Handler {
    public:
        explicit Exchange(Take take) : m_take(std::move(take)) {}
        Next on_data(std::string_view bytes) override
        {
            m_body += bytes;
            return Next::go_on;
        }
        void on_done(const net::Outcome& outcome) override
        {
            if (outcome.cause != net::Cause::stopped) m_take(outcome, std::move(m_body));
        }

    private:
        Take m_take;
        std::string m_body;
    };

    ProbeAnswer& answer_at(const std::string& url)
    {
        ProbeAnswer answer;
        answer.at = m_options.now();
        return m_answers[url].emplace_back(std::move(answer)); // one row a URL: the reference stays good
    }

    [[nodiscard]] net::Request base() const
    {
        net::Request request;
        request.connect_timeout = m_settings.timeout;
        request.timeout = m_settings.timeout;
        request.reach = net::Reach::no_metadata;
        return request;
    }

    void take_report(ProbeAnswer& answer, const net::Outcome& outcome, std::string body)
    {
        answer.at = m_options.now();
        answer.error = {};
        if (!outcome.complete() && outcome.cause != net::Cause::too_large) {
            answer.error = error_name(outcome.cause);
            return;
        }
        answer.status = outcome.head.status;
        if (outcome.cause == net::Cause::too_large || answer.status != 200) return;
        const auto report = model::parse_registry_config(body);
        if (!report) return; // an answer without a report: the rules call it malformed
        answer.body = to_json(*report);
        if (!m_settings.node_probe.ask_mirrors) return;
        for (const auto& entry : report->registries)
            add_mirrors(entry, m_mirrors);
        if (report->wildcard) add_mirrors(*report->wildcard, m_mirrors);
    }

    void take_mirror(ProbeAnswer& answer, const net::Outcome& outcome)
    {
        answer.at = m_options.now();
        answer.error = {};
        if (!outcome.complete()) {
            answer.error = error_name(outcome.cause);
            return;
        }
        answer.status = outcome.head.status;
        answer.tls_not_after = outcome.certificate_not_after;
        if (const auto challenge = outcome.head.header("www-authenticate"); !challenge.empty())
            answer.headers.emplace("www-authenticate", challenge.substr(0, model::RegistryConfigLimits::text));
    }

    const ProberOptions& m_options;
    const config::Probes& m_settings;
    std::shared_ptr<const net::Route> m_route;
    std::string m_token;
    net::Client m_client;
    std::deque<Waiting> m_waiting;
    std::vector<std::unique_ptr<Exchange>> m_exchanges;
    std::set<std::string> m_mirrors;
    History m_answers;
};

History NodeCollector::collect(const model::Inventory& inventory, const config::Probes& settings, const std::stop_token& stop)
{
    const auto& probe = settings.node_probe;
    if (probe.daemon_set.empty()) return {};
    const auto pods = pods_by_node(inventory, probe);
    Round round{m_options, settings};
    std::set<std::string_view> nodes;
    for (const auto& node : inventory.nodes)
        if (node.operating_system != "windows") nodes.insert(node.meta.name);
    for (const auto& [node, pod] : pods)
        nodes.insert(node); // also those that the node list could not show
    for (const auto node : nodes) {
        const auto pod = pods.find(node);
        round.ask_node(node, pod != pods.end() ? pod->second : nullptr);
    }
    round.run(stop);
    round.ask_mirrors();
    round.run(stop);
    auto answers = round.take();
    const auto now = m_options.now();
    std::erase_if(m_good, [&](const auto& known) { return !answers.contains(known.first) || known.second.at.at_least(k_fresh, now); });
    for (auto& [url, rows] : answers) {
        if (!url.starts_with("node:")) continue;
        const auto good = m_good.find(url);
        if (rows.back().status == 200 && !rows.back().body.empty())
            m_good.insert_or_assign(url, rows.back());
        else if (rows.back().status != 200 && good != m_good.end())
            rows.insert(rows.begin(), good->second);
    }
    return answers;
}

} // namespace seaworthy::probe

// SPDX-License-Identifier: Apache-2.0
#include "app/daemon.hpp"

#include <atomic>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <thread>
#include <tuple>
#include <utility>

#include "app/audit_loop.hpp"
#include "app/audit_memory.hpp"
#include "app/config_watch.hpp"
#include "app/configuration.hpp"
#include "app/election_loop.hpp"
#include "app/event_delivery.hpp"
#include "app/log.hpp"
#include "app/observations.hpp"
#include "app/probe_loop.hpp"
#include "app/probed_source.hpp"
#include "app/score_memory.hpp"
#include "app/version.hpp"
#include "seaworthy/base/digest.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/controls/judged_events.hpp"
#include "seaworthy/http/server.hpp"
#include "seaworthy/net/url.hpp"
#include "seaworthy/probe/node_collector.hpp"
#include "seaworthy/publish/routes.hpp"
#include "seaworthy/state/store.hpp"

namespace seaworthy::app {

namespace {

constexpr std::chrono::milliseconds k_tick{500};
constexpr std::chrono::milliseconds k_longest_shutdown{1800};

/// Ends the process when the orderly way out takes too long: a thread that hangs in a library must not keep a pod from being replaced.
class ShutdownLimit {
public:
    explicit ShutdownLimit(std::chrono::milliseconds limit)
    {
        std::thread{[limit, done = m_done] {
            std::this_thread::sleep_for(limit);
            if (!*done) std::_Exit(0);
        }}.detach();
    }
    ~ShutdownLimit() { *m_done = true; }
    ShutdownLimit(const ShutdownLimit&) = delete;
    ShutdownLimit& operator=(const ShutdownLimit&) = delete;

private:
    std::shared_ptr<std::atomic<bool>> m_done = std::make_shared<std::atomic<bool>>(false);
};

/// 48 bits of the file's digest: what a metric can hold without rounding. 0 without a file.
std::uint64_t hash_of_file(const std::string& file)
{
    constexpr std::size_t bytes = 6;
    if (file.empty()) return 0;
    std::ifstream stream{file, std::ios::binary};
    const auto digest = sha256(std::string{std::istreambuf_iterator<char>{stream}, {}});
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < bytes; ++i)
        hash = (hash << 8U) | static_cast<unsigned char>(digest[i]);
    return hash;
}

bool listens_on_loopback(const std::string& listen)
{
    return net::is_loopback(listen.substr(0, listen.rfind(':')));
}

double random_share()
{
    thread_local std::minstd_rand engine{std::random_device{}()};
    return std::uniform_real_distribution<double>{0, 1}(engine);
}

bool same_connection(const config::Config& a, const config::Config& b)
{
    const auto facts = [](const config::Config& config) {
        const auto& kubernetes = config.kubernetes;
        const auto& probe = config.probes.node_probe;
        return std::tie(kubernetes.kubeconfig, kubernetes.context, kubernetes.allow_exec_plugins, kubernetes.request_timeout, kubernetes.page_size,
                        kubernetes.parallel_lists, config.audit.timeout, config.probes.timeout, probe.ns, probe.daemon_set, probe.port,
                        probe.token_file, probe.ca_file, probe.server_name, probe.certificate_file, probe.key_file, probe.ask_mirrors);
    };
    return facts(a) == facts(b);
}

std::size_t days_of(std::chrono::milliseconds length)
{
    return static_cast<std::size_t>(std::chrono::ceil<std::chrono::days>(length).count());
}

class Daemon {
public:
    explicit Daemon(DaemonOptions options)
        : m_options(std::move(options)), m_log(m_options.config.log), m_metrics({std::string{version()}, std::string{revision()}}),
          m_publication(now()), m_history(days_of(m_options.config.spool.history)), m_watch(m_options.config_file)
    {
        m_log.on_line([this](std::string_view level) { m_metrics.log_message(level); });
    }

    Result<void> serve();
    void tick();
    void reload();
    void shut_down();
    /// How long shut_down() may take.
    [[nodiscard]] std::chrono::milliseconds longest_shutdown() const
    {
        return k_longest_shutdown + (m_delivery ? m_options.config.events.shutdown_flush : std::chrono::milliseconds{0});
    }

private:
    Result<void> open_listeners();
    Result<void> open_store();
    Result<void> start_delivery();
    void audited(const report::Report* report, std::string_view failure);
    [[nodiscard]] bool is_candidate() const;
    void join_election();
    void announce_config();

    // In the order in which they start; they end in the reverse one.
    DaemonOptions m_options;
    Log m_log;
    publish::SelfMetrics m_metrics;
    publish::Publication m_publication;
    publish::History m_history;
    ConfigWatch m_watch;
    std::unique_ptr<state::Store> m_store;     ///< nullptr: no database is configured
    std::unique_ptr<AuditMemory> m_memory;     ///< used by the audits; in m_store
    std::unique_ptr<EventDelivery> m_delivery; ///< nullptr: no sinks are configured
    std::atomic<bool> m_leading = true;        ///< of several replicas, one tells what changed
    bool m_audits_fail = false;                ///< used by the audit loop's thread
    std::unique_ptr<ProbeLoop> m_probes;
    probe::NodeCollector m_nodes{{user_agent(), now}}; ///< used by the audit loop's thread
    std::unique_ptr<AuditLoop> m_loop;
    std::unique_ptr<ElectionLoop> m_election;
    std::unique_ptr<publish::Routes> m_routes;
    std::unique_ptr<http::Server> m_server;
    std::unique_ptr<http::Server> m_probe_server;
};

Result<void> Daemon::serve()
{
    m_leading = !is_candidate();
    m_metrics.set_leader(!is_candidate());
    m_publication.set_leading(!is_candidate());
    m_publication.beat();
    announce_config();
    SEAWORTHY_TRY(open_listeners());
    m_log.info(
        "serving",
        {{"version", std::string{version()}}, {"port", std::to_string(m_server->port())}, {"probePort", std::to_string(m_probe_server->port())}});
    if (m_options.on_serving) m_options.on_serving(m_server->port(), m_probe_server->port());
    SEAWORTHY_TRY(open_store());
    SEAWORTHY_TRY(start_delivery());
    const Observations observations{m_store.get(), &m_log};
    m_memory = std::make_unique<AuditMemory>(observations);
    m_memory->events.set_window(controls::longest_event_window(m_options.config.settings));
    restore_scores(observations, m_history);
    const auto config = std::make_shared<const config::Config>(m_options.config);
    m_probes = std::make_unique<ProbeLoop>(probe::ProberOptions{user_agent(), now}, config, observations);
    const SourceFactory make_source = [this](const config::Config& current,
                                             kube::SourceObserver* observer) -> Result<std::unique_ptr<model::InventorySource>> {
        auto cluster = m_options.make_source(current, observer);
        if (!cluster) return cluster;
        // The source goes with the connection, the nodes' last answers stay.
        return std::make_unique<ProbedSource>(
            std::move(*cluster),
            [this, probes = current.probes](const model::Inventory& inventory, const std::stop_token& stop) {
                if (m_delivery) m_delivery->look_at(inventory);
                return joined(m_nodes.collect(inventory, probes, stop), m_probes->history(stop));
            },
            m_memory.get());
    };
    const auto after_audit = [this](const report::Report* report, std::string_view failure) { audited(report, failure); };
    m_loop =
        std::make_unique<AuditLoop>(Auditor::Parts{make_source, m_publication, m_metrics, m_log, now, after_audit}, config, Schedule{random_share});
    if (is_candidate()) join_election();
    return {};
}

/// Opens the state database that the configuration names, if it does.
Result<void> Daemon::open_store()
{
    const auto& spool = m_options.config.spool;
    if (spool.path.empty()) return {};
    auto store = state::Store::open({.path = spool.path, .max_bytes = spool.max_bytes.bytes, .now = {}});
    if (!store) return tl::make_unexpected(store.error());
    m_store = std::move(*store);
    if (!m_store->quarantined().empty())
        m_log.error("the state database was damaged and is begun anew", {{"path", spool.path}, {"movedTo", m_store->quarantined()}});
    return {};
}

Result<void> Daemon::start_delivery()
{
    if (m_options.config.sinks.empty()) return {};
    auto delivery = EventDelivery::start(m_options.config, *m_store, m_log);
    if (!delivery) return tl::make_unexpected(delivery.error());
    m_delivery = std::move(*delivery);
    m_metrics.set_delivery([this] { return m_delivery->facts(); });
    return {};
}

/// Called by the audit loop's thread. No report: the audit failed, which is told once until one succeeds.
void Daemon::audited(const report::Report* report, std::string_view failure)
{
    if (report != nullptr) keep_scores({m_store.get(), &m_log}, m_history.record(*report), m_history, report->generated_at);
    if (!m_delivery) return;
    m_delivery->expire();
    if (!m_leading) return;
    if (report != nullptr)
        m_delivery->record(*report);
    else if (!m_audits_fail)
        m_delivery->health(events::HealthCode::audit_failed, failure);
    m_audits_fail = report == nullptr;
}

bool Daemon::is_candidate() const
{
    return m_options.config.leader_election.enabled && m_options.make_lease_store != nullptr;
}

void Daemon::join_election()
{
    const auto& election = m_options.config.leader_election;
    const bool cold = election.standby == config::LeaderElection::Standby::cold;
    m_election = std::make_unique<ElectionLoop>([this, config = m_options.config] { return m_options.make_lease_store(config); }, election, m_log,
                                                [this, cold](bool leading) {
                                                    m_leading = leading;
                                                    m_metrics.set_leader(leading);
                                                    m_publication.set_leading(leading);
                                                    if (!cold) return;
                                                    m_publication.set_standby(!leading);
                                                    m_loop->set_paused(!leading);
                                                });
}

Result<void> Daemon::open_listeners()
{
    const auto& settings = m_options.config.http;
    const auto& listen = m_options.listen.empty() ? settings.listen : m_options.listen;
    const auto& probe_listen = m_options.probe_listen.empty() ? settings.probe_listen : m_options.probe_listen;
    m_routes = std::make_unique<publish::Routes>(publish::RouteSettings{.version = std::string{version()},
                                                                        .revision = std::string{revision()},
                                                                        .now = now,
                                                                        .on_loopback = listens_on_loopback(listen),
                                                                        .allowed_hosts = settings.allowed_hosts,
                                                                        .trigger_audit = [this] { return m_loop && m_loop->trigger("api"); },
                                                                        .history = &m_history},
                                                 m_publication, m_metrics);
    const auto headers = publish::security_headers(false);
    http::Options options{.listen = listen, .default_headers = headers};
    options.limits.connections = static_cast<std::size_t>(settings.max_connections);
    options.limits.connections_per_address = static_cast<std::size_t>(settings.max_connections_per_address);
    auto opened = http::Server::start(options, [this](const http::Request& request) { return m_routes->handle(request); });
    if (!opened) return tl::make_unexpected(opened.error());
    m_server = std::move(*opened);
    m_metrics.set_http_counters([this] { return m_server->counters(); });
    // Two workers: one slow prober must not keep the kubelet from its answer.
    opened = http::Server::start({.listen = probe_listen, .workers = 2, .default_headers = headers},
                                 [this](const http::Request& request) { return publish::answer_probe(request, m_publication); });
    if (!opened) return tl::make_unexpected(opened.error());
    m_probe_server = std::move(*opened);
    return {};
}

void Daemon::announce_config()
{
    const auto& audit = m_options.config.audit;
    m_log.set_options(m_options.config.log);
    m_metrics.set_audit_interval(std::chrono::duration<double>{audit.interval}.count());
    m_metrics.config_loaded(now(), hash_of_file(m_options.config_file));
    m_publication.set_interval(std::chrono::ceil<seconds>(audit.interval));
}

void Daemon::reload()
{
    if (m_options.config_file.empty()) return;
    auto loaded = config::load_file(m_options.config_file, now(), controls::catalog());
    if (!loaded) {
        m_metrics.config_reload_failed();
        for (const auto& problem : loaded.error().list)
            m_log.error("the new configuration is not valid; the old one stays", {{"file", m_options.config_file},
                                                                                  {"line", std::to_string(problem.line)},
                                                                                  {"column", std::to_string(problem.column)},
                                                                                  {"key", problem.key},
                                                                                  {"problem", problem.message}});
        if (m_delivery) m_delivery->health(events::HealthCode::config_refused, "The new configuration is not valid; the old one stays");
        return;
    }
    const bool reconnect = !same_connection(m_options.config, *loaded);
    const auto& http = m_options.config.http;
    if (loaded->http.listen != http.listen || loaded->http.probe_listen != http.probe_listen || loaded->http.allowed_hosts != http.allowed_hosts)
        m_log.warn("http.listen, http.probeListen and http.allowedHosts take effect with the next start");
    if (loaded->sinks != m_options.config.sinks || loaded->spool != m_options.config.spool)
        m_log.warn("sinks and spool take effect with the next start");
    m_options.config = std::move(*loaded);
    announce_config();
    m_memory->events.set_window(controls::longest_event_window(m_options.config.settings));
    m_log.info("configuration read", {{"file", m_options.config_file}});
    if (m_delivery) {
        m_delivery->configure(m_options.config.events);
        m_delivery->health(events::HealthCode::config_reloaded, "A new configuration is in force");
    }
    const auto config = std::make_shared<const config::Config>(m_options.config);
    m_probes->set_config(config);
    m_loop->set_config(config, reconnect);
}

void Daemon::tick()
{
    m_publication.beat();
    if (m_watch.changed()) reload();
    m_loop->enforce_deadline();
    m_metrics.log_messages_dropped(m_log.take_dropped());
}

void Daemon::shut_down()
{
    m_publication.begin_shutdown(); // not ready, so that nobody is sent here any more
    m_log.info("shutting down");
    m_probes->stop();
    m_loop->stop();
    m_election.reset(); // gives the Lease up
    m_metrics.set_http_counters({});
    m_server->stop();
    m_probe_server->stop();
    m_loop.reset();
    m_metrics.set_delivery({});
    if (m_delivery) m_delivery->stop(m_options.config.events.shutdown_flush);
}

} // namespace

Result<void> run_daemon(DaemonOptions options, const Signals& signals)
{
    std::unique_ptr<ShutdownLimit> limit; // outlives the daemon
    Daemon daemon{std::move(options)};
    SEAWORTHY_TRY(daemon.serve());
    for (;;) {
        daemon.tick();
        const int signal = signals.wait(k_tick);
        if (signal == SIGHUP) daemon.reload();
        if (signal == SIGTERM || signal == SIGINT) break;
    }
    limit = std::make_unique<ShutdownLimit>(daemon.longest_shutdown());
    daemon.shut_down();
    return {};
}

} // namespace seaworthy::app

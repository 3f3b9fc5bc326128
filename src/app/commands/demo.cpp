// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/replay/demo_cluster.hpp"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "app/configuration.hpp"
#include "app/connection_flags.hpp"
#include "app/daemon.hpp"
#include "seaworthy/kube/live_source.hpp"

namespace seaworthy::app {

namespace {

constexpr auto k_any_port = "127.0.0.1:0";

struct Flags {
    std::string listen;
    std::string config;
};

/// Nothing of the user's own clusters: the demo must not meet their credentials, nor run their plugins.
kube::Surroundings empty_surroundings()
{
    auto surroundings = kube::Surroundings::of_this_process();
    surroundings.variable = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
    surroundings.service_account_directory = "/nonexistent";
    return surroundings;
}

SourceFactory demo_source(const std::string& url)
{
    return [url](const config::Config& config, kube::SourceObserver* observer) -> Result<std::unique_ptr<model::InventorySource>> {
        auto connection = kube::connect({.server = url}, empty_surroundings());
        if (!connection) return tl::make_unexpected(connection.error());
        auto options = source_options({}, config);
        if (!options) return tl::make_unexpected(options.error());
        return std::make_unique<kube::LiveSource>(std::move(*connection), std::move(*options), observer);
    };
}

Result<config::Config> demo_configuration(const std::string& file)
{
    auto config = load_configuration(file);
    if (!config || !file.empty()) return config;
    config->cluster.name = "demo";
    config->audit.interval = std::chrono::seconds{5}; // the cluster changes while one watches
    config->http.listen = "127.0.0.1:9817";           // findings are nobody else's business
    config->http.probe_listen = "127.0.0.1:9818";
    config->log.level = config::Log::Level::warn;
    config->log.format = config::Log::Format::text;
    return config;
}

ExitCode demo(const Flags& flags, const Session& session)
{
    const Signals signals;
    const auto config = demo_configuration(flags.config);
    if (!config) return session.complain(config.error());
    const auto cluster =
        replay::DemoCluster::start({.on_step = [&](std::string_view what) { session.note(fmt::format("in the demo cluster: {}", what)); }});
    if (!cluster) return session.complain(cluster.error());

    DaemonOptions options{
        .config = *config,
        .config_file = flags.config,
        .listen = flags.listen,
        .probe_listen = flags.listen.empty() ? std::string{} : k_any_port,
        .make_source = demo_source((*cluster)->url()),
        .make_lease_store = {},
        .on_serving = [&](std::uint16_t port, std::uint16_t) {
            session.out << fmt::format("The demo is at http://127.0.0.1:{0}/ (metrics: http://127.0.0.1:{0}/metrics). Ctrl-C ends it.\n", port)
                        << std::flush;
        }};
    auto served = run_daemon(options, signals);
    const bool may_move = flags.listen.empty() && flags.config.empty();
    if (!served && may_move) {
        session.note(fmt::format("{}; taking a free port", served.error().message));
        options.listen = options.probe_listen = k_any_port;
        served = run_daemon(options, signals);
    }
    if (!served) return session.complain(served.error());
    return ExitCode::ok;
}

} // namespace

void add_demo(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "demo", "Run the daemon on a built-in cluster that changes while one watches",
                                "  seaworthy demo\n"
                                "  seaworthy demo --listen 127.0.0.1:8080");
    auto flags = std::make_shared<Flags>();
    command.add_option("--listen", flags->listen, "Address of page, API and metrics (default: 127.0.0.1:9817, or a free port where that is taken)")
        ->type_name("ADDRESS");
    add_config_flag(command, flags->config);
    command.callback([&session, flags] { session.action = [&session, flags] { return demo(*flags, session); }; });
}

} // namespace seaworthy::app

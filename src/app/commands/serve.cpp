// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "app/commands/command.hpp"
#include "app/configuration.hpp"
#include "app/connection_flags.hpp"
#include "app/daemon.hpp"
#include "seaworthy/kube/live_source.hpp"

namespace seaworthy::app {

namespace {

struct Flags {
    ConnectionFlags connection;
    std::string listen;
    std::string probe_listen;
};

SourceFactory live_source(ConnectionFlags flags)
{
    return
        [flags = std::move(flags)](const config::Config& config, kube::SourceObserver* observer) -> Result<std::unique_ptr<model::InventorySource>> {
            auto connection = open_connection(flags, config.kubernetes);
            if (!connection) return tl::make_unexpected(connection.error());
            for (const auto& warning : (*connection)->take_warnings())
                observer->warning(warning);
            auto options = source_options(flags, config);
            if (!options) return tl::make_unexpected(options.error());
            return std::make_unique<kube::LiveSource>(std::move(*connection), std::move(*options), observer);
        };
}

Result<std::unique_ptr<LeaseStore>> lease_store(const ConnectionFlags& flags, const config::Config& config)
{
    auto connection = open_connection(flags, config.kubernetes);
    if (!connection) return tl::make_unexpected(connection.error());
    return api_lease_store(std::move(*connection), config.leader_election.lease_name, config.leader_election.ns);
}

ExitCode serve(const Flags& flags, const Session& session)
{
    const Signals signals;
    auto config = load_configuration(flags.connection.config);
    if (!config) return session.complain(config.error());
    // A flag that is wrong stays wrong: better said now than in each audit.
    if (const auto options = source_options(flags.connection, *config); !options) return session.complain(options.error());
    const auto served =
        run_daemon({.config = std::move(*config),
                    .config_file = configuration_file(flags.connection.config),
                    .listen = flags.listen,
                    .probe_listen = flags.probe_listen,
                    .make_source = live_source(flags.connection),
                    .make_lease_store = [connection = flags.connection](const config::Config& from) { return lease_store(connection, from); },
                    .on_serving = {}},
                   signals);
    if (!served) return session.complain(served.error());
    return ExitCode::ok;
}

} // namespace

void add_serve(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "serve", "Run the daemon: audit again and again, serve metrics, page and API",
                                "  seaworthy serve --config seaworthy.yaml\n"
                                "  seaworthy serve --listen 127.0.0.1:9817        reachable from this machine only");
    auto flags = std::make_shared<Flags>();
    command.add_option("--listen", flags->listen, "Address of page, API and /metrics (default: http.listen of the configuration, :9817)")
        ->type_name("ADDRESS");
    command.add_option("--probe-listen", flags->probe_listen, "Address of the probes (default: http.probeListen, :9818)")->type_name("ADDRESS");
    add_config_flag(command, flags->connection.config);
    add_connection_flags(command, flags->connection);
    command.callback([&session, flags] { session.action = [&session, flags] { return serve(*flags, session); }; });
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "app/audit_target.hpp"

#include <CLI/CLI.hpp>

#include "app/configuration.hpp"
#include "app/probed_source.hpp"
#include "app/progress.hpp"
#include "seaworthy/kube/live_source.hpp"
#include "seaworthy/kube/snapshot.hpp"

namespace seaworthy::app {

namespace {

Result<AuditRun> audit_files(const AuditTarget& target, const Session& session, config::Config& config, std::stop_token stop)
{
    kube::SnapshotSource source{{.paths = target.paths, .keep_going = target.keep_going, .clock = now}};
    SEAWORTHY_TRY(source.peek());
    if (!source.config_text().empty() && configuration_file(target.connection.config).empty()) {
        auto own = load_configuration_text(source.config_text(), "the Snapshot's spec.config", {});
        if (!own) return tl::make_unexpected(own.error());
        config = std::move(*own);
    }
    auto run = run_audit(source, config, target.scope, std::move(stop));
    for (const auto& warning : source.warnings())
        session.note(warning);
    if (run)
        for (const auto& problem : source.problems())
            session.note(problem.text());
    return run;
}

Result<AuditRun> audit_cluster(const AuditTarget& target, const Session& session, const config::Config& config, std::stop_token stop)
{
    auto options = source_options(target.connection, config);
    if (!options) return tl::make_unexpected(options.error());
    auto connection = open_connection(target.connection, config.kubernetes);
    if (!connection) return tl::make_unexpected(connection.error());
    for (const auto& warning : (*connection)->take_warnings())
        session.note(warning);
    Progress progress{session.err, session.terminal.progress};
    const auto source = with_probes(std::make_unique<kube::LiveSource>(std::move(*connection), std::move(*options), &progress), config);
    return run_audit(*source, config, target.scope, std::move(stop));
}

} // namespace

void add_target_flags(CLI::App& command, AuditTarget& target)
{
    command.add_option("PATH", target.paths, "Manifests or a snapshot: files or folders; - is standard input; none: the cluster");
    command.add_flag("--keep-going", target.keep_going, "Judge the rest of the files when a document is broken; it becomes a gap");
    command.add_option("-n,--namespace", target.ns, "Audit this namespace only")->type_name("NAMESPACE");
    command.add_flag("-A,--all-namespaces", target.all_namespaces, "Audit all namespaces (the default)");
    command.add_option("-l,--selector", target.scope.selector, "Audit the namespaces with these labels only")->type_name("SELECTOR");
    add_config_flag(command, target.connection.config);
    add_connection_flags(command, target.connection);
}

Result<AuditRun> audit_target(AuditTarget target, const Session& session, config::Config& config, std::stop_token stop)
{
    auto loaded = load_configuration(target.connection.config);
    if (!loaded) return tl::make_unexpected(loaded.error());
    config = std::move(*loaded);
    if (!target.ns.empty() && !target.all_namespaces) target.scope.namespaces = {target.ns};
    return target.paths.empty() ? audit_cluster(target, session, config, std::move(stop)) : audit_files(target, session, config, std::move(stop));
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/kube/capture.hpp"

#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "app/configuration.hpp"
#include "app/connection_flags.hpp"
#include "app/interrupt.hpp"
#include "app/probed_source.hpp"
#include "app/progress.hpp"
#include "app/redaction.hpp"
#include "seaworthy/engine/engine.hpp"

namespace seaworthy::app {

namespace {

struct Flags {
    std::string folder;
    ConnectionFlags connection;
};

/// Hands every object that is read to the capture, and the rest to the terminal.
class CaptureObserver : public Progress {
public:
    CaptureObserver(kube::Capture& capture, const Session& session) : Progress(session.err, session.terminal.progress), m_capture(capture) {}

    void object_read(std::string_view resource, std::string_view /*ns*/, std::string_view json) override { m_capture.object(resource, json); }
    void list_restarted(std::string_view resource, std::string_view ns) override { m_capture.restart(resource, ns); }

private:
    kube::Capture& m_capture;
};

std::string text_of(const std::string& file)
{
    if (file.empty()) return {};
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

Result<std::string> capture(const Flags& flags, const Session& session)
{
    const auto config = load_configuration(flags.connection.config);
    if (!config) return tl::make_unexpected(config.error());
    auto options = source_options(flags.connection, *config);
    if (!options) return tl::make_unexpected(options.error());
    auto connection = open_connection(flags.connection, config->kubernetes);
    if (!connection) return tl::make_unexpected(connection.error());
    const auto plan = engine::read_plan(config->settings);
    auto writer = kube::Capture::create(flags.folder, plan, redaction_of(*config));
    if (!writer) return tl::make_unexpected(writer.error());

    const Interrupt interrupt;
    CaptureObserver observer{*writer, session};
    const auto source = with_probes(std::make_unique<kube::LiveSource>(std::move(*connection), std::move(*options), &observer), *config);
    const auto inventory = source->read(plan, interrupt.token());
    if (!inventory) return tl::make_unexpected(inventory.error());
    if (interrupt.token().stop_requested()) return failure(Error::Kind::cancelled, fmt::format("interrupted: {} is not complete", flags.folder));
    SEAWORTHY_TRY(writer->finish(*inventory, text_of(configuration_file(flags.connection.config))));
    return inventory->cluster.name;
}

} // namespace

void add_capture(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "capture", "Save what an audit reads, redacted, as a snapshot that audit judges the same",
                                "  seaworthy capture -d snapshot\n"
                                "  seaworthy audit snapshot");
    auto flags = std::make_shared<Flags>();
    command.add_option("-d,--directory", flags->folder, "Folder to write: new, empty, or an earlier capture, which is replaced")
        ->type_name("DIR")
        ->required();
    add_config_flag(command, flags->connection.config);
    add_connection_flags(command, flags->connection);
    command.callback([&session, flags] {
        session.action = [&session, flags] {
            const auto cluster = capture(*flags, session);
            if (!cluster) return session.complain(cluster.error());
            session.note(fmt::format("captured {}; `seaworthy audit {}` judges it", *cluster, flags->folder));
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app

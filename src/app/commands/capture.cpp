// SPDX-License-Identifier: Apache-2.0
#include "app/capture.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "app/commands/command.hpp"
#include "app/configuration.hpp"
#include "app/connection_flags.hpp"
#include "app/interrupt.hpp"
#include "seaworthy/engine/engine.hpp"

namespace seaworthy::app {

namespace {

namespace fs = std::filesystem;

struct Flags {
    std::string folder;
    ConnectionFlags connection;
};

/// A folder beside the wanted one that becomes it when all is written, and goes otherwise.
class Draft {
public:
    explicit Draft(const fs::path& wanted) : m_wanted(wanted)
    {
        auto name = (fs::absolute(wanted).parent_path() / ("." + wanted.filename().string() + ".XXXXXX")).string();
        if (mkdtemp(name.data()) != nullptr) m_folder = name;
    }
    ~Draft()
    {
        std::error_code ignored;
        if (!m_folder.empty()) fs::remove_all(m_folder, ignored);
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    /// Empty if it could not be made.
    [[nodiscard]] const fs::path& folder() const { return m_folder; }
    std::error_code keep()
    {
        std::error_code error;
        fs::rename(m_folder, m_wanted, error); // over an empty folder too
        if (!error) m_folder.clear();
        return error;
    }

private:
    fs::path m_wanted;
    fs::path m_folder;
};

std::string text_of(const std::string& file)
{
    std::ifstream stream{file, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

ExitCode capture(const Flags& flags, const Session& session)
{
    auto folder = fs::path{flags.folder}.lexically_normal();
    if (folder.filename().empty()) folder = folder.parent_path();
    std::error_code ignored;
    if (fs::exists(folder, ignored) && (!fs::is_directory(folder, ignored) || !fs::is_empty(folder, ignored)))
        return session.complain({Error::Kind::usage, fmt::format("{} is not an empty folder", folder.string()), "name one that does not exist yet"});
    const auto config = load_configuration(flags.connection.config);
    if (!config) return session.complain(config.error());
    auto connection = open_connection(flags.connection, config->kubernetes);
    if (!connection) return session.complain(connection.error());
    auto options = source_options(flags.connection, *config);
    if (!options) return session.complain(options.error());
    Draft draft{folder};
    if (draft.folder().empty()) return session.complain({Error::Kind::internal, fmt::format("{} cannot be made: {}", folder.string(), std::strerror(errno)), {}});

    const Interrupt interrupt;
    Capture writer{draft.folder(), Redaction{*config}};
    kube::LiveSource source{std::move(*connection), std::move(*options), &writer};
    const auto inventory = source.read(engine::read_plan(config->settings), interrupt.token());
    if (!inventory) return session.complain(inventory.error());
    if (interrupt.token().stop_requested()) return session.complain({Error::Kind::cancelled, "interrupted: nothing was written", {}});
    const auto file = configuration_file(flags.connection.config);
    if (const auto written = writer.finish(*inventory, file.empty() ? std::string{} : text_of(file)); !written) return session.complain(written.error());
    if (const auto error = draft.keep()) return session.complain({Error::Kind::internal, fmt::format("{} cannot be written: {}", folder.string(), error.message()), {}});
    session.note(fmt::format("captured {}; seaworthy audit {} judges it", inventory->cluster.name, folder.string()));
    return ExitCode::ok;
}

} // namespace

void add_capture(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "capture", "Save what an audit reads, redacted, as a snapshot that audit judges the same",
                                "  seaworthy capture -d snapshot\n"
                                "  seaworthy audit snapshot");
    auto flags = std::make_shared<Flags>();
    command.add_option("-d,--directory", flags->folder, "Folder to write: empty or not there yet")->type_name("DIR")->required();
    add_config_flag(command, flags->connection.config);
    add_connection_flags(command, flags->connection);
    command.callback([&session, flags] { session.action = [&session, flags] { return capture(*flags, session); }; });
}

} // namespace seaworthy::app

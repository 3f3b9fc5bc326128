// SPDX-License-Identifier: Apache-2.0
#include "app/version.hpp"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "app/commands/command.hpp"

namespace seaworthy::app {

void add_version(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "version", "Print the version", "  seaworthy version -o json");
    auto format = std::make_shared<std::string>("text");
    command.add_option("-o,--output", *format, "text or json")->check(CLI::IsMember({"text", "json"}))->type_name("FORMAT");
    command.callback([&session, format] {
        session.action = [&session, format] {
            if (*format == "json") {
                const nlohmann::ordered_json document{{"version", version()}, {"revision", revision()}, {"compiler", compiler()}};
                session.out << document.dump() << "\n";
            } else {
                session.out << "seaworthy " << version() << (revision().empty() ? "" : " (") << revision() << (revision().empty() ? "" : ")") << "\n";
            }
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/publish/metrics.hpp"

#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "app/commands/command.hpp"

namespace seaworthy::app {

void add_metrics(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "metrics", "Describe the metrics", "  seaworthy metrics list\n  seaworthy metrics list -o json");
    command.require_subcommand(1);
    auto format = std::make_shared<std::string>("table");
    auto* list = command.add_subcommand("list", "Every metric: name, type, labels, meaning, stability");
    list->add_option("-o,--output", *format, "table, json or markdown")->type_name("FORMAT");
    list->callback([&session, format] {
        session.action = [&session, format] {
            const auto text = publish::list_metrics(*format);
            if (!text) return session.complain(text.error());
            session.out << *text;
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app

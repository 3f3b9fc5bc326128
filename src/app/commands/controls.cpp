// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "app/control_pages.hpp"
#include "seaworthy/base/suggestion.hpp"
#include "seaworthy/controls/catalog.hpp"

namespace seaworthy::app {

namespace {

ExitCode explain_one(const std::string& id, const std::string& format, const Session& session)
{
    const auto style = format == "markdown" ? PageStyle::markdown : PageStyle::text;
    if (const auto* control = controls::find_control(id)) {
        session.out << explain(*control, style);
        return ExitCode::ok;
    }
    if (const auto* check = controls::find_check(id)) {
        session.out << explain(*check, *controls::control_of(*check), style);
        return ExitCode::ok;
    }
    std::vector<std::string_view> ids;
    for (const auto* control : controls::catalog()) {
        ids.push_back(control->id);
        for (const auto& check : control->checks)
            ids.push_back(check.id);
    }
    return session.complain({Error::Kind::usage, fmt::format("there is no control or check \"{}\"{}", id, did_you_mean(id, ids)),
                             "seaworthy controls list shows them all"});
}

} // namespace

void add_controls(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "controls", "List and explain what is judged",
                                "  seaworthy controls list\n"
                                "  seaworthy controls explain network-policies\n"
                                "  seaworthy controls list -o json");
    command.require_subcommand(1);

    auto format = std::make_shared<std::string>("table");
    auto* list = command.add_subcommand("list", "The nineteen controls and every check");
    list->add_option("-o,--output", *format, "table, json or markdown")->check(CLI::IsMember({"table", "json", "markdown"}))->type_name("FORMAT");
    list->callback([&session, format] {
        session.action = [&session, format] {
            const auto catalog = controls::catalog();
            session.out << (*format == "json"       ? controls_json(catalog)
                            : *format == "markdown" ? controls_markdown(catalog)
                                                    : controls_table(catalog));
            return ExitCode::ok;
        };
    });

    auto id = std::make_shared<std::string>();
    auto page_format = std::make_shared<std::string>("text");
    auto* explanation = command.add_subcommand("explain", "What a control or a check judges, why, and what to do");
    explanation->add_option("ID", *id, "A control or a check")->required();
    explanation->add_option("-o,--output", *page_format, "text or markdown")->check(CLI::IsMember({"text", "markdown"}))->type_name("FORMAT");
    explanation->callback(
        [&session, id, page_format] { session.action = [&session, id, page_format] { return explain_one(*id, *page_format, session); }; });
}

} // namespace seaworthy::app

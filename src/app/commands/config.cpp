// SPDX-License-Identifier: Apache-2.0
#include <iterator>
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>

#include "app/commands/command.hpp"
#include "app/configuration.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"

namespace seaworthy::app {

namespace {

ExitCode validate(const std::string& file, const Session& session)
{
    auto loaded = file == "-" ? config::load_text(std::string{std::istreambuf_iterator<char>{session.in}, {}},
                                                  {.name = "standard input", .now = now()}, controls::catalog())
                              : config::load_file(file, now(), controls::catalog());
    if (loaded) {
        session.note(file + " is valid");
        return ExitCode::ok;
    }
    session.err << config::format(loaded.error()) << "\n";
    return ExitCode::usage;
}

} // namespace

void add_config(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "config", "Check and describe the configuration file",
                                "  seaworthy config default > seaworthy.yaml    every key with its default and a line of why\n"
                                "  seaworthy config validate seaworthy.yaml     all errors at once\n"
                                "  seaworthy config schema > schema.json        for editors");
    command.require_subcommand(1);

    auto file = std::make_shared<std::string>();
    auto* validation = command.add_subcommand("validate", "Name all errors of a file, with line and column");
    validation->add_option("FILE", *file, "The file, or - for standard input")->required();
    validation->callback([&session, file] { session.action = [&session, file] { return validate(*file, session); }; });

    auto format = std::make_shared<std::string>("yaml");
    auto* defaults = command.add_subcommand("default", "Print every key with its default");
    defaults->add_option("-o,--output", *format, "yaml, or markdown for the reference page")
        ->check(CLI::IsMember({"yaml", "markdown"}))
        ->type_name("FORMAT");
    defaults->callback([&session, format] {
        session.action = [&session, format] {
            session.out << (*format == "yaml" ? config::default_yaml(controls::catalog()) : config::markdown(controls::catalog()));
            return ExitCode::ok;
        };
    });

    command.add_subcommand("schema", "Print a JSON Schema (2020-12) of the file")->callback([&session] {
        session.action = [&session] {
            session.out << config::json_schema(controls::catalog());
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "app/run.hpp"

#include <algorithm>
#include <cctype>
#include <exception>
#include <istream>
#include <memory>
#include <ostream>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/suggestion.hpp"

namespace seaworthy::app {

namespace {

/// Help with the examples on top: most readers look for a line to copy.
class ExamplesFirst : public CLI::Formatter {
public:
    std::string make_help(const CLI::App* app, std::string name, CLI::AppFormatMode mode) const override
    {
        if (mode == CLI::AppFormatMode::Sub) return CLI::Formatter::make_help(app, name, mode);
        std::string out = make_description(app);
        if (const auto examples = app->get_footer(); !examples.empty()) out += "\nExamples:\n" + examples + "\n\n";
        out += make_usage(app, name);
        out += make_positionals(app);
        out += make_groups(app, mode);
        out += make_subcommands(app, mode);
        // The parts bring a blank line each, in front or behind.
        for (std::size_t at = 0; (at = out.find("\n\n\n", at)) != std::string::npos;)
            out.erase(at, 1);
        return out;
    }
    std::string make_option_opts(const CLI::Option* option) const override
    {
        return option->get_type_name().empty() ? std::string{} : " " + option->get_type_name().substr(0, option->get_type_name().find(':'));
    }
};

std::vector<std::string_view> subcommands(const CLI::App& command)
{
    std::vector<std::string_view> names;
    for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; }))
        names.emplace_back(child->get_name());
    return names;
}

/// The command that the arguments lead to, and the first word that is none where one was due.
struct Path {
    const CLI::App* command;
    std::string name;
    std::string stray;
};

Path follow(const CLI::App& root, std::span<const std::string> arguments)
{
    Path path{&root, "seaworthy", {}};
    for (const auto& word : arguments) {
        const auto children = subcommands(*path.command);
        if (children.empty() || word.starts_with('-')) return path;
        if (std::ranges::find(children, word) == children.end()) {
            path.stray = word;
            return path;
        }
        path.command = path.command->get_subcommand(word);
        path.name += " " + word;
    }
    return path;
}

/// The flag among the candidates that is nearest to what was typed.
std::string flag_hint(const CLI::App& command, std::string word)
{
    word = word.substr(0, word.find('='));
    std::vector<std::string> flags;
    for (const auto* option : command.get_options())
        for (const auto& name : option->get_lnames())
            flags.push_back("--" + name);
    const std::vector<std::string_view> candidates{flags.begin(), flags.end()};
    return word.starts_with("--") ? did_you_mean(word, candidates) : std::string{};
}

ExitCode explain(const CLI::ParseError& error, const CLI::App& root, std::span<const std::string> arguments, const Session& session)
{
    const auto path = follow(root, arguments);
    std::string message = error.what();
    if (!path.stray.empty()) {
        message = fmt::format("unknown command \"{}\"{}", path.stray, did_you_mean(path.stray, subcommands(*path.command)));
    } else if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        const auto extras = path.command->remaining(true);
        const auto& word = extras.empty() ? arguments.back() : extras.front();
        message = fmt::format("{} \"{}\"{}", word.starts_with('-') ? "unknown flag" : "unexpected argument", word, flag_hint(*path.command, word));
    }
    return session.complain({Error::Kind::usage, message, path.name + " --help shows what there is"});
}

void add_commands(CLI::App& root, Session& session)
{
    add_audit(root, session);
    add_serve(root, session);
    add_demo(root, session);
    add_capture(root, session);
    add_controls(root, session);
    add_rbac(root, session);
    add_config(root, session);
    add_metrics(root, session);
    add_exemptions(root, session);
    add_sinks(root, session);
    add_node_probe(root, session);
    add_completion(root, session);
    add_man(root, session);
    add_version(root, session);
}

constexpr auto k_examples = "  seaworthy demo                          a daemon on a built-in cluster, to look around\n"
                            "  seaworthy audit                         judge the cluster of the current kubeconfig context\n"
                            "  seaworthy audit manifests/ -o json      judge manifests, as in a CI job\n"
                            "  seaworthy controls explain rbac         what is judged, and why\n"
                            "  seaworthy serve --config seaworthy.yaml the daemon";

ExitCode dispatch(std::span<const std::string> arguments, Session& session)
{
    CLI::App root{"Judges a Kubernetes cluster against nineteen readiness controls and publishes the verdicts.", "seaworthy"};
    root.formatter(std::make_shared<ExamplesFirst>());
    root.footer(k_examples);
    root.require_subcommand(1);
    root.set_help_flag("-h,--help", "Print this help and exit");
    add_commands(root, session);
    if (arguments.empty()) {
        session.err << root.help();
        return ExitCode::usage;
    }
    try {
        // CLI11 takes the arguments from the back.
        root.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
    } catch (const CLI::CallForHelp&) {
        const CLI::App* command = &root;
        std::string parents;
        while (!command->get_subcommands().empty()) {
            parents += (parents.empty() ? "" : " ") + command->get_name();
            command = command->get_subcommands().front();
        }
        session.out << command->help(parents);
        return ExitCode::ok;
    } catch (const CLI::ParseError& error) {
        return explain(error, root, arguments, session);
    }
    return session.action();
}

} // namespace

ExitCode Session::complain(const Error& error) const
{
    // Several problems come as several lines; a single one and what to do about it are one line.
    err << "seaworthy: " << error.message;
    if (!error.hint.empty()) {
        const bool sentence = std::isupper(static_cast<unsigned char>(error.hint.front())) != 0;
        err << (error.message.find('\n') != std::string::npos ? "\n" : sentence ? ". " : "; ") << error.hint;
    }
    err << "\n";
    return error.kind == Error::Kind::usage ? ExitCode::usage : ExitCode::failed;
}

void Session::note(std::string_view message) const
{
    err << "seaworthy: " << printable(message, 4096) << "\n";
}

CLI::App& add_command(CLI::App& parent, const std::string& name, const std::string& description, const std::string& examples)
{
    auto* command = parent.add_subcommand(name, description);
    command->footer(examples);
    return *command;
}

int run(std::span<const std::string> arguments, std::istream& in, std::ostream& out, std::ostream& err)
{
    Session session{in, out, err, Terminal::of_this_process(), {}};
    auto code = ExitCode::failed;
    try {
        code = dispatch(arguments, session);
    } catch (const std::exception& error) {
        session.note(fmt::format("internal error: {}", error.what()));
    }
    out.flush();
    // A full disk or a reader that went away: what was asked for did not arrive.
    if (!out && code == ExitCode::ok) code = ExitCode::failed;
    return static_cast<int>(code);
}

} // namespace seaworthy::app

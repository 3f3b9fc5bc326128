// SPDX-License-Identifier: Apache-2.0
#include <ostream>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "app/version.hpp"

namespace seaworthy::app {

namespace {

/// Text for man(7): no line of it is a request, and hyphens are those that one types.
std::string roff(std::string_view text)
{
    std::string out;
    bool line_begins = true;
    for (const char c : text) {
        if (line_begins && (c == '.' || c == '\'')) out += "\\&";
        line_begins = c == '\n';
        switch (c) {
        case '\\': out += "\\e"; break;
        case '-': out += "\\-"; break;
        case '"': out += "\\(dq"; break;
        case '~': out += "\\(ti"; break;
        case '^': out += "\\(ha"; break;
        default: out += c;
        }
    }
    return out;
}

bool is_own(const CLI::Option& option)
{
    return option.get_lnames() != std::vector<std::string>{"help"};
}

/// "\fB-o\fR, \fB--output\fR \fIFORMAT\fR"
std::string synopsis(const CLI::Option& option)
{
    std::string out;
    for (const auto& name : option.get_snames())
        out += fmt::format("{}\\fB{}\\fR", out.empty() ? "" : ", ", roff("-" + name));
    for (const auto& name : option.get_lnames())
        out += fmt::format("{}\\fB{}\\fR", out.empty() ? "" : ", ", roff("--" + name));
    if (out.empty()) return fmt::format("\\fI{}\\fR", roff(option.get_name(true)));
    if (option.get_items_expected_max() > 0) out += fmt::format(" \\fI{}\\fR", roff(option.get_type_name()));
    return out;
}

void write_command(const CLI::App& command, const std::string& path, std::ostream& out)
{
    out << fmt::format(".SS \"{}\"\n{}.\n", roff(path), roff(command.get_description()));
    for (const auto* option : command.get_options([](const CLI::Option* one) { return is_own(*one); }))
        out << fmt::format(".TP\n{}\n{}\n", synopsis(*option), roff(option->get_description()));
    if (const auto examples = command.get_footer(); !examples.empty()) out << ".PP\nExamples:\n.PP\n.nf\n" << roff(examples) << "\n.fi\n";
    for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; }))
        write_command(*child, path + " " + child->get_name(), out);
}

constexpr std::string_view k_tail = R"(.SH "EXIT STATUS"
.TP
0
All is as demanded.
.TP
1
Could not do what was asked.
.TP
2
Wrong usage or configuration.
.TP
3
A finding at or above \fB\-\-fail\-on\fR; of \fBaudit diff\fR, a new one.
.TP
4
The score is below \fB\-\-min\-score\fR.
.TP
5
Something could not be observed, and \fB\-\-strict\fR was given.
.SH ENVIRONMENT
.TP
.B SEAWORTHY_CONFIG
The configuration file where \fB\-\-config\fR is not given.
.TP
.B KUBECONFIG
As for kubectl.
.TP
.B NO_COLOR
Not empty: no colours.
.TP
.BR HTTPS_PROXY ", " NO_PROXY
As for curl, for the API server and probes.
)";

} // namespace

void add_man(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "man", "Print the manual page", "  seaworthy man | man -l -");
    command.callback([&session, &root] {
        session.action = [&session, &root] {
            session.out
                << fmt::format(
                       ".TH SEAWORTHY 1 \"\" \"Seaworthy {}\" \"User Commands\"\n.SH NAME\nseaworthy \\- is the cluster fit for production?\n",
                       roff(version()))
                << ".SH SYNOPSIS\n.B seaworthy\n.I COMMAND\n[\\fIOPTION\\fR]...\n.SH DESCRIPTION\n"
                << roff(root.get_description()) << "\n.PP\n.nf\n"
                << roff(root.get_footer()) << "\n.fi\n.SH COMMANDS\n";
            for (const auto* child : root.get_subcommands([](const CLI::App*) { return true; }))
                write_command(*child, child->get_name(), session.out);
            session.out << k_tail;
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app

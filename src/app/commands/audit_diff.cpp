// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>
#include <sstream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands/command.hpp"
#include "seaworthy/publish/report_diff.hpp"

namespace seaworthy::app {

namespace {

struct Flags {
    std::string before;
    std::string after;
    std::string format = "text";
    std::string fail_on = "info";
    bool fail_on_warn = false;
};

ExitCode diff(const Flags& flags, const Session& session)
{
    const auto before = publish::read_saved_report(flags.before);
    if (!before) return session.complain(before.error());
    const auto after = publish::read_saved_report(flags.after);
    if (!after) return session.complain(after.error());
    const auto difference = publish::compare(*before, *after);
    if (flags.format == "json")
        publish::write_diff_json(difference, session.out);
    else if (flags.format == "markdown")
        publish::write_diff_markdown(difference, session.out);
    else
        publish::write_diff_text(difference, session.out);
    const auto gated = publish::count_gated(difference, *check::parse_severity(flags.fail_on), flags.fail_on_warn);
    if (gated == 0) return ExitCode::ok;
    session.note(fmt::format("{} new {} of severity {} or above", gated, gated == 1 ? "finding" : "findings", flags.fail_on));
    return ExitCode::finding;
}

} // namespace

void add_audit_diff(CLI::App& audit, Session& session)
{
    auto& command = add_command(audit, "diff", "Compare two reports of audit -o json: only what is new fails",
                                "  seaworthy audit diff main.json branch.json                  exit 3 where a check fails that did not\n"
                                "  seaworthy audit diff old.json new.json --fail-on high       of severity high or critical\n"
                                "  seaworthy audit diff old.json new.json -o markdown          for a comment on a pull request");
    auto flags = std::make_shared<Flags>();
    command.add_option("OLD", flags->before, "The report to compare with")->required();
    command.add_option("NEW", flags->after, "The report of now")->required();
    command.add_option("-o,--output", flags->format, "text, markdown or json")
        ->check(CLI::IsMember({"text", "markdown", "json"}))
        ->type_name("FORMAT");
    command.add_option("--fail-on", flags->fail_on, "Exit 3 for a new failed check of this severity or above (default: any)")
        ->check(CLI::IsMember({"critical", "high", "medium", "low", "info"}))
        ->type_name("SEVERITY");
    command.add_flag("--fail-on-warn", flags->fail_on_warn, "New warnings count as well");
    command.callback([&session, flags] { session.action = [&session, flags] { return diff(*flags, session); }; });
}

} // namespace seaworthy::app

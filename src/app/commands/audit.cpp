// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/audit_gate.hpp"
#include "app/audit_target.hpp"
#include "app/commands/command.hpp"
#include "app/interrupt.hpp"
#include "app/output_file.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/base/suggestion.hpp"
#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/publish/reports.hpp"

namespace seaworthy::app {

namespace {

struct Flags {
    std::vector<std::string> outputs;
    std::string output_file;
    std::vector<std::string> show;
    std::vector<std::string> controls;
    std::vector<std::string> checks;
    std::vector<std::string> severities;
    std::string fail_on;
    Gate gate;
    bool no_color = false;
    AuditTarget target;
};

/// One `-o`: a format and where it goes; no file: standard output.
struct Output {
    publish::Writer write;
    std::string file;
};

Result<std::vector<Output>> parse_outputs(const Flags& flags)
{
    std::vector<Output> outputs;
    const auto written = flags.outputs.empty() ? std::vector<std::string>{std::string{publish::formats().front().name}} : flags.outputs;
    for (const auto& text : written) {
        const auto equals = text.find('=');
        const auto writer = publish::writer(text.substr(0, equals));
        if (!writer) return tl::make_unexpected(writer.error());
        if (equals != std::string::npos && equals + 1 == text.size())
            return failure(Error::Kind::usage, fmt::format("-o {}: the file's name is missing", text));
        outputs.push_back({*writer, equals == std::string::npos ? flags.output_file : text.substr(equals + 1)});
    }
    const auto to_one_place = [](const Output& a, const Output& b) { return a.file == b.file; };
    for (std::size_t i = 0; i < outputs.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (to_one_place(outputs[i], outputs[j]))
                return failure(Error::Kind::usage, fmt::format("two formats go to {}; write -o FORMAT=FILE for all but one",
                                                               outputs[i].file.empty() ? "standard output" : outputs[i].file));
    return outputs;
}

Error no_such(std::string_view flag, const std::string& word, std::span<const std::string_view> known)
{
    return {Error::Kind::usage, fmt::format("{}: there is no \"{}\"{}", flag, word, did_you_mean(word, known)), {}};
}

Result<void> check_names(const Flags& flags)
{
    std::vector<std::string_view> control_ids;
    std::vector<std::string_view> check_ids;
    for (const auto* control : controls::catalog()) {
        control_ids.push_back(control->id);
        for (const auto& check : control->checks)
            check_ids.push_back(check.id);
    }
    for (const auto& word : flags.controls)
        if (controls::find_control(word) == nullptr) return tl::make_unexpected(no_such("--controls", word, control_ids));
    for (const auto& word : flags.checks)
        if (std::ranges::none_of(check_ids, [&](std::string_view id) { return glob_match(word, id); }))
            return tl::make_unexpected(no_such("--checks", word, check_ids));
    return {};
}

Result<report::Severity> parse_severity(std::string_view flag, const std::string& word)
{
    constexpr std::string_view names[] = {"critical", "high", "medium", "low", "info"};
    if (const auto severity = check::parse_severity(word)) return *severity;
    return tl::make_unexpected(no_such(flag, word, names));
}

Result<publish::FormatOptions> parse_options(const Flags& flags, const Terminal& terminal)
{
    SEAWORTHY_TRY(check_names(flags));
    publish::FormatOptions options;
    options.controls = flags.controls;
    options.checks = flags.checks;
    options.color = terminal.color && !flags.no_color;
    options.unicode = terminal.unicode;
    options.width = terminal.width;
    for (const auto& word : flags.severities) {
        const auto severity = parse_severity("--severity", word);
        if (!severity) return tl::make_unexpected(severity.error());
        options.severities.push_back(*severity);
    }
    // A person at a terminal sees the summary beside the worst results; who chooses any, or reads a file or a pipe, gets all of them.
    constexpr int k_on_a_terminal = 30;
    const bool chosen = !flags.show.empty() || !flags.severities.empty() || !flags.checks.empty() || !flags.controls.empty();
    if (terminal.width > 0 && !chosen) options.max_findings = k_on_a_terminal;
    if (flags.show.empty()) return options;
    constexpr std::string_view names[] = {"fail", "warn", "unknown", "pass", "not_applicable", "all"};
    options.show.emplace();
    for (const auto& word : flags.show) {
        if (word == "all") {
            *options.show = {report::Status::fail, report::Status::unknown, report::Status::warn, report::Status::pass,
                             report::Status::not_applicable};
            return options;
        }
        const auto status = check::parse_status(word);
        if (!status) return tl::make_unexpected(no_such("--show", word, names));
        options.show->push_back(*status);
    }
    return options;
}

Result<void> write_outputs(const std::vector<Output>& outputs, const report::Report& report, const publish::Imprint& imprint,
                           const publish::FormatOptions& options, std::ostream& out)
{
    // Files first: whoever reads standard output may rely on them.
    auto for_file = options;
    for_file.color = false;
    for_file.width = 0;
    for_file.max_findings = 0;
    for (const auto& output : outputs)
        if (!output.file.empty()) SEAWORTHY_TRY(write_file(output.file, [&](std::ostream& file) { output.write(report, imprint, for_file, file); }));
    errno = 0;
    for (const auto& output : outputs)
        if (output.file.empty()) output.write(report, imprint, options, out);
    out.flush();
    if (!out && errno == EPIPE) return {}; // the reader has seen enough; run() gives the exit code
    if (!out) return failure(Error::Kind::internal, "the report could not be written to standard output");
    return {};
}

ExitCode audit(Flags& flags, const Session& session)
{
    const auto outputs = parse_outputs(flags);
    if (!outputs) return session.complain(outputs.error());
    const auto options = parse_options(flags, session.terminal);
    if (!options) return session.complain(options.error());
    if (!flags.fail_on.empty()) {
        const auto severity = parse_severity("--fail-on", flags.fail_on);
        if (!severity) return session.complain(severity.error());
        flags.gate.fail_on = *severity;
    }
    if (flags.gate.warn_counts && !flags.gate.fail_on) flags.gate.fail_on = report::Severity::info;
    const Interrupt interrupt;
    config::Config config;
    const auto run = audit_target(flags.target, session, config, interrupt.token());
    if (!run) return session.complain(run.error());
    if (const auto written = write_outputs(*outputs, *run->report, imprint_of(config), *options, session.out); !written)
        return session.complain(written.error());
    const auto verdict = judge_gate(*run->report, flags.gate, *options);
    if (!verdict.message.empty()) session.note(verdict.message);
    return verdict.code;
}

void add_output_flags(CLI::App& command, Flags& flags)
{
    std::string formats;
    for (const auto& format : publish::formats())
        formats += fmt::format("{}{}", formats.empty() ? "" : ", ", format.name);
    command.add_option("-o,--output", flags.outputs, "Format: " + formats + "; FORMAT=FILE for a file; may be repeated")
        ->type_name("FORMAT[=FILE]")
        ->allow_extra_args(false);
    command.add_option("--output-file", flags.output_file, "Write the report there, whole or not at all, in place of standard output")
        ->type_name("FILE");
    const auto list = [&](const char* name, std::vector<std::string>& place, const char* type, const char* description) {
        command.add_option(name, place, description)->type_name(type)->delimiter(',')->allow_extra_args(false);
    };
    list("--show", flags.show, "STATUS[,STATUS]", "Results to show: fail, warn, unknown, pass, not_applicable or all");
    list("--controls", flags.controls, "ID[,ID]", "Show these controls only");
    list("--checks", flags.checks, "ID[,ID]", "Show these checks only, * as wildcard");
    list("--severity", flags.severities, "SEVERITY[,SEVERITY]", "Show these severities only: critical, high, medium, low, info");
    command.add_flag("--no-color", flags.no_color, "No colours, whatever the terminal can do");
}

void add_gate_flags(CLI::App& command, Flags& flags)
{
    const std::string group = "Exit code";
    command.add_option("--fail-on", flags.fail_on, "Exit 3 for a failed check of this severity or above")->type_name("SEVERITY")->group(group);
    command.add_flag("--fail-on-warn", flags.gate.warn_counts, "Warnings count for --fail-on as well")->group(group);
    command.add_option("--min-score", flags.gate.min_score, "Exit 4 for a score below N")
        ->type_name("N")
        ->check(CLI::Range(0.0, 100.0))
        ->group(group);
    command.add_flag("--strict", flags.gate.strict, "Exit 5 where something could not be observed")->group(group);
}

} // namespace

void add_audit(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "audit", "Audit once: the cluster of the current context, or manifests, or a snapshot",
                                "  seaworthy audit                                    the cluster of the current kubeconfig context\n"
                                "  seaworthy audit -n shop --show all                 one namespace, every verdict\n"
                                "  seaworthy audit manifests/ --fail-on high          a CI job: exit 3 for a failed check of severity high\n"
                                "  helm template . | seaworthy audit - -o json        standard input, as JSON\n"
                                "  seaworthy audit -o table -o json=report.json       two formats of one audit");
    auto flags = std::make_shared<Flags>();
    add_target_flags(command, flags->target);
    add_output_flags(command, *flags);
    add_gate_flags(command, *flags);
    add_audit_diff(command, session);
    command.callback([&session, flags, &command] {
        if (command.get_subcommands().empty()) session.action = [&session, flags] { return audit(*flags, session); };
    });
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/audit_target.hpp"
#include "app/commands/command.hpp"
#include "app/interrupt.hpp"
#include "seaworthy/base/printable.hpp"

namespace seaworthy::app {

namespace {

constexpr seconds k_soon = std::chrono::hours{24 * 30};

/// expired, expiring (within 30 days), unused (no finding is covered), active.
std::string_view state_of(const report::ExemptionUse& use, Timestamp at)
{
    if (use.expired) return "expired";
    const auto& until = use.exemption.until;
    if (until.known() && at.known() && until.unix_seconds() - at.unix_seconds() < k_soon.count()) return "expiring";
    return use.matched == 0 ? "unused" : "active";
}

std::string what(const check::Exemption& exemption)
{
    const auto& list = exemption.checks.empty() ? exemption.controls : exemption.checks;
    return fmt::format("{}", fmt::join(list, ","));
}

void write_json(const report::Report& report, std::ostream& out)
{
    auto document = nlohmann::ordered_json::array();
    for (const auto& use : report.exemptions) {
        const auto& exemption = use.exemption;
        document.push_back({{"id", exemption.id},
                            {"state", state_of(use, report.generated_at)},
                            {"matched", use.matched},
                            {"checks", exemption.checks},
                            {"controls", exemption.controls},
                            {"namespaces", exemption.namespaces},
                            {"reason", exemption.reason},
                            {"owner", exemption.owner},
                            {"until", format_rfc3339(exemption.until)}});
    }
    out << document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) << "\n";
}

void write_table(const report::Report& report, std::ostream& out)
{
    if (report.exemptions.empty()) {
        out << "no exemptions\n";
        return;
    }
    constexpr auto row = "{:<9}  {:>8}  {:<20}  {:<24}  {:<30}  {}\n";
    out << fmt::format(row, "STATE", "FINDINGS", "UNTIL", "OWNER", "EXEMPTS", "REASON");
    for (const auto& use : report.exemptions) {
        const auto& exemption = use.exemption;
        constexpr std::size_t widest = 60;
        out << fmt::format(row, state_of(use, report.generated_at), use.matched, format_rfc3339(exemption.until), printable(exemption.owner, widest),
                           printable(what(exemption), widest), printable(exemption.reason));
    }
}

} // namespace

void add_exemptions(CLI::App& root, Session& session)
{
    auto& command = add_command(root, "exemptions", "Show which exemptions are active, expired, expiring or unused",
                                "  seaworthy exemptions list --config seaworthy.yaml\n"
                                "  seaworthy exemptions list snapshot/ -o json");
    command.require_subcommand(1);
    struct Flags {
        AuditTarget target;
        std::string format = "table";
    };
    auto flags = std::make_shared<Flags>();
    auto* list = command.add_subcommand("list", "Audit once and show every exemption with the findings that it covers");
    list->add_option("-o,--output", flags->format, "table or json")->check(CLI::IsMember({"table", "json"}))->type_name("FORMAT");
    add_target_flags(*list, flags->target);
    list->callback([&session, flags] {
        session.action = [&session, flags] {
            const Interrupt interrupt;
            config::Config config;
            const auto run = audit_target(flags->target, session, config, interrupt.token());
            if (!run) return session.complain(run.error());
            if (flags->format == "json") {
                write_json(*run->report, session.out);
            } else {
                write_table(*run->report, session.out);
            }
            return ExitCode::ok;
        };
    });
}

} // namespace seaworthy::app

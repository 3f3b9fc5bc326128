// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <ostream>

#include <fmt/format.h>

#include "publish/encoding/escape.hpp"
#include "publish/reports/places.hpp"
#include "publish/reports/remedies.hpp"
#include "publish/reports/report_document.hpp"
#include "publish/reports/terminal.hpp"
#include "publish/reports/writers.hpp"

namespace seaworthy::publish {

namespace {

using Tone = Terminal::Tone;

enum class Extent : std::uint8_t { table, wide };

std::string plural(std::size_t count, std::string_view noun)
{
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// `kind/name`; the namespace has a column of its own.
std::string object_text(const report::Object& object)
{
    if (object.name.empty()) return terminal_safe(object.kind);
    return terminal_safe(object.kind) + '/' + terminal_safe(object.name);
}

std::string evidence_text(const check::Evidence& evidence)
{
    std::string out;
    for (const auto& [key, value] : evidence) {
        out += out.empty() ? "" : ", ";
        out += key + '=';
        if (const auto* text = std::get_if<std::string>(&value))
            out += *text;
        else if (const auto* integer = std::get_if<std::int64_t>(&value))
            out += std::to_string(*integer);
        else if (const auto* number = std::get_if<double>(&value))
            append_number(out, *number);
        else if (const auto* flag = std::get_if<bool>(&value))
            out += *flag ? "true" : "false";
        else
            out += fmt::format("[{}]", fmt::join(std::get<std::vector<std::string>>(value), " "));
    }
    return terminal_safe(out);
}

class TableWriter {
public:
    TableWriter(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out, Extent extent)
        : m_report(report), m_imprint(imprint), m_options(options), m_terminal(options), m_out(out), m_extent(extent)
    {}

    void write()
    {
        summary();
        controls();
        namespaces();
        fix_first();
        gaps();
        findings();
    }

private:
    void heading(std::string_view title, std::string_view note = {})
    {
        m_out << '\n' << m_terminal.paint(title, Tone::strong);
        if (!note.empty()) m_out << "  " << m_terminal.paint(note, Tone::dim);
        m_out << '\n';
    }

    /// Cut to what a line still takes after `used` columns.
    std::string cut_to_line(const std::string& text, std::size_t used) const
    {
        if (m_terminal.width() == 0) return text;
        const auto width = static_cast<std::size_t>(m_terminal.width());
        return m_terminal.cut(text, width - std::min(width, used));
    }

    void summary()
    {
        const auto& report = m_report;
        std::string title = report.cluster_name.empty() ? "cluster" : terminal_safe(report.cluster_name);
        for (const auto& part : {terminal_safe(report.cluster_version), terminal_safe(report.platform == "unknown" ? "" : report.platform),
                                 format_rfc3339(report.generated_at), fmt::format("{:.1f} s", report.duration_seconds)})
            if (!part.empty()) title.append(m_terminal.dot()).append(part);
        m_out << m_terminal.paint(cut_to_line(title, 0), Tone::dim) << "\n\n";

        const auto& score = report.score;
        m_out << "  " << m_terminal.paint("Score", Tone::strong) << "  " << m_terminal.bar(score.score, 24) << "  "
              << m_terminal.paint(m_terminal.score(score.score), Terminal::tone_of_score(score.score)) << " of 100";
        m_out << m_terminal.dot() << "coverage " << m_terminal.score(score.coverage) << " %\n  ";

        using report::Status;
        for (const auto status : {Status::fail, Status::warn, Status::unknown, Status::pass, Status::not_applicable}) {
            const auto name = status == Status::not_applicable ? std::string_view{"not applicable"} : check::name(status);
            const auto count = report.counts.of(status);
            m_out << m_terminal.paint(fmt::format("{} {}", count, name), count > 0 ? Terminal::tone_of(status) : Tone::dim)
                  << (status == Status::not_applicable ? "" : m_terminal.dot());
        }
        m_out << '\n';
        if (report.counts.exempt > 0)
            m_out << "  " << report.counts.exempt << " exempt" << m_terminal.dot() << m_terminal.score(score.score_with_exemptions)
                  << " of 100 with exemptions\n";
        if (const auto attested = attested_count(report); attested > 0) m_out << "  " << attested << " attested, not observed\n";
    }

    void controls()
    {
        heading("CONTROLS");
        constexpr std::size_t k_beside_title = 38; // step, status, bar and score
        constexpr std::size_t k_least_tally = 20;
        std::size_t title_width = 0;
        for (const auto* control : m_imprint.catalog)
            title_width = std::max(title_width, display_width(control->title));
        if (const auto width = static_cast<std::size_t>(m_terminal.width()); width > 0)
            title_width = std::min(title_width, std::max<std::size_t>(width, 80) - k_beside_title - k_least_tally);
        for (const auto& control : m_report.controls) {
            const int step = control.control < m_imprint.catalog.size() ? m_imprint.catalog[control.control]->step : 0;
            m_out << fmt::format("  {:>2}  ", step > 0 ? std::to_string(step) : std::string{m_terminal.dash()})
                  << m_terminal.fit(control_title(control.control, m_imprint), title_width) << "  " << m_terminal.status(control.status) << "  "
                  << m_terminal.bar(control.score.score, 10) << fmt::format(" {:>5}  ", m_terminal.score(control.score.score))
                  << m_terminal.paint(cut_to_line(tally(control.counts), title_width + k_beside_title), Tone::dim) << '\n';
        }
    }

    std::string tally(const report::Counts& counts) const
    {
        using report::Status;
        std::string out;
        for (const auto status : {Status::fail, Status::warn, Status::unknown})
            if (const auto count = counts.of(status); count > 0) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", count, check::name(status));
        if (counts.exempt > 0) out += fmt::format("{}{} exempt", out.empty() ? "" : ", ", counts.exempt);
        return out;
    }

    void namespaces()
    {
        auto sorted = std::vector<const report::NamespaceSummary*>{};
        for (const auto& ns : m_report.namespaces)
            if (!ns.system || m_extent == Extent::wide) sorted.push_back(&ns);
        if (sorted.empty()) return;
        std::ranges::stable_sort(sorted, {}, [](const auto* ns) { return ns->score.score.value_or(101); });
        constexpr std::size_t k_shown = 12;
        const auto shown = m_extent == Extent::wide ? sorted.size() : std::min(sorted.size(), k_shown);
        std::size_t width = 9;
        for (std::size_t i = 0; i < shown; ++i)
            width = std::max(width, display_width(terminal_safe(sorted[i]->name)));
        constexpr std::size_t k_beside_name = 52;
        const auto terminal = static_cast<std::size_t>(m_terminal.width());
        width = std::min(width, terminal == 0 ? 40 : std::clamp<std::size_t>(terminal - std::min(terminal, k_beside_name), 9, 40));

        heading("NAMESPACES", "worst first");
        m_out << m_terminal.paint(
                     fmt::format("  {:<{}}  {:<16}  {:>8}  {:>4} {:>4} {:>4} {:>4}", "", width, "score", "coverage", "crit", "high", "med", "low"),
                     Tone::dim)
              << '\n';
        for (std::size_t i = 0; i < shown; ++i) {
            const auto& ns = *sorted[i];
            m_out << "  " << m_terminal.fit(terminal_safe(ns.name), width) << "  " << m_terminal.bar(ns.score.score, 10)
                  << fmt::format(" {:>5}  {:>8}  ", m_terminal.score(ns.score.score), m_terminal.score(ns.score.coverage));
            for (const auto severity : {report::Severity::critical, report::Severity::high, report::Severity::medium, report::Severity::low}) {
                const auto count = ns.findings[static_cast<std::size_t>(severity)];
                m_out << m_terminal.paint(fmt::format("{:>4} ", count), count > 0 ? Terminal::tone_of(severity) : Tone::dim);
            }
            m_out << m_terminal.paint(ns.system ? " system" : terminal_safe(ns.tenant), Tone::dim) << '\n';
        }
        if (shown < sorted.size()) m_out << m_terminal.paint(fmt::format("  {} more in -o wide", sorted.size() - shown), Tone::dim) << '\n';
    }

    void fix_first()
    {
        const auto list = remedies(m_report);
        if (list.empty()) return;
        heading("FIX FIRST", "what adds most points");
        for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), 5); ++i) {
            const auto& remedy = list[i];
            std::vector<std::string> names;
            for (const auto ns : remedy.namespaces)
                names.push_back(ns.empty() ? "cluster" : terminal_safe(ns));
            auto where = fmt::format("{}", fmt::join(names.begin(), names.begin() + std::min<std::ptrdiff_t>(3, std::ssize(names)), ", "));
            if (names.size() > 3) where += fmt::format(" and {} more", names.size() - 3);
            m_out << fmt::format("  {}. ", i + 1) << m_terminal.paint(fmt::format("{:+.2f}", remedy.worth), Tone::good) << "  "
                  << cut_to_line(terminal_safe(remedy.check->title), 12) << '\n'
                  << m_terminal.paint(
                         cut_to_line(fmt::format("     {}{}{} in {}", remedy.check->id, m_terminal.dot(), plural(remedy.findings, "finding"), where),
                                     0),
                         Tone::dim)
                  << '\n';
        }
        m_out << m_terminal.paint("  seaworthy controls explain CHECK tells why and how", Tone::dim) << '\n';
    }

    void gaps()
    {
        if (m_report.gaps.empty()) return;
        heading("NOT OBSERVED", "what rests on it is unknown");
        constexpr std::size_t k_most = 12; // manifests show none of the lists that a cluster has: a hundred lines that say one thing
        std::map<model::Reason, std::size_t> of_reason;
        for (const auto& gap : m_report.gaps)
            ++of_reason[gap.reason];
        for (const auto& [reason, count] : of_reason)
            if (count > k_most) many_gaps(reason, count);
        for (const auto& gap : m_report.gaps) {
            if (of_reason[gap.reason] > k_most) continue;
            const auto what = terminal_safe(gap.resource) + (gap.ns == "*" ? std::string{} : " in " + terminal_safe(gap.ns));
            std::string why{model::name(gap.reason)};
            if (!gap.message.empty()) why.append(m_terminal.dot()).append(terminal_safe(gap.message));
            const auto shown = cut_to_line(what, 4);
            m_out << "  " << m_terminal.paint(shown, Tone::puzzling) << "  " << cut_to_line(why, 4 + display_width(shown));
            m_out << '\n';
        }
    }

    /// Many lists that were not read for one reason, in a line: what was said of the first, and where to read the rest.
    void many_gaps(model::Reason reason, std::size_t count)
    {
        const auto first = std::ranges::find(m_report.gaps, reason, &model::Gap::reason);
        const auto what = fmt::format("{} lists", count);
        auto why = fmt::format("{}{}{}", model::name(reason), m_terminal.dot(), terminal_safe(first->resource));
        if (!first->message.empty()) why += ": " + terminal_safe(first->message);
        why += fmt::format("{}all of them with -o json", m_terminal.dot());
        m_out << "  " << m_terminal.paint(what, Tone::puzzling) << "  " << cut_to_line(why, 4 + display_width(what)) << '\n';
    }

    void findings()
    {
        const auto filter = filter_of(m_options, default_statuses());
        std::vector<const report::Result*> rows;
        for (const auto& result : m_report.results)
            if (filter.matches(result, m_imprint)) rows.push_back(&result);
        std::ranges::stable_sort(rows, [](const auto* a, const auto* b) {
            const auto rank = [](const report::Result& r) {
                // Findings before questions: what is proven can be acted on.
                return std::pair{r.is_finding()                          ? 0
                                 : r.status() == report::Status::unknown ? 1
                                                                         : 2,
                                 -int(r.severity()) * 2 - (r.status() == report::Status::fail)};
            };
            return rank(*a) < rank(*b);
        });
        if (rows.empty()) {
            heading("RESULTS", "none with the chosen filters");
            return;
        }
        const bool limited = m_options.max_findings > 0 && m_extent == Extent::table;
        const auto shown = limited ? std::min(rows.size(), static_cast<std::size_t>(m_options.max_findings)) : rows.size();
        heading("RESULTS", shown < rows.size() ? fmt::format("{} of {}", shown, rows.size()) : fmt::format("{}", rows.size()));
        const Columns columns = measure({rows.data(), shown});
        for (std::size_t i = 0; i < shown && m_out; ++i)
            row(*rows[i], columns);
        if (shown < rows.size())
            m_out << m_terminal.paint(fmt::format("  {} more with -o wide; --show, --severity and --checks choose", rows.size() - shown), Tone::dim)
                  << '\n';
    }

    struct Columns {
        std::size_t ns = 0;
        std::size_t object = 0;
        std::size_t check = 0;
        std::size_t message = 0; ///< 0: on lines of its own
        bool check_fits = true;  ///< otherwise it is in front of those
    };

    Columns measure(std::span<const report::Result* const> rows) const
    {
        Columns columns{7, 6, 5, 0, true};
        for (const auto* result : rows) {
            columns.ns = std::max(columns.ns, display_width(terminal_safe(result->ns())));
            columns.object = std::max(columns.object, display_width(object_text(result->object())));
            columns.check = std::max(columns.check, result->check().id.size());
        }
        if (m_terminal.width() == 0) {
            columns.message = std::string_view::npos;
            return columns;
        }
        columns.ns = std::min<std::size_t>(columns.ns, 24);
        columns.object = std::min<std::size_t>(columns.object, 40);
        const auto before_message = 2 + 9 + 2 + 8 + 2 + columns.ns + 2 + columns.object + 2 + columns.check + 2;
        const auto width = static_cast<std::size_t>(m_terminal.width());
        constexpr std::size_t k_least_message = 40;
        if (width >= before_message + k_least_message && m_extent == Extent::table) {
            columns.message = width - before_message;
        } else {
            const auto before_object = 2 + 9 + 2 + 8 + 2 + columns.ns + 2;
            constexpr std::size_t k_least_object = 12;
            columns.object = std::min(columns.object, std::max(width - std::min(width, before_object), k_least_object));
            columns.check_fits = before_message - 2 <= width;
        }
        return columns;
    }

    void row(const report::Result& result, const Columns& columns)
    {
        m_out << "  " << m_terminal.status(result.status()) << "  "
              << m_terminal.paint(fmt::format("{:<8}", check::name(result.severity())), Terminal::tone_of(result.severity())) << "  "
              << m_terminal.fit(result.ns().empty() ? "cluster" : terminal_safe(result.ns()), columns.ns) << "  "
              << m_terminal.fit(object_text(result.object()), columns.object);
        const auto message = message_of(result);
        if (columns.message == std::string_view::npos) {
            m_out << "  " << m_terminal.fit(result.check().id, columns.check) << "  " << message << extras(result, "  ") << '\n';
        } else if (columns.message > 0) {
            m_out << "  " << m_terminal.fit(result.check().id, columns.check) << "  " << m_terminal.cut(message, columns.message) << '\n';
        } else {
            if (columns.check_fits) m_out << "  " << result.check().id;
            m_out << '\n';
            const auto room = std::max<std::size_t>(static_cast<std::size_t>(m_terminal.width()), 40) - 13;
            for (const auto& line : wrap((columns.check_fits ? "" : std::string{result.check().id} + ": ") + message + extras(result, ". "), room))
                m_out << std::string(13, ' ') << m_terminal.paint(line, Tone::dim) << '\n';
        }
    }

    std::string message_of(const report::Result& result) const
    {
        // In front: what does not fit is cut off behind.
        auto message = (result.attested() ? "attested: " : "") + terminal_safe(result.message());
        if (result.exemption() != 0 && result.exemption() <= m_report.exemptions.size())
            message += fmt::format(" (exempt until {})", format_rfc3339(m_report.exemptions[result.exemption() - 1U].exemption.until).substr(0, 10));
        if (result.status() == report::Status::unknown && result.reason() != model::Reason::none) {
            message +=
                fmt::format(" ({}{}{})", model::name(result.reason()), result.grant().empty() ? "" : ", grant ", terminal_safe(result.grant()));
        }
        return message;
    }

    /// What only the wide table tells: worth and evidence.
    std::string extras(const report::Result& result, std::string_view separator) const
    {
        if (m_extent == Extent::table) return {};
        std::string out;
        if (result.worth > 0) out += fmt::format("{}worth {:.2f}", separator, result.worth);
        if (const auto evidence = result.evidence(); !evidence.empty()) out += fmt::format("{}{}", separator, evidence_text(evidence));
        return out;
    }

    const report::Report& m_report;
    const Imprint& m_imprint;
    const FormatOptions& m_options;
    Terminal m_terminal;
    std::ostream& m_out;
    Extent m_extent;
};

} // namespace

void write_table(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    TableWriter{report, imprint, options, out, Extent::table}.write();
}

void write_wide(const report::Report& report, const Imprint& imprint, const FormatOptions& options, std::ostream& out)
{
    TableWriter{report, imprint, options, out, Extent::wide}.write();
}

} // namespace seaworthy::publish

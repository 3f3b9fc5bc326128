// SPDX-License-Identifier: Apache-2.0
#include "publish/http/page/parts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <variant>

#include <fmt/format.h>

#include "seaworthy/check/check.hpp"

namespace seaworthy::publish {

namespace {

std::string_view score_class(std::optional<double> percent)
{
    if (!percent) return "s-na";
    return *percent >= 80 ? "s-pass" : *percent >= 50 ? "s-warn" : "s-fail";
}

bool is_code(std::string_view line)
{
    constexpr std::string_view k_starts[] = {"  ", "\t", "kubectl ", "apiVersion:", "helm ", "$ ", "---", "- name:", "cosign ", "docker ", "crane "};
    return std::ranges::any_of(k_starts, [&](std::string_view start) { return line.starts_with(start); });
}

/// A line that belongs to the block of code that is open: any line of YAML below its first.
bool continues_code(std::string_view line)
{
    const auto colon = line.find(':');
    const bool key = colon != std::string_view::npos && colon > 0 && line.substr(0, colon).find(' ') == std::string_view::npos;
    return is_code(line) || key || line.starts_with("- ") || line.starts_with("}") || line.starts_with("#");
}

std::string_view take_line(std::string_view& text)
{
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    return line;
}

Html evidence_value(const check::EvidenceValue& value)
{
    Html out;
    if (const auto* text = std::get_if<std::string>(&value))
        out << *text;
    else if (const auto* integer = std::get_if<std::int64_t>(&value))
        out << *integer;
    else if (const auto* flag = std::get_if<bool>(&value))
        out << std::string_view{*flag ? "true" : "false"};
    else if (const auto* number = std::get_if<double>(&value)) {
        std::string digits;
        append_number(digits, *number);
        out << digits;
    } else {
        constexpr std::size_t k_most = 20;
        const auto& list = std::get<std::vector<std::string>>(value);
        for (std::size_t i = 0; i < std::min(list.size(), k_most); ++i) {
            if (i > 0) out << ", ";
            out << list[i];
        }
        if (list.size() > k_most) out << " and " << (list.size() - k_most) << " more";
    }
    return out;
}

} // namespace

Html status_symbols()
{
    Html out;
    out << R"(<svg width="0" height="0" class="sprite" aria-hidden="true">)"
           R"(<symbol id="i-pass" viewBox="0 0 16 16"><path d="M3.5 8.5l3 3 6-7"/></symbol>)"
           R"(<symbol id="i-fail" viewBox="0 0 16 16"><path d="M4 4l8 8M12 4l-8 8"/></symbol>)"
           R"(<symbol id="i-warn" viewBox="0 0 16 16"><path d="M8 3v6M8 12.4v.2"/></symbol>)"
           R"(<symbol id="i-unknown" viewBox="0 0 16 16"><path d="M5.6 6a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.7M8 12.6v.1"/></symbol>)"
           R"(<symbol id="i-na" viewBox="0 0 16 16"><path d="M5 8h6"/></symbol></svg>)";
    return out;
}

std::string_view status_class(report::Status status)
{
    constexpr std::array<std::string_view, 5> k_classes{"s-na", "s-pass", "s-warn", "s-unknown", "s-fail"};
    return k_classes[static_cast<std::size_t>(status)];
}

std::string_view status_label(report::Status status)
{
    return status == report::Status::not_applicable ? "not applicable" : check::name(status);
}

Html status_icon(report::Status status)
{
    constexpr std::array<std::string_view, 5> k_ids{"na", "pass", "warn", "unknown", "fail"};
    Html out;
    out << "<svg class=\"i\" aria-hidden=\"true\"><use href=\"#i-" << k_ids[static_cast<std::size_t>(status)] << "\"/></svg>";
    return out;
}

Html status_badge(report::Status status)
{
    Html out;
    out << "<span class=\"badge " << status_class(status) << "\">" << status_icon(status)
        << (status == report::Status::not_applicable ? std::string_view{"n/a"} : check::name(status)) << "</span>";
    return out;
}

Html severity_badge(report::Severity severity)
{
    Html out;
    out << "<span class=\"sev sev-" << check::name(severity) << "\">" << check::name(severity) << "</span>";
    return out;
}

std::string score_text(std::optional<double> percent)
{
    if (!percent) return "–";
    if (*percent >= 100) return "100";
    return fmt::format("{:.1f}", std::min(std::round(*percent * 10) / 10, 99.9));
}

Html score_bar(std::optional<double> percent)
{
    Html out;
    if (!percent) return out;
    const auto width = std::lround(std::clamp(*percent, 0.0, 100.0));
    out << "<svg class=\"bar " << score_class(percent) << "\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" aria-hidden=\"true\">"
        << "<rect class=\"track\" width=\"100\" height=\"6\" rx=\"3\"/><rect class=\"fill\" width=\"" << width << "\" height=\"6\" rx=\"3\"/></svg>";
    return out;
}

Html score_ring(std::optional<double> percent, std::string_view label)
{
    constexpr double k_circumference = 2 * 3.14159265358979 * 52;
    const double filled = k_circumference * std::clamp(percent.value_or(0), 0.0, 100.0) / 100;
    Html out;
    out << "<div class=\"ring " << score_class(percent) << "\"><svg viewBox=\"0 0 120 120\" aria-hidden=\"true\">"
        << "<circle class=\"track\" cx=\"60\" cy=\"60\" r=\"52\"/><circle class=\"fill\" cx=\"60\" cy=\"60\" r=\"52\" transform=\"rotate(-90 60 "
           "60)\" stroke-dasharray=\""
        << fmt::format("{:.1f} {:.1f}", filled, k_circumference) << "\"/></svg><p><strong>" << score_text(percent) << "</strong><span>" << label
        << "</span></p></div>";
    return out;
}

Html tally(const report::Counts& counts)
{
    using report::Status;
    Html out;
    for (const auto status : {Status::fail, Status::warn, Status::unknown}) {
        const auto count = counts.of(status);
        if (count == 0) continue;
        out << "<span class=\"count " << status_class(status) << "\">" << status_icon(status) << count << " " << check::name(status) << "</span> ";
    }
    if (counts.exempt > 0) out << "<span class=\"count s-na\">" << counts.exempt << " exempt</span>";
    return out;
}

Html moment(Timestamp time)
{
    Html out;
    if (!time.known()) return out << "never", out;
    const auto text = format_rfc3339(time); // 2026-11-22T04:00:00Z
    out << "<time datetime=\"" << text << "\">" << text.substr(0, 10) << " " << text.substr(11, 5) << " UTC</time>";
    return out;
}

std::string ago(Timestamp time, Timestamp now)
{
    const auto age = time.age(now);
    if (!age) return "never";
    if (age->count() < 5) return "just now";
    return format_age(*age) + " ago";
}

Html prose(std::string_view text)
{
    Html out;
    Html block;
    bool code = false;
    const auto end_block = [&] {
        if (!block.empty()) {
            if (code)
                out << "<pre class=\"code\"><code>" << block << "</code></pre>";
            else
                out << "<p>" << block << "</p>";
        }
        block = Html{};
        code = false;
    };
    while (!text.empty()) {
        const auto line = take_line(text);
        if (line.empty()) {
            // A blank line inside a manifest is part of it if more of it follows.
            if (code && (text.starts_with("  ") || text.starts_with("---")))
                block << "\n";
            else
                end_block();
            continue;
        }
        const bool is_block = code ? continues_code(line) : is_code(line);
        if (is_block != code) {
            end_block();
            code = is_block;
        }
        block << line << "\n";
    }
    end_block();
    return out;
}

Html references(std::string_view list)
{
    Html out;
    for (const auto reference : check::split_list(list)) {
        if (!out.empty()) out << ", ";
        if (reference.starts_with("https://"))
            out << "<a rel=\"noreferrer\" href=\"" << reference << "\">" << reference.substr(8) << "</a>";
        else
            out << reference;
    }
    return out;
}

Html object_name(const report::Object& object, bool with_namespace)
{
    Html out;
    out << "<span class=\"kind\">" << object.kind << "</span>";
    if (object.name.empty()) return out;
    out << " <span class=\"name\">";
    if (with_namespace && !object.ns.empty()) out << object.ns << "/";
    out << object.name << "</span>";
    return out;
}

Html evidence_list(const check::Evidence& evidence)
{
    Html out;
    out << "<dl class=\"evidence\">";
    for (const auto& [key, value] : evidence)
        out << "<div><dt>" << key << "</dt><dd>" << evidence_value(value) << "</dd></div>";
    out << "</dl>";
    return out;
}

Html exemption_note(const report::Result& result, const report::Report& report)
{
    Html out;
    if (result.exemption() == 0 || result.exemption() > report.exemptions.size()) return out;
    const auto& exemption = report.exemptions[result.exemption() - 1U].exemption;
    out << "<p class=\"note\">Exempt until " << moment(exemption.until) << ": " << exemption.reason << " (" << exemption.owner << ")</p>";
    return out;
}

Html attested_note(const report::Result& result)
{
    Html out;
    if (result.attested()) out << "<span class=\"chip\">attested</span>";
    return out;
}

Html unknown_note(const report::Result& result)
{
    Html out;
    if (result.status() != report::Status::unknown) return out;
    out << "<p class=\"note\">Could not be observed";
    if (result.reason() != model::Reason::none) out << ": " << model::name(result.reason());
    if (!result.grant().empty()) out << ". The grant <code>" << result.grant() << "</code> would help";
    out << ".</p>";
    return out;
}

std::string points_text(double worth)
{
    return worth >= 0.005 ? fmt::format("{:+.2f}", worth) : std::string{};
}

Html empty_note(std::string_view text)
{
    Html out;
    out << "<p class=\"empty\">" << text << "</p>";
    return out;
}

} // namespace seaworthy::publish

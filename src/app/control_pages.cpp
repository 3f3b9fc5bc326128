// SPDX-License-Identifier: Apache-2.0
#include "app/control_pages.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "seaworthy/model/resource.hpp"

namespace seaworthy::app {

namespace {

constexpr std::size_t k_page_width = 100;

std::string step(const check::Control& control)
{
    return control.step > 0 ? std::to_string(control.step) : "advice";
}

std::string upper_first(std::string_view text)
{
    std::string out{text};
    std::ranges::replace(out, '_', ' ');
    return out;
}

/// Breaks text at spaces; lines that begin with a space (manifests, commands) stay as they are.
std::string wrapped(std::string_view text, std::size_t indent)
{
    std::string out;
    const std::string margin(indent, ' ');
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (line.size() > k_page_width - indent && !line.starts_with(' ')) {
            auto cut = line.rfind(' ', k_page_width - indent);
            if (cut == std::string_view::npos || cut == 0) break;
            out += margin + std::string{line.substr(0, cut)} + "\n";
            line.remove_prefix(cut + 1);
        }
        out += margin + std::string{line} + "\n";
    }
    return out;
}

std::string default_text(const check::Parameter& parameter)
{
    return parameter.fallback.empty() ? "unset" : std::string{parameter.fallback};
}

std::string_view name(check::Parameter::Type type)
{
    using enum check::Parameter::Type;
    switch (type) {
    case flag: return "flag";
    case number: return "number";
    case text: return "text";
    case list: return "list of texts";
    case duration: return "duration";
    case pattern: return "pattern";
    case records: return "list of maps";
    }
    return "";
}

/// "pods, deployments.apps" and "PO (pods), +EV (events; optional)".
std::string needs_line(const check::Check& check)
{
    return fmt::format("{}", fmt::join(check::expand_needs(check.needs), ", "));
}

std::string grants_line(const check::Check& check)
{
    std::vector<std::string> parts;
    for (auto grant : check::split_list(check.grants)) {
        const bool optional = grant.starts_with('+');
        if (optional) grant.remove_prefix(1);
        parts.push_back(fmt::format("{} ({}{})", grant, model::describe_grant(grant), optional ? "; a verdict is possible without" : ""));
    }
    return fmt::format("{}", fmt::join(parts, ", "));
}

/// A page is a few headed texts, whichever style it is written in.
class Page {
public:
    explicit Page(PageStyle style) : m_markdown(style == PageStyle::markdown) {}

    void title(int level, std::string_view text)
    {
        if (m_markdown) {
            m_out += fmt::format("{}{} {}\n", m_out.empty() ? "" : "\n", std::string(static_cast<std::size_t>(level), '#'), text);
        } else {
            m_out += fmt::format("{}{}\n{}\n", m_out.empty() ? "" : "\n", text, std::string(text.size(), level == 1 ? '=' : '-'));
        }
    }
    void paragraph(std::string_view text)
    {
        if (!text.empty()) m_out += "\n" + (m_markdown ? std::string{text} + "\n" : wrapped(text, 0));
    }
    void headed(std::string_view heading, std::string_view text)
    {
        if (text.empty()) return;
        if (!m_markdown) {
            m_out += fmt::format("\n{}\n{}", heading, wrapped(text, 2));
        } else if (text.find('\n') != std::string_view::npos) {
            m_out += fmt::format("\n**{}.**\n\n```\n{}\n```\n", heading, text);
        } else {
            m_out += fmt::format("\n**{}.** {}\n", heading, text);
        }
    }
    void line(const std::string& text) { m_out += text; }
    [[nodiscard]] bool markdown() const { return m_markdown; }
    [[nodiscard]] std::string take() { return std::move(m_out); }

private:
    bool m_markdown;
    std::string m_out;
};

void write_parameters(Page& page, const check::Check& check)
{
    if (check.parameters.empty()) return;
    if (!page.markdown()) {
        std::string text;
        for (const auto& parameter : check.parameters)
            text += fmt::format("{} ({}, default {}): {}\n", parameter.name, name(parameter.type), default_text(parameter), parameter.description);
        page.headed("Parameters", text);
        return;
    }
    page.line("\n| parameter | type | default | meaning |\n|---|---|---|---|\n");
    for (const auto& parameter : check.parameters) {
        auto fallback = default_text(parameter);
        for (std::size_t at = 0; (at = fallback.find('|', at)) != std::string::npos; at += 2)
            fallback.replace(at, 1, "\\|");
        page.line(fmt::format("| `{}` | {} | `{}` | {} |\n", parameter.name, name(parameter.type), fallback, parameter.description));
    }
}

void write_check(Page& page, const check::Check& check, int level)
{
    page.title(level, page.markdown() ? fmt::format("`{}`", check.id) : std::string{check.id});
    page.paragraph(fmt::format("{}. Severity {}, one result a {}, {} by default.", check.title, check::name(check.severity),
                               upper_first(check::name(check.scope)), check.enabled ? "on" : "off"));
    page.headed("Why", check.rationale);
    page.headed("Rule", check.rule);
    page.headed("What to do", check.remediation);
    page.headed("Limits", check.limits);
    write_parameters(page, check);
    page.headed("Reads", needs_line(check));
    page.headed("Grants", grants_line(check));
    page.headed("References", check.references);
}

} // namespace

std::string controls_table(Catalog catalog)
{
    std::size_t widest = 0;
    for (const auto* control : catalog)
        for (const auto& check : control->checks)
            widest = std::max(widest, check.id.size());
    std::string out;
    for (const auto* control : catalog) {
        out += fmt::format("{:>6}  {}  ({})\n", step(*control), control->id, control->title);
        for (const auto& check : control->checks)
            out += fmt::format("        {:<{}}  {:<8}  {:<3}  {}\n", check.id, widest, check::name(check.severity), check.enabled ? "on" : "off",
                               check.title);
    }
    return out;
}

std::string controls_markdown(Catalog catalog)
{
    std::string out =
        "# Controls\n\n<!-- Generated by `make docs`. -->\n\nEach page says what a control's checks judge, why, by which rule, and what to do.\n\n"
        "| step | control | title | weight | checks |\n|---|---|---|---|---|\n";
    for (const auto* control : catalog)
        out += fmt::format("| {0} | [`{1}`]({1}.md) | {2} | {3} | {4} |\n", step(*control), control->id, control->title, control->weight,
                           control->checks.size());
    out += "\n| check | control | scope | severity | default | title |\n|---|---|---|---|---|---|\n";
    for (const auto* control : catalog)
        for (const auto& check : control->checks)
            out += fmt::format("| [`{0}`]({1}.md#{0}) | {1} | {2} | {3} | {4} | {5} |\n", check.id, control->id,
                               upper_first(check::name(check.scope)), check::name(check.severity), check.enabled ? "on" : "off", check.title);
    return out;
}

std::string explain(const check::Control& control, PageStyle style)
{
    Page page{style};
    page.title(1, fmt::format("{}: {}", control.step > 0 ? fmt::format("Step {}", control.step) : std::string{"Advice"}, control.title));
    if (page.markdown())
        page.line(fmt::format("\n<!-- Generated by `make docs`. -->\n\n`{}`, weight {} in the scores.\n", control.id, control.weight));
    page.paragraph(control.summary);
    for (const auto& check : control.checks)
        write_check(page, check, 2);
    return page.take();
}

std::string explain(const check::Check& check, const check::Control& control, PageStyle style)
{
    Page page{style};
    write_check(page, check, 1);
    page.headed("Control", fmt::format("{} ({})", control.id, control.title));
    return page.take();
}

} // namespace seaworthy::app

// SPDX-License-Identifier: Apache-2.0
#include "engine/exemptions.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "engine/recorder.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::engine {
namespace {

constexpr std::string_view k_annotation = "seaworthy.dev/exempt";
constexpr std::size_t k_most_exemptions = 60000; // a result holds the index in 16 bits

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool names_match(const std::vector<std::string>& globs, const check::ObjectKey& object)
{
    if (globs.empty()) return true;
    const auto in_namespace = fmt::format("{}/{}", object.ns, object.name);
    const auto full = fmt::format("{}/{}/{}", object.ns, object.kind, object.name);
    return glob_match_any(globs, object.name) || glob_match_any(globs, in_namespace) || glob_match_any(globs, full);
}

bool labels_match(const std::map<std::string, std::string>& wanted, const model::StringMap* labels)
{
    if (wanted.empty()) return true;
    if (labels == nullptr) return false;
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto& entry) { return labels->is(entry.first, entry.second); });
}

bool covers(const check::Exemption& exemption, const check::Check& check, std::string_view control, const Subject& subject)
{
    const bool by_check = glob_match_any(exemption.checks, check.id);
    const bool by_control = std::find(exemption.controls.begin(), exemption.controls.end(), control) != exemption.controls.end();
    if (!by_check && !by_control) return false;
    // A Namespace object belongs to the namespace of its name.
    const std::string_view ns = subject.object.kind == "Namespace" ? std::string_view{subject.object.name} : std::string_view{subject.object.ns};
    if (!exemption.namespaces.empty() && (ns.empty() || !glob_match_any(exemption.namespaces, ns))) return false;
    if (!exemption.kind.empty() && exemption.kind != subject.object.kind) return false;
    return names_match(exemption.names, subject.object) && labels_match(exemption.match_labels, subject.labels);
}

} // namespace

Exemptions::Exemptions(report::Report& report, const check::Settings& settings, Timestamp now) : m_report(report), m_settings(settings), m_now(now)
{
    for (const auto& exemption : settings.exemptions)
        report.exemptions.push_back({exemption, 0, exemption.until < now});
}

std::uint16_t Exemptions::cover(const check::Check& check, std::string_view control, const Subject& subject,
                                const model::StringMap* namespace_annotations)
{
    std::uint16_t found = 0;
    for (std::size_t i = 0; i < m_settings.exemptions.size() && i < k_most_exemptions; ++i) {
        auto& use = m_report.exemptions[i];
        if (!covers(use.exemption, check, control, subject)) continue;
        ++use.matched;
        if (!use.expired && found == 0) found = static_cast<std::uint16_t>(i + 1);
    }
    if (found != 0 || !m_settings.exemption_annotations) return found;
    const auto& object = subject.object;
    found = from_annotation(check, subject, subject.annotations, fmt::format("{}/{}/{}", object.ns, object.kind, object.name));
    return found != 0 ? found : from_annotation(check, subject, namespace_annotations, fmt::format("-/Namespace/{}", subject.counts_in));
}

std::uint16_t Exemptions::from_annotation(const check::Check& check, const Subject& subject, const model::StringMap* annotations,
                                          std::string_view holder)
{
    const Text* text = annotations != nullptr ? annotations->find(k_annotation) : nullptr;
    if (text == nullptr) return 0;
    auto exemption = parse_exemption_annotation(*text);
    if (!exemption || !covers(*exemption, check, {}, subject)) return 0;
    const auto limit = m_now.unix_seconds() + std::chrono::duration_cast<seconds>(m_settings.exemption_max_duration).count();
    const bool in_force = !(exemption->until < m_now) && exemption->until.unix_seconds() <= limit;
    exemption->id = fmt::format("annotation on {}", holder);
    auto [at, added] = m_from_annotations.try_emplace(exemption->id, std::uint16_t{0});
    if (added && m_report.exemptions.size() < k_most_exemptions) {
        m_report.exemptions.push_back({*exemption, 0, !in_force});
        at->second = static_cast<std::uint16_t>(m_report.exemptions.size());
    }
    if (at->second == 0) return 0;
    ++m_report.exemptions[at->second - 1U].matched;
    return in_force ? at->second : std::uint16_t{0};
}

std::optional<check::Exemption> parse_exemption_annotation(std::string_view text)
{
    check::Exemption exemption;
    auto semicolon = text.find(';');
    for (const auto id : check::split_list(text.substr(0, semicolon)))
        exemption.checks.emplace_back(id);
    while (semicolon != std::string_view::npos) {
        text.remove_prefix(semicolon + 1);
        semicolon = text.find(';');
        const auto part = trim(text.substr(0, semicolon));
        const auto equals = part.find('=');
        if (part.empty()) continue;
        if (equals == std::string_view::npos) return std::nullopt;
        const auto key = trim(part.substr(0, equals));
        const auto value = trim(part.substr(equals + 1));
        if (key == "until")
            exemption.until = parse_rfc3339(value.size() == 10 ? fmt::format("{}T23:59:59Z", value) : std::string{value});
        else if (key == "owner")
            exemption.owner = value;
        else if (key == "reason")
            exemption.reason = value;
        else
            return std::nullopt;
    }
    const bool whole = !exemption.checks.empty() && exemption.until.known() && !exemption.owner.empty() && !exemption.reason.empty();
    return whole ? std::optional{exemption} : std::nullopt;
}

} // namespace seaworthy::engine

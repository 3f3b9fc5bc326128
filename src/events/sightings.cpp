// SPDX-License-Identifier: Apache-2.0
#include "events/sightings.hpp"

#include <algorithm>
#include <charconv>
#include <tuple>

#include "events/resource_name.hpp"
#include "seaworthy/base/digest.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/model/gap.hpp"

namespace seaworthy::events {
namespace {

using check::Status;

constexpr std::string_view k_prefix = "f1:"; ///< of report::fingerprint()
constexpr std::size_t k_half = 16;           ///< hex digits of 64 bits

bool read_hex(std::string_view digits, std::uint64_t& value)
{
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    return read.ec == std::errc{} && read.ptr == digits.data() + digits.size();
}

/// Of two results on one object the one that says more speaks: the worse; what no exemption covers; the more severe.
auto weight_of(const report::Result& result)
{
    return std::tuple{result.status(), result.exemption() == 0, result.severity()};
}

} // namespace

bool Sightings::parse(std::string_view uid, Entry& entry)
{
    if (!uid.starts_with(k_prefix) || uid.size() != k_prefix.size() + 2 * k_half) return false;
    uid.remove_prefix(k_prefix.size());
    return read_hex(uid.substr(0, k_half), entry.high) && read_hex(uid.substr(k_half), entry.low);
}

Sightings::Sightings(const report::Report& report) : m_report(report), m_sees_nothing(report.results.empty())
{
    m_entries.reserve(report.results.size());
    for (std::uint32_t i = 0; i < report.results.size(); ++i) {
        const auto& result = report.results[i];
        Entry entry;
        if (parse(report::fingerprint(result), entry)) {
            entry.result = i;
            m_entries.push_back(entry);
        }
        if (result.status() != Status::unknown) continue;
        // An unknown on a namespace or the cluster stands for the objects in it that the check could not see (engine/walk.cpp).
        const auto& object = result.object();
        if (object.kind == "Cluster") m_unknowns[std::string{result.check().id}].everywhere = true;
        if (object.kind == "Namespace") m_unknowns[std::string{result.check().id}].namespaces.insert(object.name.str());
    }
    std::ranges::sort(m_entries, [&](const Entry& a, const Entry& b) {
        if (a.high != b.high) return a.high < b.high;
        if (a.low != b.low) return a.low < b.low;
        const auto left = weight_of(report.results[a.result]);
        const auto right = weight_of(report.results[b.result]);
        return left == right ? a.result < b.result : left > right;
    });
    const auto same = [](const Entry& a, const Entry& b) { return a.high == b.high && a.low == b.low; };
    m_entries.erase(std::unique(m_entries.begin(), m_entries.end(), same), m_entries.end());
    const auto gap =
        std::ranges::find_if(report.gaps, [](const model::Gap& each) { return each.resource == "namespaces" && model::is_missing(each.reason); });
    if (gap != report.gaps.end()) m_sees_nothing = true;
}

const report::Result* Sightings::match(std::string_view uid)
{
    Entry wanted;
    if (!parse(uid, wanted)) return nullptr;
    const auto at = std::ranges::lower_bound(m_entries, std::pair{wanted.high, wanted.low}, {}, [](const Entry& entry) {
        return std::pair{entry.high, entry.low};
    });
    if (at == m_entries.end() || at->high != wanted.high || at->low != wanted.low) return nullptr;
    at->matched = true;
    return &m_report.results[at->result];
}

std::vector<std::uint32_t> Sightings::unmatched_findings() const
{
    std::vector<std::uint32_t> indexes;
    for (const auto& entry : m_entries)
        if (!entry.matched && m_report.results[entry.result].is_finding()) indexes.push_back(entry.result);
    return indexes;
}

bool Sightings::is_switched_off(std::string_view check_id) const
{
    return std::ranges::find(m_report.switched_off, check_id) != m_report.switched_off.end();
}

bool Sightings::is_excluded(std::string_view ns) const
{
    return !m_sees_nothing && std::ranges::binary_search(m_report.excluded_namespaces, ns, {}, [](Text name) { return name.view(); });
}

bool Sightings::knows(std::string_view resource)
{
    if (!m_resources) {
        m_resources.emplace();
        const report::Object* last = nullptr;
        for (const auto& result : m_report.results) {
            const auto& object = result.object();
            if (&object == last) continue;
            last = &object;
            m_resources->insert(ResourceName{object.api_version.str(), object.kind.str(), object.ns.str(), object.name.str()}.path());
        }
    }
    return m_resources->contains(resource);
}

Sightings::Blindness Sightings::blindness_by_gaps(const check::Check* check) const
{
    Blindness blindness;
    if (check == nullptr) return blindness;
    const auto needs = check::expand_needs(check->needs);
    for (const auto& gap : m_report.gaps) {
        // What nobody asked to have read is reported as unknowns where it matters; here it would keep findings open for ever.
        if (!model::is_missing(gap.reason) || std::ranges::find(needs, gap.resource) == needs.end()) continue;
        if (gap.ns == "*")
            blindness.everywhere = true;
        else
            blindness.namespaces.insert(gap.ns);
    }
    return blindness;
}

bool Sightings::is_blind(const check::Check* check, std::string_view check_id, std::string_view ns)
{
    if (m_sees_nothing) return true;
    const auto covers = [&](const Blindness& blindness) {
        // What counts in the cluster may rest on any namespace.
        return blindness.everywhere || (ns.empty() ? !blindness.namespaces.empty() : blindness.namespaces.contains(ns));
    };
    if (const auto unknown = m_unknowns.find(check_id); unknown != m_unknowns.end() && covers(unknown->second)) return true;
    auto gaps = m_gaps.find(check_id);
    if (gaps == m_gaps.end()) gaps = m_gaps.emplace(std::string{check_id}, blindness_by_gaps(check)).first;
    return covers(gaps->second);
}

Observation observe(const report::Report& report, const report::Result* result, Sight otherwise)
{
    Observation seen;
    if (result == nullptr) {
        seen.sight = otherwise;
        return seen;
    }
    seen.status = result->status();
    seen.severity = result->severity();
    switch (result->status()) {
    case Status::unknown: seen.sight = Sight::unknown; break;
    case Status::pass: seen.sight = Sight::pass; break;
    case Status::not_applicable: seen.sight = Sight::not_applicable; break;
    case Status::warn:
    case Status::fail:
        seen.sight = result->exemption() != 0 ? Sight::exempt : Sight::finding;
        if (const auto index = result->exemption(); index != 0 && index <= report.exemptions.size())
            seen.exemption = report.exemptions[index - 1U].exemption.id;
        break;
    }
    return seen;
}

std::string shape_of(const check::Evidence& evidence)
{
    if (evidence.empty()) return {};
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : evidence)
        keys.push_back(key);
    std::ranges::sort(keys);
    std::string text;
    for (const auto key : keys)
        text.append(key).append("\n");
    return sha256_hex(text).substr(0, k_half);
}

} // namespace seaworthy::events

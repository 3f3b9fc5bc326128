// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_set>
#include <vector>

#include "publish/metrics/families.hpp"
#include "publish/reports/result_filter.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::publish {

namespace {

using report::NamespaceSummary;

/// What the report does not hold ready and a pass over its results gives.
struct Tally {
    std::map<std::string_view, std::vector<std::uint32_t>> objects_with_findings; ///< by namespace, then control
    std::map<std::string_view, std::set<std::uint16_t>> exemptions;               ///< active ones in use, by namespace
    std::map<std::string_view, report::Status> cluster_checks;                    ///< the worst status
    std::vector<std::uint32_t> attested;                                          ///< by control
};

Tally count(const report::Report& report, std::size_t controls)
{
    struct Key {
        const report::Object* object;
        std::uint16_t control;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const { return std::hash<const void*>{}(key.object) * 31 + key.control; }
    };
    Tally tally;
    tally.attested.resize(controls);
    std::unordered_set<Key, Hash> seen;
    for (const auto& result : report.results) {
        if (result.control() >= controls) continue;
        if (result.attested()) ++tally.attested[result.control()];
        if (result.check().scope == check::Scope::cluster && result.ns().empty()) {
            auto& worst = tally.cluster_checks.try_emplace(result.check().id, result.status()).first->second;
            worst = std::max(worst, result.status());
        }
        if (result.ns().empty() || !result.is_finding()) continue;
        const bool exempt =
            result.exemption() != 0 && result.exemption() <= report.exemptions.size() && !report.exemptions[result.exemption() - 1U].expired;
        if (exempt) {
            tally.exemptions[result.ns()].insert(result.exemption());
        } else if (seen.insert({&result.object(), result.control()}).second) {
            auto& row = tally.objects_with_findings[result.ns()];
            row.resize(controls);
            ++row[result.control()];
        }
    }
    return tally;
}

/// The namespaces that have series: what metrics.namespaces lets through, then the first maxNamespaces of them by name.
struct Chosen {
    std::vector<const NamespaceSummary*> exposed;
    std::vector<const NamespaceSummary*> over_limit;
    std::size_t tenants = 0; ///< the first so many; a label that anybody sets can name as many as there are namespaces
};

Chosen choose(const report::Report& report, const config::Metrics& options)
{
    Chosen chosen;
    const auto limit = static_cast<std::size_t>(std::max(options.max_namespaces, 0));
    chosen.tenants = std::min(limit, report.tenants.size());
    for (const auto& ns : report.namespaces) {
        const bool allowed = options.allow_namespaces.empty() || glob_match_any(options.allow_namespaces, ns.name);
        if (!allowed || glob_match_any(options.deny_namespaces, ns.name)) continue;
        const bool fits = chosen.exposed.size() < limit;
        (fits ? chosen.exposed : chosen.over_limit).push_back(&ns);
    }
    return chosen;
}

class ComplianceRenderer {
public:
    ComplianceRenderer(const report::Report& report, const Imprint& imprint, const config::Metrics& options)
        : m_report(report), m_imprint(imprint), m_detail(options.detail), m_chosen(choose(report, options)),
          m_tally(count(report, imprint.catalog.size()))
    {}

    RenderedFamilies render() { return render(m_chosen.exposed, shown_tenants(), 6); }

    /// How many series the namespaces and tenants over the limit would have had.
    std::size_t dropped()
    {
        const auto tenants_over = std::span{m_report.tenants}.subspan(m_chosen.tenants);
        if (m_chosen.over_limit.empty() && tenants_over.empty()) return 0;
        const auto base = render({}, {}, 0).series;
        return render(m_chosen.over_limit, tenants_over, 0).series - base;
    }

private:
    std::span<const report::TenantSummary> shown_tenants() const { return std::span{m_report.tenants}.first(m_chosen.tenants); }

    RenderedFamilies render(const std::vector<const NamespaceSummary*>& namespaces, std::span<const report::TenantSummary> tenants,
                            int compression_level)
    {
        cluster();
        controls();
        per_control(namespaces);
        per_namespace(namespaces);
        per_tenant(tenants);
        return m_out.finish(compression_level);
    }

    void begin(std::string_view name) { m_out.begin(metric(name)); }
    std::string_view id(std::uint16_t control) const { return control_id(control, m_imprint); }

    void add_ratio(std::initializer_list<std::string_view> labels, std::optional<double> percent)
    {
        if (percent) m_out.add(labels, *percent / 100.0);
    }

    void cluster()
    {
        begin("seaworthy_attestations");
        for (std::size_t i = 0; i < m_tally.attested.size(); ++i)
            m_out.add({m_imprint.catalog[i]->id}, m_tally.attested[i]);
        begin("seaworthy_cluster_check_status");
        for (const auto& [check, status] : m_tally.cluster_checks)
            m_out.add({check, check::name(status)}, 1);
        begin("seaworthy_cluster_control_score_ratio");
        for (const auto& control : m_report.controls)
            add_ratio({id(control.control)}, control.score.score);
        begin("seaworthy_cluster_control_status");
        for (const auto& control : m_report.controls)
            m_out.add({id(control.control), check::name(control.status)}, 1);
        const auto& score = m_report.score;
        begin("seaworthy_cluster_coverage_ratio");
        add_ratio({}, score.coverage);
        begin("seaworthy_cluster_points");
        m_out.add({}, score.points);
        begin("seaworthy_cluster_points_possible");
        m_out.add({}, score.points_possible);
        begin("seaworthy_cluster_score_ratio");
        add_ratio({}, score.score);
    }

    void controls()
    {
        begin("seaworthy_control_info");
        for (const auto* control : m_imprint.catalog)
            m_out.add({control->id, control->step > 0 ? std::to_string(control->step) : "advice", control->title}, 1);
        begin("seaworthy_control_weight");
        for (const auto* control : m_imprint.catalog)
            m_out.add({control->id}, m_imprint.weight_of(*control));
    }

    void per_control(const std::vector<const NamespaceSummary*>& namespaces)
    {
        if (m_detail == config::Metrics::Detail::findings) {
            begin("seaworthy_namespace_control_findings");
            for (const auto* ns : namespaces) {
                const auto found = m_tally.objects_with_findings.find(ns->name);
                for (std::size_t i = 0; i < m_imprint.catalog.size(); ++i)
                    m_out.add({ns->name, m_imprint.catalog[i]->id}, found == m_tally.objects_with_findings.end() ? 0 : found->second[i]);
            }
        }
        if (m_detail == config::Metrics::Detail::summary) return;
        begin("seaworthy_namespace_control_score_ratio");
        for (const auto* ns : namespaces)
            for (const auto& control : ns->controls)
                add_ratio({ns->name, id(control.control)}, control.score.score);
        begin("seaworthy_namespace_control_status");
        for (const auto* ns : namespaces)
            for (const auto& control : ns->controls)
                m_out.add({ns->name, id(control.control), check::name(control.status)}, 1);
    }

    void per_namespace(const std::vector<const NamespaceSummary*>& namespaces)
    {
        begin("seaworthy_namespace_coverage_ratio");
        for (const auto* ns : namespaces)
            add_ratio({ns->name}, ns->score.coverage);
        begin("seaworthy_namespace_exemptions");
        for (const auto* ns : namespaces) {
            const auto found = m_tally.exemptions.find(ns->name);
            m_out.add({ns->name}, found == m_tally.exemptions.end() ? 0.0 : static_cast<double>(found->second.size()));
        }
        begin("seaworthy_namespace_findings");
        for (const auto* ns : namespaces)
            for (std::size_t severity = 0; severity < ns->findings.size(); ++severity)
                m_out.add({ns->name, check::name(static_cast<report::Severity>(severity))}, ns->findings[severity]);
        begin("seaworthy_namespace_info");
        for (const auto* ns : namespaces)
            m_out.add({ns->name, ns->system ? "system" : "application", ns->tenant}, 1);
        begin("seaworthy_namespace_last_audited_timestamp_seconds");
        for (const auto* ns : namespaces)
            if (m_report.generated_at.known()) m_out.add({ns->name}, static_cast<double>(m_report.generated_at.unix_seconds()));
        begin("seaworthy_namespace_points");
        for (const auto* ns : namespaces)
            m_out.add({ns->name}, ns->score.points);
        begin("seaworthy_namespace_points_possible");
        for (const auto* ns : namespaces)
            m_out.add({ns->name}, ns->score.points_possible);
        begin("seaworthy_namespace_score_ratio");
        for (const auto* ns : namespaces)
            add_ratio({ns->name}, ns->score.score);
    }

    void per_tenant(std::span<const report::TenantSummary> tenants)
    {
        begin("seaworthy_tenant_points");
        for (const auto& tenant : tenants)
            m_out.add({tenant.name}, tenant.score.points);
        begin("seaworthy_tenant_points_possible");
        for (const auto& tenant : tenants)
            m_out.add({tenant.name}, tenant.score.points_possible);
        begin("seaworthy_tenant_score_min_ratio");
        for (const auto& tenant : tenants)
            add_ratio({tenant.name}, tenant.score_min);
        begin("seaworthy_tenant_score_ratio");
        for (const auto& tenant : tenants)
            add_ratio({tenant.name}, tenant.score.score);
    }

    const report::Report& m_report;
    const Imprint& m_imprint;
    config::Metrics::Detail m_detail;
    Chosen m_chosen;
    Tally m_tally;
    FamilyWriter m_out;
};

} // namespace

RenderedFamilies render_compliance(const report::Report& report, const Imprint& imprint, const config::Metrics& options)
{
    ComplianceRenderer renderer{report, imprint, options};
    auto families = renderer.render();
    families.dropped_series = renderer.dropped();
    return families;
}

} // namespace seaworthy::publish

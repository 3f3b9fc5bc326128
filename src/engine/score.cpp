// SPDX-License-Identifier: Apache-2.0
#include "engine/score.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "seaworthy/controls/catalog.hpp"

namespace seaworthy::engine {
namespace {

using check::Check;
using check::Status;
using report::ControlSummary;
using report::Report;
using report::Result;

/// The results of one check in one place (a namespace, or the cluster's own).
struct Tally {
    Text ns;                    ///< empty: the cluster's own
    std::uint32_t halves = 0;   ///< of a pass 2, of a warn 1
    std::uint32_t exempted = 0; ///< what halves would be if exempted findings passed
    std::uint32_t scored = 0;   ///< pass, warn, fail, and unknowns that count as nothing proven
    std::uint32_t judged = 0;   ///< pass, warn, fail
    std::uint32_t unknown = 0;
    bool subjects_missing = false;

    explicit Tally(Text place) : ns(place) {}
    void add(const Result& result)
    {
        const std::uint32_t value = result.status() == Status::pass ? 2 : result.status() == Status::warn ? 1 : 0;
        if (result.status() == Status::not_applicable) return;
        if (result.status() == Status::unknown) {
            ++unknown;
            if (model::is_missing(result.reason())) ++scored;
            return;
        }
        ++judged;
        ++scored;
        halves += value;
        exempted += result.exemption() != 0 ? 2 : value;
    }
    [[nodiscard]] bool counts() const { return scored > 0 || subjects_missing; }
    [[nodiscard]] double p() const { return subjects_missing || scored == 0 ? 0.0 : halves / 2.0 / scored; }
    [[nodiscard]] double p_exempted() const { return subjects_missing || scored == 0 ? 0.0 : exempted / 2.0 / scored; }
    [[nodiscard]] bool covers() const { return judged + unknown > 0 || subjects_missing; }
    [[nodiscard]] double coverage() const { return subjects_missing || judged == 0 ? 0.0 : static_cast<double>(judged) / (judged + unknown); }
};

/// A weighted mean in the making.
struct Mean {
    double sum = 0;
    double weights = 0;
    void add(double value, double weight)
    {
        sum += value * weight;
        weights += weight;
    }
    [[nodiscard]] std::optional<double> get() const { return weights > 0 ? std::optional{sum / weights} : std::nullopt; }
    [[nodiscard]] std::optional<double> percent() const { return weights > 0 ? std::optional{100 * sum / weights} : std::nullopt; }
};

/// p of one check, as it enters a control: by itself in a namespace, as a mean over namespaces in the cluster.
struct CheckValue {
    Mean p;
    Mean p_exempted;
    Mean coverage;
    void add(const Tally& tally)
    {
        if (tally.counts()) {
            p.add(tally.p(), 1);
            p_exempted.add(tally.p_exempted(), 1);
        }
        if (tally.covers()) coverage.add(tally.coverage(), 1);
    }
};

struct ControlValue {
    Mean score;
    Mean score_exempted;
    Mean coverage;
    void add(const CheckValue& check, double weight)
    {
        if (const auto p = check.p.get()) score.add(*p, weight);
        if (const auto p = check.p_exempted.get()) score_exempted.add(*p, weight);
        if (const auto c = check.coverage.get()) coverage.add(*c, 1);
    }
};

class Scorer {
public:
    Scorer(Report& report, const check::Settings& settings, const MissingSubjects& missing) : m_report(report), m_settings(settings)
    {
        // Results are in order of checks and namespaces, so each tally is the last of its check while it grows.
        for (const Result& result : report.results) {
            auto& places = m_tallies[&result.check()];
            if (places.empty()) places.reserve(m_report.namespaces.size() + 1);
            if (places.empty() || places.back().ns != result.ns()) places.emplace_back(result.ns());
            places.back().add(result);
        }
        for (const auto& [check, ns] : missing) {
            auto& places = m_tallies[check];
            auto at = std::ranges::lower_bound(places, std::string_view{ns}, {}, &Scorer::place);
            if (at == places.end() || at->ns != ns) at = places.emplace(at, m_report.texts.intern(ns));
            at->subjects_missing = true;
        }
    }

    void run()
    {
        m_report.controls = empty_summaries();
        for (const Result& result : m_report.results)
            count(result);
        for (auto& ns : m_report.namespaces) {
            sum_up(ns.score, ns.controls, [&](const Check& check) { return in_namespace(check, ns.name); });
        }
        sum_up(m_report.score, m_report.controls, [&](const Check& check) { return in_cluster(check); });
        for (auto& tenant : m_report.tenants)
            score_tenant(tenant);
        for (Result& result : m_report.results)
            result.worth = static_cast<float>(worth(result));
    }

private:
    [[nodiscard]] static std::vector<ControlSummary> empty_summaries()
    {
        std::vector<ControlSummary> summaries(controls::catalog().size());
        for (std::size_t i = 0; i < summaries.size(); ++i)
            summaries[i].control = static_cast<std::uint16_t>(i);
        return summaries;
    }

    void count(const Result& result)
    {
        const auto into = [&](report::Counts& counts) {
            counts.add(result.status());
            if (result.exemption() != 0) ++counts.exempt;
        };
        into(m_report.counts);
        auto& cluster = m_report.controls[result.control()];
        into(cluster.counts);
        cluster.status = std::max(cluster.status, result.status());
        auto* ns = find_namespace(result.ns());
        if (ns == nullptr) return;
        if (ns->controls.empty()) ns->controls = empty_summaries();
        into(ns->counts);
        auto& control = ns->controls[result.control()];
        into(control.counts);
        control.status = std::max(control.status, result.status());
        if (result.is_finding() && result.exemption() == 0) ++ns->findings[static_cast<std::size_t>(result.severity())];
    }

    [[nodiscard]] report::NamespaceSummary* find_namespace(std::string_view name)
    {
        const auto at = std::lower_bound(m_report.namespaces.begin(), m_report.namespaces.end(), name,
                                         [](const report::NamespaceSummary& ns, std::string_view wanted) { return ns.name.view() < wanted; });
        return at != m_report.namespaces.end() && at->name == name ? &*at : nullptr;
    }

    [[nodiscard]] double severity_weight(const Check& check) const { return weight(m_settings.of(check.id).severity.value_or(check.severity)); }
    [[nodiscard]] double control_weight(const check::Control& control) const
    {
        const auto at = m_settings.control_weights.find(control.id);
        return at != m_settings.control_weights.end() ? at->second : control.weight;
    }

    [[nodiscard]] CheckValue in_namespace(const Check& check, std::string_view ns) const
    {
        CheckValue value;
        if (const auto* tally = tally_of(check, ns)) value.add(*tally);
        return value;
    }

    [[nodiscard]] static std::string_view place(const Tally& tally) { return tally.ns; }
    [[nodiscard]] const Tally* tally_of(const Check& check, std::string_view ns) const
    {
        const auto places = m_tallies.find(&check);
        if (places == m_tallies.end()) return nullptr;
        const auto at = std::ranges::lower_bound(places->second, ns, {}, &Scorer::place);
        return at != places->second.end() && at->ns == ns ? &*at : nullptr;
    }

    /// The mean over the application namespaces that the check applies to; a check's results about the cluster itself weigh as much as that mean.
    [[nodiscard]] CheckValue in_cluster(const Check& check) const
    {
        CheckValue namespaces;
        for (const auto& ns : m_report.namespaces) {
            if (ns.system && !m_settings.score_system) continue;
            const auto value = in_namespace(check, ns.name);
            if (const auto p = value.p.get()) namespaces.p.add(*p, 1);
            if (const auto p = value.p_exempted.get()) namespaces.p_exempted.add(*p, 1);
            if (const auto c = value.coverage.get()) namespaces.coverage.add(*c, 1);
        }
        auto own = in_namespace(check, "");
        if (const auto p = namespaces.p.get()) own.p.add(*p, 1);
        if (const auto p = namespaces.p_exempted.get()) own.p_exempted.add(*p, 1);
        if (const auto c = namespaces.coverage.get()) own.coverage.add(*c, 1);
        return own;
    }

    template <typename ValueOf>
    void sum_up(report::Score& total, std::vector<ControlSummary>& summaries, const ValueOf& value_of)
    {
        if (summaries.empty()) summaries = empty_summaries();
        Mean score;
        Mean score_exempted;
        Mean coverage;
        for (auto& summary : summaries) {
            const auto& control = *controls::catalog()[summary.control];
            ControlValue value;
            for (const Check& check : control.checks) {
                if (!m_settings.of(check.id).enabled) continue;
                const auto check_value = value_of(check);
                value.add(check_value, severity_weight(check));
                if (const auto c = check_value.coverage.get()) coverage.add(*c, 1);
            }
            const double weight = control_weight(control);
            summary.score = {value.score.percent(), value.score_exempted.percent(), value.coverage.percent(), 0, 0};
            if (const auto ratio = value.score.get()) {
                summary.score.points = *ratio * weight;
                summary.score.points_possible = weight;
                score.add(*ratio, weight);
            }
            if (const auto ratio = value.score_exempted.get()) score_exempted.add(*ratio, weight);
        }
        total = {score.percent(), score_exempted.percent(), coverage.percent(), score.sum, score.weights};
    }

    void score_tenant(report::TenantSummary& tenant)
    {
        std::vector<ControlSummary> unused;
        sum_up(tenant.score, unused, [&](const Check& check) {
            CheckValue mean;
            for (const Text ns : tenant.namespaces) {
                const auto value = in_namespace(check, ns);
                if (const auto p = value.p.get()) mean.p.add(*p, 1);
                if (const auto p = value.p_exempted.get()) mean.p_exempted.add(*p, 1);
                if (const auto c = value.coverage.get()) mean.coverage.add(*c, 1);
            }
            return mean;
        });
        for (const Text name : tenant.namespaces) {
            const auto* ns = find_namespace(name);
            if (ns == nullptr || !ns->score.score) continue;
            tenant.score_min = std::min(tenant.score_min.value_or(100.0), *ns->score.score);
        }
    }

    /// The points that the namespace (or the cluster, for a result about it) gains if this finding alone were a pass.
    [[nodiscard]] double worth(const Result& result)
    {
        if (!result.is_finding()) return 0;
        const auto& control = *controls::catalog()[result.control()];
        const double weights = counted_weights(result);
        const auto* tally = tally_of(result.check(), result.ns()); // there: the result is in it
        if (weights <= 0 || tally->subjects_missing) return 0;
        const double gain = (result.status() == Status::warn ? 0.5 : 1.0) / tally->scored;
        const double share = result.ns().empty() && in_cluster(result.check()).p.weights > 1 ? 0.5 : 1.0;
        return control_weight(control) * severity_weight(result.check()) / weights * gain * share;
    }

    /// The sum of the severities that the result's control counts in its place.
    [[nodiscard]] double counted_weights(const Result& result)
    {
        const auto [at, added] = m_counted_weights.try_emplace({result.control(), result.ns().view()}, 0.0);
        if (!added) return at->second;
        for (const Check& check : controls::catalog()[result.control()]->checks) {
            if (!m_settings.of(check.id).enabled) continue;
            const auto value = result.ns().empty() ? in_cluster(check) : in_namespace(check, result.ns());
            if (value.p.get()) at->second += severity_weight(check);
        }
        return at->second;
    }

    Report& m_report;
    const check::Settings& m_settings;
    std::map<std::pair<std::uint16_t, std::string_view>, double> m_counted_weights;
    std::unordered_map<const Check*, std::vector<Tally>> m_tallies; ///< by namespace
};

} // namespace

void score(Report& report, const check::Settings& settings, const MissingSubjects& missing)
{
    Scorer{report, settings, missing}.run();
}

} // namespace seaworthy::engine

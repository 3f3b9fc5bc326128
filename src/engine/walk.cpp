// SPDX-License-Identifier: Apache-2.0
#include "engine/walk.hpp"

#include <algorithm>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/resource.hpp"

namespace seaworthy::engine {
namespace {

using check::Check;
using check::Context;
using check::ObjectKey;
using check::Scope;
using check::Verdict;
using model::Reason;

/// Its controller has not acted on the newest spec yet. Jobs and CronJobs have a generation but report none as observed (batch/v1).
bool lags(const model::WorkloadObject& object)
{
    if (object.kind == model::WorkloadKind::job || object.kind == model::WorkloadKind::cron_job) return false;
    return object.has_status && object.observed_generation < object.meta.generation;
}

/// One check's way over its subjects.
class Walk {
public:
    Walk(const Check& check, const Context& context, Recorder& recorder) : m_check(check), m_context(context), m_recorder(recorder) {}

    void run()
    {
        if (report_ungranted() || report_unprobed()) return;
        report_missing_subjects();
        if (m_check.judge_workload != nullptr)
            workloads();
        else if (m_check.judge_metadata != nullptr)
            metadata();
        else if (m_check.judge_namespace != nullptr)
            namespaces();
        else if (m_check.judge_service != nullptr)
            namespaced(m_context.inventory.services, m_check.judge_service, "v1", "Service");
        else if (m_check.judge_service_account != nullptr)
            namespaced(m_context.inventory.service_accounts, m_check.judge_service_account, "v1", "ServiceAccount");
        else if (m_check.judge_network_policy != nullptr) {
            namespaced(m_context.inventory.network_policies, m_check.judge_network_policy, "networking.k8s.io/v1", "NetworkPolicy");
            if (m_check.judge_document != nullptr) documents();
        } else if (m_check.judge_node != nullptr)
            namespaced(m_context.inventory.nodes, m_check.judge_node, "v1", "Node");
        else if (m_check.judge_role_binding != nullptr)
            role_bindings();
        else if (m_check.judge_document != nullptr)
            documents();
        else if (m_check.judge_secret != nullptr)
            secrets();
        else if (m_check.judge_cluster != nullptr)
            m_recorder.add(Subject{}, m_check.judge_cluster(m_context));
        else if (m_check.run != nullptr)
            found_by_rule();
    }

private:
    /// A verdict that an optional grant alone could give, and nobody granted it: one unknown for the cluster (catalogue README, rule 4).
    bool report_ungranted()
    {
        for (const auto& need : lists_of(m_check).granted) {
            if (m_context.inventory.listed.contains(need) || m_context.gap(need) != nullptr) continue;
            const auto grant = model::grant_of(need);
            auto verdict = check::unknown(Reason::unobservable, fmt::format("needs the optional grant {} ({})", grant, model::describe_grant(grant)));
            verdict.grant = grant;
            m_recorder.add(Subject{}, std::move(verdict));
            return true;
        }
        return false;
    }

    /// The same for a rule about workloads that reports of the node-probe alone could give, where no node was ever asked.
    bool report_unprobed()
    {
        const auto needs = check::expand_needs(m_check.needs);
        if (m_check.judge_workload == nullptr || std::find(needs.begin(), needs.end(), "node-probe") == needs.end()) return false;
        const auto& probes = m_context.inventory.probes;
        if (const auto first = probes.lower_bound("node:"); first != probes.end() && first->first.starts_with("node:")) return false;
        auto verdict = check::unknown(Reason::unobservable, "The API does not show which mirrors nodes use, and the node-probe is not in use");
        m_recorder.add(Subject{}, std::move(verdict).needs_grant("NPR").with("word", "probe-disabled"));
        return true;
    }

    /// Lists of the check's own subjects that could not be read: one unknown a namespace, or one for the cluster.
    void report_missing_subjects()
    {
        std::map<std::string, std::vector<const model::Gap*>, std::less<>> by_namespace; // "" = the cluster
        for (const auto& resource : lists_of(m_check).subjects) {
            const auto* builtin = model::find_builtin_resource(resource);
            const bool namespaced = builtin == nullptr || builtin->namespaced;
            for (const auto& gap : m_context.inventory.gaps) {
                if (gap.resource != resource) continue;
                if (!namespaced) {
                    by_namespace[""].push_back(&gap);
                    // Namespaces and ClusterRoleBindings have results that count in namespaces; which, only the missing list could tell.
                    if (resource == "namespaces" || m_check.scope == Scope::role_binding) count_zero_in_all_namespaces(gap);
                } else if (gap.ns != "*") {
                    by_namespace[gap.ns].push_back(&gap);
                } else if (m_context.index.namespace_names().empty()) {
                    by_namespace[""].push_back(&gap);
                } else {
                    for (const Text ns : m_context.index.namespace_names())
                        by_namespace[ns.str()].push_back(&gap);
                }
            }
        }
        for (const auto& [ns, gaps] : by_namespace)
            report_missing(ns, gaps);
    }

    void count_zero_in_all_namespaces(const model::Gap& gap)
    {
        if (!model::is_missing(gap.reason)) return;
        for (const Text ns : m_context.index.namespace_names())
            if (is_judged(ns)) m_recorder.subjects_missing(ns);
    }

    void report_missing(const std::string& ns, const std::vector<const model::Gap*>& gaps)
    {
        if (!is_judged(ns)) return;
        // What the configuration asked for weighs more than what nobody asked for.
        const auto worst = std::find_if(gaps.begin(), gaps.end(), [](const model::Gap* gap) { return model::is_missing(gap->reason); });
        const model::Gap& gap = worst != gaps.end() ? **worst : *gaps.front();
        auto verdict = m_context.unknown_for(gap);
        std::vector<std::string> missing;
        for (const auto* each : gaps)
            missing.push_back(each->resource);
        verdict.evidence = {{"missing", std::move(missing)}};
        if (model::is_missing(gap.reason)) m_recorder.subjects_missing(ns);
        if (ns.empty()) return m_recorder.add(Subject{}, std::move(verdict));
        const auto* object = m_context.index.find_namespace(ns);
        const ObjectKey key{"v1", "Namespace", "", ns, object != nullptr ? object->meta.uid.str() : std::string{}};
        m_recorder.add({.object = key, .counts_in = key.name}, std::move(verdict));
    }

    /// True for the cluster and for audited namespaces that the rule speaks about.
    [[nodiscard]] bool is_judged(std::string_view ns) const
    {
        return ns.empty() || (is_audited(m_context.settings, ns) && (m_check.judges_system_namespaces || !m_context.is_system(ns)));
    }

    [[nodiscard]] std::optional<Verdict> excused(std::string_view ns, Timestamp created) const
    {
        if (!ns.empty() && !m_check.judges_system_namespaces && m_context.is_system(ns))
            return check::not_applicable("not judged in a system namespace").proven();
        if (!m_check.judges_young_objects && created.known() && !created.at_least(m_context.settings.min_age, m_context.now))
            return check::not_applicable(fmt::format("younger than {}", format_age(m_context.settings.min_age))).proven();
        return std::nullopt;
    }

    void workloads()
    {
        for (const auto& workload : m_context.index.workloads()) {
            if (!is_audited(m_context.settings, workload.ns)) continue;
            const auto* object = workload.object;
            const bool lagging = object != nullptr && lags(*object);
            const Subject subject{.object = ObjectKey::of(workload),
                                  .counts_in = workload.ns,
                                  .labels = object != nullptr              ? &object->meta.labels
                                            : workload.bare_pod != nullptr ? &workload.bare_pod->labels()
                                                                           : nullptr,
                                  .annotations = object != nullptr ? &object->meta.annotations : nullptr,
                                  .rests_on_replica_sets = workload.kind == "Deployment"};
            auto verdict = excused(workload.ns, workload.created);
            if (!verdict && workload.mirror && !m_check.judges_mirror_pods)
                verdict = check::not_applicable("a mirror pod: its file on the node decides").proven();
            if (!verdict && workload.finished) verdict = check::not_applicable("it has finished").proven();
            if (!verdict && lagging) verdict = check::not_applicable("its controller has not seen the newest generation yet").proven();
            m_recorder.add(subject, verdict ? std::move(*verdict) : m_check.judge_workload(workload, m_context));
        }
    }

    void metadata()
    {
        for (const auto& object : m_context.inventory.workloads) {
            const check::MetadataSubject subject{model::kind_api_version(object.kind), model::kind_name(object.kind), object.meta, &object, nullptr};
            judge_metadata(subject, object.finished);
        }
        for (const auto& pod : m_context.inventory.pods) {
            if (pod.controller() != nullptr && !pod.is_mirror()) continue;
            judge_metadata({"v1", "Pod", pod.meta(), nullptr, &pod}, !pod.is_active());
        }
    }

    void judge_metadata(const check::MetadataSubject& subject, bool finished)
    {
        const auto& meta = subject.meta;
        if (!is_audited(m_context.settings, meta.ns)) return;
        auto verdict = excused(meta.ns, meta.created);
        if (!verdict && subject.pod != nullptr && subject.pod->is_mirror())
            verdict = check::not_applicable("a mirror pod: its file on the node decides").proven();
        if (!verdict && finished) verdict = check::not_applicable("it has finished").proven();
        if (!verdict && subject.object != nullptr && meta.controller != nullptr)
            verdict = check::not_applicable(
                          fmt::format("made by {} {}, which decides its metadata", meta.controller->kind.view(), meta.controller->name.view()))
                          .proven();
        m_recorder.add({ObjectKey::of(subject.api_version, subject.kind, meta), meta.ns, &meta.labels, &meta.annotations},
                       verdict ? std::move(*verdict) : m_check.judge_metadata(subject, m_context));
    }

    void namespaces()
    {
        for (const auto& ns : m_context.inventory.namespaces) {
            if (!is_audited(m_context.settings, ns.meta.name)) continue;
            auto verdict = excused(ns.meta.name, ns.meta.created);
            m_recorder.add({ObjectKey::of("v1", "Namespace", ns.meta), ns.meta.name, &ns.meta.labels, &ns.meta.annotations},
                           verdict ? std::move(*verdict) : m_check.judge_namespace(ns, m_context));
        }
    }

    template <typename T>
    void namespaced(const std::deque<T>& objects, Verdict (*judge)(const T&, const Context&), std::string_view api_version, std::string_view kind)
    {
        for (const T& object : objects) {
            const auto& meta = object.meta;
            if (!is_audited(m_context.settings, meta.ns)) continue;
            auto verdict = excused(meta.ns, meta.created);
            m_recorder.add({ObjectKey::of(api_version, kind, meta), meta.ns, &meta.labels, &meta.annotations},
                           verdict ? std::move(*verdict) : judge(object, m_context));
        }
    }

    void role_bindings()
    {
        for (const auto& binding : m_context.inventory.role_bindings) {
            const std::string_view ns = binding.is_cluster_binding() ? shared_subject_namespace(binding) : binding.meta.ns.view();
            if (!is_audited(m_context.settings, ns)) continue;
            auto verdict = excused(binding.is_cluster_binding() ? std::string_view{} : ns, binding.meta.created);
            m_recorder.add({ObjectKey::of(binding), ns, &binding.meta.labels, &binding.meta.annotations},
                           verdict ? std::move(*verdict) : m_check.judge_role_binding(binding, m_context));
        }
    }

    /// A ClusterRoleBinding counts in the namespace of its ServiceAccounts if they share one, else in the cluster.
    [[nodiscard]] static std::string_view shared_subject_namespace(const model::RoleBinding& binding)
    {
        std::string_view shared;
        for (const auto& subject : binding.subjects) {
            if (subject.kind != model::Subject::Kind::service_account || subject.ns.empty()) return {};
            if (!shared.empty() && shared != subject.ns) return {};
            shared = subject.ns;
        }
        return shared;
    }

    void documents()
    {
        for (const auto& resource : lists_of(m_check).subjects) {
            for (const auto& document : m_context.inventory.documents_of(resource)) {
                const auto& meta = document.meta;
                if (!is_audited(m_context.settings, meta.ns)) continue;
                auto verdict = excused(meta.ns, meta.created);
                m_recorder.add({ObjectKey::of(document), meta.ns, &meta.labels, &meta.annotations},
                               verdict ? std::move(*verdict) : m_check.judge_document(document, m_context));
            }
        }
    }

    void secrets()
    {
        for (const auto& row : m_context.inventory.secrets) {
            if (!is_audited(m_context.settings, row.ns)) continue;
            auto verdict = excused(row.ns, row.created);
            m_recorder.add({{"v1", "Secret", row.ns.str(), row.name.str(), ""}, row.ns, &row.labels, nullptr},
                           verdict ? std::move(*verdict) : m_check.judge_secret(row, m_context));
        }
    }

    /// True for an unknown on the namespace by a rule about objects in it: which of them it speaks about, only the unread list could tell.
    [[nodiscard]] bool stands_for_objects(const ObjectKey& object, const Verdict& verdict) const
    {
        if (object.kind != "Namespace" || verdict.status != check::Status::unknown || !model::is_missing(verdict.reason)) return false;
        const auto& subjects = lists_of(m_check).subjects;
        return m_check.scope == Scope::object && std::ranges::find(subjects, "namespaces") == subjects.end();
    }

    void found_by_rule()
    {
        struct Sink final : check::Results {
            explicit Sink(Walk& owner) : walk(owner) {}
            void add(const ObjectKey& object, std::string_view counts_in, Verdict verdict) override
            {
                if (!is_audited(walk.m_context.settings, counts_in)) return;
                if (walk.stands_for_objects(object, verdict)) walk.m_recorder.subjects_missing(counts_in);
                walk.m_recorder.add({.object = object, .counts_in = counts_in}, std::move(verdict));
            }
            Walk& walk;
        } sink{*this};
        m_check.run(m_context, sink);
    }

    const Check& m_check;
    const Context& m_context;
    Recorder& m_recorder;
};

} // namespace

bool is_audited(const check::Settings& settings, std::string_view ns)
{
    if (ns.empty()) return true;
    if (!settings.include_namespaces.empty() && !glob_match_any(settings.include_namespaces, ns)) return false;
    return !glob_match_any(settings.exclude_namespaces, ns);
}

void walk(const check::Check& check, const check::Context& context, Recorder& recorder)
{
    Walk{check, context, recorder}.run();
}

} // namespace seaworthy::engine

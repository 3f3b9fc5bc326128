// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "seaworthy/check/context.hpp"
#include "seaworthy/check/verdict.hpp"

namespace seaworthy::check {

/// What a result of the check is about (catalogue README, `scope`).
enum class Scope : std::uint8_t {
    workload,
    cluster,
    namespace_,
    object,
    role_binding,
    registry,
    service,
    network_policy,
    node,
    service_account,
    config_map
};
[[nodiscard]] std::string_view name(Scope scope); ///< "namespace", "role_binding"

/// A typed, documented parameter of a check. `fallback` is its default as configuration text (YAML flow syntax); empty: none.
/// A dot in the name is a level of the configuration: `budgetMiB.compressed` is written `budgetMiB: {compressed: 250}`.
struct Parameter {
    /// `records`: a list of maps (`[{subject: User/ann, reason: "…"}]`) or one map, their values texts or lists of texts.
    enum class Type : std::uint8_t { flag, number, text, list, duration, pattern, records };
    std::string_view name;
    Type type = Type::text;
    std::string_view fallback;
    std::string_view description;
};

/// The field paths that a check reads of a resource that is kept as Documents: "spec.rules, status.conditions".
/// Arrays are followed; a path keeps everything below it.
struct Fields {
    std::string_view resource;
    std::string_view paths;
};

/// A check: a row of facts and one pure function (architecture.md). Exactly one of the judge_* members and `run` is set; a rule about network
/// policies may have `judge_document` besides, for those of other APIs.
/// The engine walks the subjects, applies C2, C3, C4, C6 and C10, reports lists that could not be read, and asks for one verdict each.
struct Check {
    std::string_view id;
    std::string_view title;
    Scope scope = Scope::workload;
    Severity severity = Severity::medium;
    bool enabled = true; ///< by default
    /// Resources in the catalogue's spelling and order, comma-separated; `WL` stands for
    /// deployments.apps,statefulsets.apps,daemonsets.apps,replicasets.apps,jobs.batch,cronjobs.batch and
    /// `RB` for the four kinds of rbac.authorization.k8s.io, `NP+CN` for the network policies of every API and the tiers that they stand in.
    std::string_view needs;
    std::string_view grants; ///< catalogue codes; `+X`: a verdict is possible without X
    /// The lists whose objects are judged, where `scope` does not say it (scope object): comma-separated resource ids.
    std::string_view subjects;
    std::span<const Fields> fields;
    std::span<const Parameter> parameters;

    std::string_view rationale;   ///< why it matters, for the owner: one or two sentences
    std::string_view rule;        ///< the exact rule, one clause a status
    std::string_view remediation; ///< what to do, with a manifest or command where one exists
    std::string_view limits;      ///< known false or missing positives; may be empty
    std::string_view references;  ///< URLs and benchmark ids, separated by a space-free ", "; may be empty

    bool judges_system_namespaces = false; ///< false: objects in system namespaces are not_applicable (C6)
    bool judges_mirror_pods = false;       ///< false: mirror pods are not_applicable (C3)
    bool judges_young_objects = false;     ///< false: objects younger than audit.minAge are not_applicable (C10)

    Verdict (*judge_workload)(const model::Workload&, const Context&) = nullptr; ///< root workloads: rules about pod specs and pods
    Verdict (*judge_metadata)(const MetadataSubject&, const Context&) = nullptr; ///< workload objects and bare pods themselves; C2 is not_applicable
    Verdict (*judge_namespace)(const model::Namespace&, const Context&) = nullptr;
    Verdict (*judge_service)(const model::Service&, const Context&) = nullptr;
    Verdict (*judge_node)(const model::Node&, const Context&) = nullptr;
    Verdict (*judge_role_binding)(const model::RoleBinding&, const Context&) = nullptr;
    Verdict (*judge_service_account)(const model::ServiceAccount&, const Context&) = nullptr;
    Verdict (*judge_network_policy)(const model::NetworkPolicy&, const Context&) = nullptr;
    Verdict (*judge_document)(const model::Document&, const Context&) = nullptr; ///< each Document of `subjects`
    Verdict (*judge_secret)(const model::SecretRow&, const Context&) = nullptr;
    Verdict (*judge_cluster)(const Context&) = nullptr;
    void (*run)(const Context&, Results&) = nullptr; ///< finds its subjects itself (registries, roles, several kinds)
};

/// One of the nineteen controls.
struct Control {
    std::string_view id;
    int step = 0; ///< 1–16; 0: advice
    std::string_view title;
    double weight = 1.0;
    std::string_view summary; ///< what the control is about, one paragraph
    std::span<const Check> checks;
    /// What the passes of its checks about workloads and namespaces presume, asked once an audit: a pass, or the verdict that stands in place of
    /// theirs. nullptr: nothing. Only where the check of that id is on.
    Verdict (*premise)(const Context&) = nullptr;
    std::string_view premise_check;
};

/// Settings with every check of the catalogue at its defaults.
[[nodiscard]] Settings default_settings(std::span<const Control* const> catalog);
/// Turns configuration text (YAML flow syntax as in Parameter::fallback: `20m`, `[a, "b c"]`, `true`) into a typed value.
[[nodiscard]] seaworthy::Result<ParameterValue> parse_parameter(const Parameter& parameter, std::string_view text);

/// `needs` with its abbreviations written out.
[[nodiscard]] std::vector<std::string> expand_needs(std::string_view needs);
/// Splits a comma-separated list, spaces trimmed, no empty parts.
[[nodiscard]] std::vector<std::string_view> split_list(std::string_view text);

} // namespace seaworthy::check

// SPDX-License-Identifier: Apache-2.0
#include "controls/label_economy.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/metadata_subjects.hpp"
#include "controls/names.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::MetadataSubject;
using check::Verdict;

// ---- label-controller-selector-overlap

/// Templates by a label that they carry, so that a selector meets only those that have its rarest term.
class TemplatesByLabel {
public:
    struct Entry {
        const model::Workload* workload;
        const model::PodTemplate* pod_template;
    };

    explicit TemplatesByLabel(const Context& context)
    {
        for (const auto& workload : context.index.workloads()) {
            if (workload.finished || workload.bare_pod != nullptr) continue;
            for (const auto* pod_template : workload.templates)
                for (const auto& [key, value] : pod_template->labels)
                    m_entries[key_of(workload.ns, key, value)].push_back({&workload, pod_template});
        }
    }

    /// The templates of the namespace that could match; nullptr where the selector has no matchLabels.
    [[nodiscard]] const std::vector<Entry>* candidates(std::string_view ns, const model::LabelSelector& selector) const
    {
        static const std::vector<Entry> none;
        const std::vector<Entry>* fewest = nullptr;
        for (const auto& [key, value] : selector.match_labels) {
            const auto found = m_entries.find(key_of(ns, key, value));
            const auto* entries = found == m_entries.end() ? &none : &found->second;
            if (fewest == nullptr || entries->size() < fewest->size()) fewest = entries;
        }
        return fewest;
    }

private:
    static std::string key_of(std::string_view ns, std::string_view key, std::string_view value) { return fmt::format("{}\n{}\n{}", ns, key, value); }

    std::unordered_map<std::string, std::vector<Entry>> m_entries;
};

bool adopts_by_selector(const MetadataSubject& subject)
{
    using Kind = model::WorkloadKind;
    return subject.object != nullptr && (subject.object->kind == Kind::deployment || subject.object->kind == Kind::stateful_set ||
                                         subject.object->kind == Kind::daemon_set || subject.object->kind == Kind::replica_set);
}

Verdict judge_overlap(const MetadataSubject& subject, const TemplatesByLabel& templates, const Context& context)
{
    if (!adopts_by_selector(subject)) return check::not_applicable("It selects its pods by a label that only they have").proven();
    const auto& selector = subject.object->selector;
    const auto* root = context.index.root_of(*subject.object);
    std::vector<std::string> others;
    const auto look = [&](const model::Workload& other, const model::PodTemplate& pod_template) {
        if (&other != root && selector.matches(pod_template.labels)) others.push_back(fmt::format("{}/{}", other.kind.view(), other.name.view()));
    };
    if (const auto* candidates = templates.candidates(subject.meta.ns, selector)) {
        for (const auto& [workload, pod_template] : *candidates)
            look(*workload, *pod_template);
    } else if (selector.present && !selector.match_expressions.empty()) {
        for (const auto* workload : context.index.workloads_in(subject.meta.ns))
            if (!workload->finished && workload->bare_pod == nullptr)
                for (const auto* pod_template : workload->templates)
                    look(*workload, *pod_template);
    }
    if (others.empty()) return resting_on(check::pass("Its selector finds its own pods only"), context, subject.meta.ns, {"WL"});
    std::ranges::sort(others);
    NameList names;
    for (auto& other : others)
        names.add(std::move(other));
    return check::fail(fmt::format("Its selector finds the pods of {} too: give each a label of its own, such as track, in selector and template",
                                   names.text()))
        .with("workloads", names.values());
}

// ---- label-sprawl

/// Keys that tools set, or that the whole world selects by.
bool is_common_key(std::string_view key)
{
    static constexpr std::string_view k_common[] = {"*.kubernetes.io/*", "kubernetes.io/*", "*.k8s.io/*",         "k8s.io/*", "helm.sh/*",
                                                    "argocd*",           "*fluxcd.io/*",    "*pod-template-hash", "*-hash"};
    return std::ranges::any_of(k_common, [&](std::string_view glob) { return glob_match(glob, key); });
}

/// Every label key of the cluster that something selects by.
class SelectedKeys {
public:
    explicit SelectedKeys(const Context& context)
    {
        for (const auto& service : context.inventory.services)
            add(service.selector);
        for (const auto& policy : context.inventory.network_policies) {
            add(policy.pod_selector);
            for (const auto* rules : {&policy.ingress, &policy.egress})
                for (const auto& rule : *rules)
                    for (const auto& peer : rule.peers)
                        add(peer.pod_selector);
        }
        for (const auto& budget : context.inventory.documents_of("poddisruptionbudgets.policy"))
            add(budget.at("spec.selector"));
        for (const std::string_view hooks :
             {"validatingwebhookconfigurations.admissionregistration.k8s.io", "mutatingwebhookconfigurations.admissionregistration.k8s.io"})
            for (const auto& configuration : context.inventory.documents_of(hooks))
                for (const auto& webhook : configuration["webhooks"].items())
                    add(webhook["objectSelector"]);
        for (const auto& object : context.inventory.workloads) {
            add(object.selector);
            if (object.pod_template.spec != nullptr)
                for (const auto& key : object.pod_template.spec->selector_keys)
                    m_keys.insert(key);
        }
    }

    [[nodiscard]] bool contains(std::string_view key) const { return m_keys.contains(key); }

private:
    void add(const model::StringMap& labels)
    {
        for (const auto& [key, value] : labels)
            m_keys.insert(key);
    }
    void add(const model::LabelSelector& selector)
    {
        add(selector.match_labels);
        for (const auto& requirement : selector.match_expressions)
            m_keys.insert(requirement.key);
    }
    void add(const model::Value& selector)
    {
        for (const auto& [key, value] : selector["matchLabels"].members())
            m_keys.insert(key);
        for (const auto& requirement : selector["matchExpressions"].items())
            m_keys.insert(requirement["key"].text());
    }

    std::unordered_set<std::string_view> m_keys;
};

Verdict judge_sprawl(const MetadataSubject& subject, const SelectedKeys& selected)
{
    constexpr std::size_t k_many = 10;
    NameList unused;
    for (const auto& [key, value] : pod_labels(subject))
        if (!is_common_key(key) && !selected.contains(key)) unused.add(key.str());
    if (unused.size() <= k_many) return check::pass("Its pods carry few labels that nothing selects by");
    return check::warn(fmt::format("Its pods carry {} labels that nothing selects by: {}", unused.size(), unused.text()))
        .with("labels", unused.values())
        .by_absence();
}

// ---- label-high-cardinality

bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
bool is_lower_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f');
}
bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

/// True if the text has the form: `9` stands for a digit, `h` for a hexadecimal one, anything else for itself.
bool has_form(std::string_view text, std::string_view form)
{
    return text.size() == form.size() && std::ranges::equal(text, form, [](char c, char f) {
               return f == '9' ? is_digit(c) : f == 'h' ? is_lower_hex(c) || (c >= 'A' && c <= 'F') : c == f;
           });
}

/// `2026-11-22`, `20261122T030000Z`, `2026-11-22T03.00.00Z`: dates and times as a label can hold them.
bool is_time(std::string_view text)
{
    constexpr std::string_view k_date = "9999-99-99";
    constexpr std::string_view k_compact = "99999999T";
    if (has_form(text, k_date)) return true;
    std::string_view rest;
    if (text.size() > k_date.size() && has_form(text.substr(0, k_date.size()), k_date) && (text[k_date.size()] == 'T' || text[k_date.size()] == '_'))
        rest = text.substr(k_date.size() + 1);
    else if (text.size() > k_compact.size() && has_form(text.substr(0, k_compact.size()), k_compact))
        rest = text.substr(k_compact.size());
    return !rest.empty() && is_digit(rest.front()) &&
           std::ranges::all_of(rest, [](char c) { return is_digit(c) || c == '.' || c == '-' || c == '_' || c == 'Z'; });
}

bool is_epoch(std::string_view text)
{
    return has_form(text, "9999999999") || has_form(text, "9999999999999");
}

bool is_commit(std::string_view text)
{
    constexpr std::size_t k_sha1 = 40;
    return text.size() == k_sha1 && std::ranges::all_of(text, is_lower_hex);
}

bool is_uuid(std::string_view text)
{
    return has_form(text, "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh");
}

bool is_random(std::string_view text)
{
    constexpr std::size_t k_longest_name = 40;
    return text.size() > k_longest_name && std::ranges::any_of(text, is_upper) && std::ranges::any_of(text, is_lower) &&
           std::ranges::any_of(text, is_digit) &&
           std::ranges::all_of(text, [](char c) { return is_upper(c) || is_lower(c) || is_digit(c) || c == '_'; });
}

struct ValueForm {
    std::string_view what;
    bool (*fits)(std::string_view);
};
constexpr ValueForm k_forms[] = {
    {"a date or time", is_time}, {"a Unix time", is_epoch}, {"a Git commit", is_commit}, {"a UUID", is_uuid}, {"a random text", is_random}};

/// Labels that controllers and charts set, and whose change is meant to make new pods.
bool is_expected_to_change(std::string_view key)
{
    static constexpr std::string_view k_keys[] = {
        "controller-revision-hash",     "controller-uid", "batch.kubernetes.io/*",     "job-name",     "statefulset.kubernetes.io/*",
        "apps.kubernetes.io/pod-index", "*-hash",         "app.kubernetes.io/version", "helm.sh/chart"};
    return std::ranges::any_of(k_keys, [&](std::string_view glob) { return glob_match(glob, key); });
}

} // namespace

void judge_selector_overlap(const Context& context, check::Results& results)
{
    const TemplatesByLabel templates{context};
    judge_each_object(context, results, [&](const MetadataSubject& subject) { return judge_overlap(subject, templates, context); });
}

void judge_label_sprawl(const Context& context, check::Results& results)
{
    const SelectedKeys selected{context};
    judge_each_object(context, results, [&](const MetadataSubject& subject) { return judge_sprawl(subject, selected); });
}

Verdict judge_label_cardinality(const MetadataSubject& subject, const Context&)
{
    NameList found;
    for (const auto& [key, value] : pod_labels(subject)) {
        if (is_expected_to_change(key)) continue;
        const auto* form = std::ranges::find_if(k_forms, [&](const ValueForm& each) { return each.fits(value); });
        if (form != std::end(k_forms)) found.add(fmt::format("{} ({})", key.view(), form->what));
    }
    if (found.empty()) return check::pass("No label of its pods changes with each release").proven();
    return check::warn(fmt::format("A label of its pods carries what changes with each release: {}", found.text())).with("labels", found.values());
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "controls/policy_topics.hpp"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "controls/names.hpp"
#include "controls/policy_cover.hpp"
#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Document;

/// A topic, the constraint kinds of Gatekeeper's library and the policy names of Kyverno's that are about it, and the level of Pod Security
/// that covers it (empty: none does).
struct Topic {
    std::string_view name;
    std::string_view policies; ///< comma-separated, with `*`
    std::string_view level;
};
constexpr Topic k_topics[] = {
    {"privileged", "K8sPSPPrivilegedContainer, disallow-privileged-containers", "baseline"},
    {"hostNamespaces", "K8sPSPHostNamespace, disallow-host-namespaces", "baseline"},
    {"hostPath", "K8sPSPHostFilesystem, disallow-host-path", "baseline"},
    {"capabilities", "K8sPSPCapabilities, disallow-capabilities*", "baseline"},
    {"runAsNonRoot", "K8sPSPAllowedUsers, require-run-as-non*root*", "restricted"},
    {"allowedRepos", "K8sAllowedRepos*, restrict-image-registries", ""},
    {"requiredLabels", "K8sRequiredLabels, require-labels", ""},
    {"resources", "K8sContainerLimits, K8sContainerRequests, require-requests-limits", ""},
};

bool named_by(std::string_view globs, std::string_view kind, std::string_view name)
{
    return std::ranges::any_of(check::split_list(globs), [&](std::string_view glob) { return glob_match(glob, kind) || glob_match(glob, name); });
}

/// What the configuration says that a policy is about, beside what its name says.
bool mapped(const Context& context, std::string_view topic, std::string_view kind, std::string_view name)
{
    for (const auto& record : context.parameters.records("topicMap")) {
        const auto entry = record.find(std::string{topic});
        if (entry == record.end()) continue;
        if (std::ranges::any_of(entry->second, [&](const std::string& glob) { return glob_match(glob, kind) || glob_match(glob, name); }))
            return true;
    }
    return false;
}

bool is_about(const Context& context, const Topic& topic, const Document& policy)
{
    return named_by(topic.policies, policy.kind, policy.meta.name) || mapped(context, topic.name, policy.kind, policy.meta.name);
}

/// How strongly each topic is covered here, and whether something denies that no name explains.
struct Coverage {
    std::map<std::string_view, Enforcement> topics;
    NameList unexplained;

    void raise(std::string_view topic, Enforcement enforcement)
    {
        auto& known = topics[topic];
        known = std::max(known, enforcement);
    }
};

/// The topics that a level of Pod Security covers: restricted all of them, baseline all but its own.
void add_level(Coverage& coverage, std::string_view level, Enforcement enforcement)
{
    for (const auto& topic : k_topics)
        if (!topic.level.empty() && (level == "restricted" || (level == "baseline" && topic.level == "baseline")))
            coverage.raise(topic.name, enforcement);
}

Coverage coverage_of(const model::Namespace& ns, const Context& context)
{
    Coverage coverage;
    for_each_policy_in(ns, context, [&](const Document& policy, Enforcement enforcement) {
        if (policy.api_version.view().starts_with("policies.kubewarden.io/")) return; // their modules have names of their own
        bool explained = false;
        for (const auto& topic : k_topics) {
            if (!is_about(context, topic, policy)) continue;
            explained = true;
            coverage.raise(topic.name, enforcement);
        }
        if (!explained && enforcement == Enforcement::denies)
            coverage.unexplained.add(fmt::format("{}/{}", policy.kind.view(), policy.meta.name.view()));
    });
    const auto level = [&](std::string_view mode) { return ns.meta.labels.get(fmt::format("pod-security.kubernetes.io/{}", mode)); };
    add_level(coverage, level("enforce"), Enforcement::denies);
    for (const std::string_view mode : {"warn", "audit"})
        add_level(coverage, level(mode), Enforcement::observes);
    return coverage;
}

} // namespace

Verdict judge_policy_topics(const model::Namespace& ns, const Context& context)
{
    const auto coverage = coverage_of(ns, context);
    NameList missing;
    NameList observed;
    for (const auto& topic : context.parameters.list("requiredTopics")) {
        const auto found = coverage.topics.find(topic);
        if (found == coverage.topics.end())
            missing.add(topic);
        else if (found->second == Enforcement::observes)
            observed.add(topic);
    }
    if (!missing.empty() || !observed.empty())
        if (const auto* gap = policy_gap(context)) return context.unknown_for(*gap);
    if (!missing.empty() && !coverage.unexplained.empty())
        return check::unknown(check::Reason::unobservable, fmt::format("Nothing known here is about {}; what {} decides is not interpreted",
                                                                       missing.text(), coverage.unexplained.text()))
            .with("missing", missing.values())
            .with("policies", coverage.unexplained.values());
    if (!missing.empty()) return check::fail(fmt::format("No policy here is about {}", missing.text())).with("missing", missing.values());
    if (!observed.empty()) return check::warn(fmt::format("Policies about {} only watch here", observed.text())).with("observed", observed.values());
    return check::pass("Every required topic is enforced here").proven();
}

} // namespace seaworthy::controls

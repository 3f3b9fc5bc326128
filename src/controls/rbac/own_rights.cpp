// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "controls/evidence.hpp"
#include "controls/rbac/checks.hpp"
#include "controls/wording.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls::rbac {

using check::Context;
using check::Reason;
using check::Verdict;
using model::PolicyRule;
using model::Value;

namespace {

constexpr std::string_view k_review = "selfsubjectrulesreview:";

/// One right out of a review.
struct Right {
    std::string_view verb;
    std::string_view group;
    std::string_view resource;
};

bool is_read(std::string_view verb)
{
    return verb == "get" || verb == "list" || verb == "watch";
}

/// What serving and judging need besides reading: reviews, which write nothing.
bool is_review(const Right& right)
{
    if (right.verb != "create") return false;
    if (right.group == "authentication.k8s.io") return right.resource == "selfsubjectreviews" || right.resource == "tokenreviews";
    return right.group == "authorization.k8s.io" &&
           (right.resource == "selfsubjectaccessreviews" || right.resource == "selfsubjectrulesreviews" || right.resource == "subjectaccessreviews");
}

/// The rules of everybody: no finding of the daemon's own account.
std::vector<const PolicyRule*> rules_of_everybody(const Context& context)
{
    std::vector<const PolicyRule*> rules;
    for (const auto& binding : context.inventory.role_bindings) {
        const bool everybody = std::ranges::any_of(binding.subjects, [](const model::Subject& subject) {
            return subject.kind == model::Subject::Kind::group && subject.name == "system:authenticated";
        });
        const auto* role = everybody ? context.rbac.role_of(binding) : nullptr;
        if (role == nullptr) continue;
        for (const auto& rule : role->rules)
            rules.push_back(&rule);
    }
    return rules;
}

/// What the reviews of all sampled namespaces say.
struct Findings {
    std::set<std::string> excess;                        ///< "delete pods", "list secrets"
    std::map<std::string, std::set<std::string>> leases; ///< where leases may be written, by right
    std::size_t reviews = 0;
    bool incomplete = false;
};

class Reader {
public:
    Reader(const Context& context, Findings& findings)
        : m_findings(findings), m_everybody(rules_of_everybody(context)), m_secrets_granted(context.settings.grants.contains("SE"))
    {}

    void read(std::string_view ns, const Value& status)
    {
        ++m_findings.reviews;
        m_findings.incomplete = m_findings.incomplete || status["incomplete"].is_true();
        for (const auto& rule : status["resourceRules"].items())
            for (const auto& verb : rule["verbs"].items())
                for (const auto& group : rule["apiGroups"].items())
                    for (const auto& resource : rule["resources"].items()) {
                        if (m_left == 0) return (void)(m_findings.incomplete = true);
                        --m_left;
                        judge(ns, {verb.text(), group.text(), resource.text()});
                    }
        for (const auto& rule : status["nonResourceRules"].items())
            for (const auto& verb : rule["verbs"].items())
                if (!is_read(verb.text())) m_findings.excess.insert(fmt::format("{} non-resource URLs", verb.text()));
    }

private:
    void judge(std::string_view ns, const Right& right)
    {
        constexpr std::size_t enough = 100;
        const auto resource = right.resource.substr(0, right.resource.find('/'));
        const bool secrets = (right.group.empty() || right.group == "*") && (resource == "secrets" || right.resource == "*");
        if (m_findings.excess.size() >= enough || (is_read(right.verb) && (!secrets || m_secrets_granted)) || is_review(right)) return;
        const bool everybody = std::ranges::any_of(m_everybody, [&](const PolicyRule* rule) {
            const auto slash = right.resource.find('/');
            const auto sub = slash == std::string_view::npos ? std::string_view{} : right.resource.substr(slash + 1);
            return model::rule_allows(*rule, right.verb, right.group, resource, sub);
        });
        if (everybody) return;
        const auto name = fmt::format("{} {}{}{}", right.verb, right.resource, right.group.empty() ? "" : ".", right.group);
        if (right.group == "coordination.k8s.io" && right.resource == "leases") {
            m_findings.leases[name].emplace(ns);
        } else {
            m_findings.excess.insert(name);
        }
    }

    Findings& m_findings;
    std::vector<const PolicyRule*> m_everybody;
    bool m_secrets_granted;
    std::size_t m_left = 1'000'000; ///< a bound on verbs × groups × resources
};

} // namespace

Verdict auditor_least_privilege(const Context& context)
{
    Findings findings;
    Reader reader{context, findings};
    const model::ProbeAnswer* refused = nullptr;
    const auto& probes = context.inventory.probes;
    for (auto probe = probes.lower_bound(k_review); probe != probes.end() && probe->first.starts_with(k_review); ++probe) {
        if (probe->second.empty()) continue;
        const auto& answer = probe->second.back();
        const auto json = answer.error.empty() && answer.status / 100 == 2 ? model::JsonText::parse(answer.body) : std::nullopt;
        if (json)
            reader.read(std::string_view{probe->first}.substr(k_review.size()), json->root());
        else
            refused = &answer;
    }
    // A lease of its own namespace is the leader election's; leases everywhere are more than that.
    for (const auto& [right, where] : findings.leases)
        if (where.size() > 1) findings.excess.insert(right);
    if (!findings.excess.empty()) {
        // Without the bindings nobody can tell what is this daemon's own from what every authenticated identity has.
        if (const auto* gap = first_gap(context, "*", {"clusterrolebindings.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io"}))
            return context.unknown_for(*gap);
        const std::vector<std::string> excess{findings.excess.begin(), findings.excess.end()};
        return check::fail(fmt::format("This daemon may do more than read: {}", first_few(excess))).with("rights", as_evidence(excess));
    }
    if (refused != nullptr) {
        const auto reason = refused->status == 403 || refused->status == 401 ? Reason::forbidden
                            : refused->status / 100 == 2                     ? Reason::malformed
                                                                             : Reason::unavailable;
        return check::unknown(reason, "A review of this daemon's own rights was not answered").needs_grant(reason == Reason::forbidden ? "SS" : "");
    }
    if (findings.reviews == 0) return check::unknown(Reason::unobservable, "This daemon's own rights were not reviewed");
    if (findings.incomplete) return check::warn("An authorizer could not list its part of this daemon's rights, the rest is read-only");
    return check::pass(fmt::format("Read-only in {}", counted(findings.reviews, "sampled namespace"))).proven();
}

} // namespace seaworthy::controls::rbac

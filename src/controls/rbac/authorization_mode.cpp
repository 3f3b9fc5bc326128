// SPDX-License-Identifier: Apache-2.0
// Whether RBAC decides at all: by the flags of the API server, by its answers to reviews of our own rights, by its metrics.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "controls/api_server_flags.hpp"
#include "controls/api_server_metrics.hpp"
#include "controls/evidence.hpp"
#include "controls/rbac/checks.hpp"
#include "seaworthy/check/check.hpp"
#include "seaworthy/controls/compared_metrics.hpp"
#include "seaworthy/model/json_text.hpp"

namespace seaworthy::controls::rbac {
namespace {

using check::Context;
using check::Reason;
using check::Verdict;

// Asked with each audit (kube/cluster_reader): a right that only RBAC can have given, and one that no role can name.
constexpr std::string_view k_granted_review = "selfsubjectaccessreview:list/pods";
constexpr std::string_view k_absurd_review = "selfsubjectaccessreview:audit-probe/probes.rbac-probe.invalid";

struct Review {
    bool answered = false;
    bool allowed = false;
    bool by_rbac = false; ///< the API server names RBAC as the reason
};

Review review_of(const Context& context, std::string_view url)
{
    const auto* answer = context.inventory.probe(url);
    const auto status = answer != nullptr && answer->error.empty() ? model::JsonText::parse(answer->body) : std::nullopt;
    if (!status) return {};
    return {true, (*status)["allowed"].is_true(), (*status)["reason"].text().starts_with("RBAC:")};
}

bool metrics_show_rbac(const Context& context)
{
    const auto samples = api_server_proofs(context, k_authorization_decisions);
    return samples && std::ranges::any_of(*samples, [](const MetricSample& sample) { return sample.label("type") == "RBAC" && sample.value > 0; });
}

/// The verdict on one API server by its flags; unknown where a file decides.
Verdict judge_server(const ApiServer& server)
{
    const auto* flag = server.find("authorization-mode");
    if (flag == nullptr) {
        if (server.find("authorization-config") != nullptr)
            return check::unknown(Reason::unobservable, fmt::format("{} has an --authorization-config; what it says is on the node", server.name));
        if (!server.whole) return check::pass(fmt::format("{} authorises by Node and RBAC, as its distribution does", server.name));
        return check::fail(fmt::format("{} has no --authorization-mode: it allows everything", server.name)).with("apiServer", server.name);
    }
    const auto list = check::split_list(*flag);
    const std::set<std::string_view> modes{list.begin(), list.end()};
    const auto told = [&](Verdict verdict) { return std::move(verdict).with("apiServer", server.name).with("modes", *flag); };
    if (modes.contains("AlwaysAllow"))
        return told(check::fail(fmt::format("{} has the mode AlwaysAllow, beside which RBAC decides nothing", server.name)));
    if (!modes.contains("RBAC")) return told(check::fail(fmt::format("{} does not use RBAC", server.name)));
    if (modes.contains("ABAC")) return told(check::warn(fmt::format("{} has the mode ABAC too: its file allows what no role shows", server.name)));
    if (!modes.contains("Node"))
        return told(check::warn(fmt::format("{} lacks the mode Node: kubelets have wider rights than they need", server.name)));
    return told(check::pass(fmt::format("{} authorises by {}", server.name, *flag)));
}

} // namespace

Verdict authorization_mode(const Context& context)
{
    const auto absurd = review_of(context, k_absurd_review);
    const auto granted = review_of(context, k_granted_review);
    // A member of system:masters is let through before any authorizer is asked, and no reason is given, for this or for anything.
    const bool unexplained = absurd.allowed && !absurd.by_rbac;
    if (unexplained && granted.by_rbac)
        return check::fail("The API server allows what no role can name: an authorizer beside RBAC allows everything");
    const auto servers = find_api_servers(context);
    std::optional<Verdict> worst;
    for (const auto& server : servers) {
        auto verdict = judge_server(server);
        worst = worst ? check::worst(std::move(*worst), std::move(verdict)) : std::move(verdict);
    }
    if (worst && worst->status == check::Status::fail) return std::move(*worst);
    if (const auto* gap = first_gap(context, "*", {"pods", "nodes"})) return context.unknown_for(*gap);
    if (worst && worst->status != check::Status::unknown) return std::move(*worst).proven();
    if (granted.allowed && granted.by_rbac) return check::pass("The API server says that RBAC decided about this audit's own rights").proven();
    if (metrics_show_rbac(context)) return check::pass("The API server's metrics count decisions of RBAC").proven();
    if (worst) return std::move(*worst);
    if (unexplained)
        return check::unknown(Reason::unobservable,
                              "Everything is allowed without a reason: either nothing authorises, or this audit runs as a member of system:masters");
    return check::unknown(Reason::unobservable,
                          "Neither flags nor reviews nor metrics show that RBAC decides; that its API is served proves nothing");
}

} // namespace seaworthy::controls::rbac

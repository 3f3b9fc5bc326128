// SPDX-License-Identifier: Apache-2.0
#include "controls/open_policies.hpp"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "controls/exposure.hpp"
#include "controls/software.hpp"
#include "seaworthy/model/ip_block.hpp"
#include "seaworthy/model/network_isolation.hpp"

namespace seaworthy::controls {
namespace {

using check::Context;
using check::Verdict;
using model::Direction;
using model::NetworkPolicy;
using model::NetworkPolicyRule;
using model::Workload;

constexpr std::string_view k_entrances =
    "ingress-nginx/controller, nginx/nginx-ingress, library/traefik, rancher/mirrored-library-traefik, envoyproxy/envoy, "
    "projectcontour/contour, library/kong, kong/kubernetes-ingress-controller, haproxytech/kubernetes-ingress, istio/proxyv2";

bool is_entrance(const Workload& workload, const std::set<std::string_view>& routed, const Context& context)
{
    if (has_image(workload, k_entrances)) return true;
    return std::ranges::any_of(context.index.services_of(workload),
                               [&](const model::Service* service) { return service->type == "LoadBalancer" || routed.contains(service->meta.name); });
}

/// Everything that the policy selects in the namespace is there to be reached from outside, and there is something.
template <typename Selects>
bool selects_entrances_alone(std::string_view ns, const Context& context, Selects selects)
{
    const auto routed = routed_services(context, ns);
    bool any = false;
    for (const auto* workload : context.index.workloads_in(ns)) {
        if (std::ranges::none_of(workload->templates, selects)) continue;
        if (!is_entrance(*workload, routed, context)) return false;
        any = true;
    }
    return any;
}

/// An ipBlock of every address that leaves out what is inside.
bool leaves_private_networks_out(const model::NetworkPolicyPeer& peer)
{
    constexpr std::string_view k_inside[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"};
    return std::ranges::all_of(
        k_inside, [&](std::string_view network) { return std::ranges::any_of(peer.except, [&](const Text& except) { return except == network; }); });
}

/// To every address, on every port, with exceptions that are not enough.
bool opens_the_inside(const NetworkPolicyRule& rule)
{
    return rule.ports.empty() && std::ranges::any_of(rule.peers, [](const model::NetworkPolicyPeer& peer) {
               return model::is_every_address(peer.cidr) && !leaves_private_networks_out(peer);
           });
}

} // namespace

Verdict judge_open_policy(const NetworkPolicy& policy, const Context& context)
{
    const auto admits = [&](Direction direction) { return std::ranges::any_of(model::rules(policy, direction), model::admits_everything); };
    const bool open = admits(Direction::ingress);
    if (open) {
        if (model::selects_every_pod(policy))
            return check::fail("It allows every source to every pod of the namespace, whatever other policies deny")
                .with("direction", std::string{"ingress"});
        const auto selects = [&](const model::PodTemplate* pod_template) { return policy.pod_selector.matches(pod_template->labels); };
        if (!selects_entrances_alone(policy.meta.ns, context, selects))
            return check::warn("It allows every source to the pods that it selects").with("direction", std::string{"ingress"});
    }
    if (admits(Direction::egress) || std::ranges::any_of(model::rules(policy, Direction::egress), opens_the_inside))
        return check::warn("It allows connections to everywhere, on every port").with("direction", std::string{"egress"});
    if (open) return check::pass("It allows every source to what is there to be reached from outside");
    return check::pass("No rule of it allows everything").proven();
}

Verdict judge_open_document(const model::Document& policy, const Context& context)
{
    const auto summary = context.network.summary_of(policy);
    const auto ns = policy.meta.ns.view();
    if (summary.opens_ingress) {
        if (ns.empty()) return check::fail("It allows every source to pods of the whole cluster").with("direction", std::string{"ingress"});
        if (context.network.covers(policy, ns) == model::Answer::yes)
            return check::fail("It allows every source to every pod of the namespace").with("direction", std::string{"ingress"});
        const auto selects = [&](const model::PodTemplate* pod_template) {
            return context.network.selects(policy, model::identity_of(ns, pod_template->labels, pod_template->spec)) != model::Answer::no;
        };
        if (!selects_entrances_alone(ns, context, selects))
            return check::warn("It allows every source to the pods that it selects").with("direction", std::string{"ingress"});
    }
    if (summary.opens_egress) return check::warn("It allows connections to everywhere, on every port").with("direction", std::string{"egress"});
    if (summary.doubtful) return check::unknown(check::Reason::unobservable, "Whether a rule of it allows everything cannot be resolved");
    if (summary.opens_ingress) return check::pass("It allows every source to what is there to be reached from outside");
    return check::pass("No rule of it allows everything").proven();
}

} // namespace seaworthy::controls

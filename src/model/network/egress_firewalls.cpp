// SPDX-License-Identifier: Apache-2.0
// k8s.ovn.org/v1 EgressFirewall: ordered rules of a namespace for what leaves the cluster.
#include "model/network/policy.hpp"

namespace seaworthy::model {

bool denies_outside(std::span<const Document* const> egress_firewalls)
{
    for (const auto* firewall : egress_firewalls) {
        auto open = Traffic::of(Ends::outside);
        Traffic allowed;
        for (const auto& rule : firewall->at("spec.egress").items()) {
            const auto cidr = rule.at("to.cidrSelector").text();
            if (cidr.empty() || rule["ports"].size() > 0) continue; // a name, nodes, or some ports of it
            const BlockCover block{cidr};
            Traffic covered;
            covered.add(k_every_protocol, Ends::outside, block.v4(), block.v6());
            if (rule["type"].text() == "Allow") allowed = allowed | (open & covered);
            open.remove(covered);
        }
        for (const bool v6 : {false, true}) {
            const auto family = Traffic::of(Ends::outside, v6);
            if (!(open & family).any() && !(allowed & family).any()) return true;
        }
    }
    return false;
}

} // namespace seaworthy::model

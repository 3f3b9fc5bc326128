// SPDX-License-Identifier: Apache-2.0
// Calico's selector expressions, as each of the three things that they choose, against pods with and without labels.
#include "fuzz/fuzz_target.hpp"
#include "model/network/calico_selector.hpp"

using namespace seaworthy;
using model::CalicoSubject;

SEAWORTHY_FUZZ_TARGET(calico_selector, input)
{
    const model::StringMap none;
    for (const auto subject : {CalicoSubject::endpoints, CalicoSubject::namespaces, CalicoSubject::service_accounts}) {
        const auto selector = model::parse_calico_selector(input, subject);
        if (!selector) continue;
        const auto& expression = selector->expression;
        const model::PodFacts pod{
            .ns = "shop", .namespace_labels = &none, .labels = &none, .service_account = "default", .service_account_labels = &none};
        const auto match = expression.evaluate(pod);
        fuzz::require(match != model::Match::depends);
        // What needs one of these labels does not match without any.
        if (expression.anchors()) fuzz::require(match == model::Match::no);
        auto negated = expression;
        if (expression.empty()) continue;
        negated.negate();
        if (match == model::Match::yes) fuzz::require(negated.evaluate(pod) == model::Match::no);
        static_cast<void>(expression.is_whole_cluster());
    }
}

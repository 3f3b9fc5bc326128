// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "model/network/label_expression.hpp"

namespace seaworthy::model {

/// What a selector of Calico chooses by: the same words are labels of another object.
enum class CalicoSubject : std::uint8_t { endpoints, namespaces, service_accounts };

struct CalicoSelector {
    LabelExpression expression;
    bool names_global = false; ///< `global()`: what is in no namespace, which is no pod
};

/// Parses Calico's selector language (docs.tigera.io/calico/latest/reference/resources/networkpolicy#selectors):
/// `a == 'x' && (has(b) || !(c in {'y', "z"}))`. Nothing for what Calico would refuse. Empty: everything.
[[nodiscard]] std::optional<CalicoSelector> parse_calico_selector(std::string_view text, CalicoSubject subject);

} // namespace seaworthy::model

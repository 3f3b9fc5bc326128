// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string_view>

#include "model/network/label_expression.hpp"
#include "seaworthy/model/document.hpp"

namespace seaworthy::model {

/// What a key of a selector stands for.
struct SelectorKey {
    LabelExpression::Field field = LabelExpression::Field::pod_label;
    std::string_view key;
    std::optional<Match> constant; ///< instead of the term
};
using KeyReading = std::function<SelectorKey(std::string_view)>;

/// metav1.LabelSelector as a Document holds it; empty or absent, it selects everything. What the API would refuse is unresolved.
[[nodiscard]] LabelExpression expression_of(const Value& selector, const KeyReading& reading);
[[nodiscard]] LabelExpression expression_of(const Value& selector, LabelExpression::Field field);

} // namespace seaworthy::model

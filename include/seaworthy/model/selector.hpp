// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

#include "seaworthy/model/object_meta.hpp"

namespace seaworthy::model {

struct SelectorRequirement {
    enum class Operator { in, not_in, exists, does_not_exist, invalid };
    Text key;
    Operator op = Operator::invalid; ///< `invalid`: the API would refuse it; matches nothing
    Array<Text> values;
};

/// metav1.LabelSelector with its exact semantics (C16): present and empty selects everything; what absent means is the field's own affair.
struct LabelSelector {
    bool present = false;
    StringMap match_labels;
    Array<SelectorRequirement> match_expressions;

    [[nodiscard]] bool empty() const { return match_labels.empty() && match_expressions.empty(); }
    /// True if present and all terms hold. NotIn and DoesNotExist hold for objects without the key.
    [[nodiscard]] bool matches(const StringMap& labels) const;
};

/// True if every entry of `wanted` is in `labels` (a Service's or ReplicationController's map selector). An empty map selects nothing.
[[nodiscard]] bool map_selects(const StringMap& wanted, const StringMap& labels);

} // namespace seaworthy::model

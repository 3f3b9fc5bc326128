// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/model/object_meta.hpp"

namespace seaworthy::model {

/// A label selector as kubectl's -l writes it: `a=b,c!=d,e in (x,y),f notin (z),g,!h` (apimachinery labels.Parse).
class LabelQuery {
public:
    [[nodiscard]] static Result<LabelQuery> parse(std::string_view text);
    [[nodiscard]] bool matches(const StringMap& labels) const;

private:
    struct Term {
        std::string key;
        std::vector<std::string> values; ///< empty: the key's presence decides
        bool negated = false;
    };
    [[nodiscard]] static bool parse_term(std::string_view text, Term& term);

    std::vector<Term> m_terms;
};

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
// Globs, regular expressions, label selectors, CIDRs and NO_PROXY lists against a text, each from a line of its own.
#include "fuzz/fuzz_target.hpp"
#include "seaworthy/base/pattern.hpp"
#include "seaworthy/model/ip_block.hpp"
#include "seaworthy/model/label_query.hpp"
#include "seaworthy/net/url.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(patterns, input)
{
    const auto end = input.find('\n');
    const auto expression = input.substr(0, end);
    const auto text = end == std::string_view::npos ? std::string_view{"app"} : input.substr(end + 1);
    static_cast<void>(glob_match(expression, text));
    fuzz::require(glob_match("*", text));
    if (expression.find_first_of("*?[\\") == std::string_view::npos) fuzz::require(glob_match(expression, expression));
    if (const auto pattern = Pattern::compile(expression)) static_cast<void>(pattern->search(text));
    if (const auto query = model::LabelQuery::parse(expression)) static_cast<void>(query->matches({}));
    static_cast<void>(model::cidr_contains(expression, text));
    static_cast<void>(net::bypasses_proxy(expression, text, 443));
}

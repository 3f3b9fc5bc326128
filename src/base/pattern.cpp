// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/pattern.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <re2/re2.h>

namespace seaworthy {

bool glob_match(std::string_view glob, std::string_view text)
{
    // On a mismatch only the last `*` needs to take one character more: O(|glob| · |text|) at worst, no recursion.
    std::size_t g = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t resume = 0;
    while (t < text.size()) {
        if (g < glob.size() && glob[g] == '*') {
            star = g++;
            resume = t;
        } else if (g < glob.size() && glob[g] == text[t]) {
            ++g;
            ++t;
        } else if (star != std::string_view::npos) {
            g = star + 1;
            t = ++resume;
        } else {
            return false;
        }
    }
    while (g < glob.size() && glob[g] == '*')
        ++g;
    return g == glob.size();
}

bool glob_match_any(const std::vector<std::string>& globs, std::string_view text)
{
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return glob_match(glob, text); });
}

struct Pattern::Compiled {
    re2::RE2 expression;
};

Result<Pattern> Pattern::compile(std::string_view expression)
{
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(1 << 20);
    const auto compiled = std::shared_ptr<Compiled>(new Compiled{re2::RE2{re2::StringPiece{expression.data(), expression.size()}, options}});
    if (!compiled->expression.ok()) {
        return failure(Error::Kind::usage, fmt::format("'{}' is not a regular expression: {}", expression, compiled->expression.error()),
                       "use RE2 syntax; look-around and back-references are not part of it");
    }
    Pattern pattern;
    pattern.m_compiled = compiled;
    return pattern;
}

bool Pattern::search(std::string_view text) const
{
    return m_compiled != nullptr && re2::RE2::PartialMatch(re2::StringPiece{text.data(), text.size()}, m_compiled->expression);
}

} // namespace seaworthy

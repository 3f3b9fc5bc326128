// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"

namespace seaworthy {

/// True if `text` equals `glob`, where each `*` stands for any run of characters. Linear in practice, never exponential.
[[nodiscard]] bool glob_match(std::string_view glob, std::string_view text);

/// True if any of `globs` matches.
[[nodiscard]] bool glob_match_any(const std::vector<std::string>& globs, std::string_view text);

/// A regular expression from the configuration (RE2 syntax, linear time on any input: docs/adr/0002). Immutable, cheap to copy.
class Pattern {
public:
    /// Refuses what RE2 refuses; the error quotes the expression and RE2's reason.
    [[nodiscard]] static Result<Pattern> compile(std::string_view expression);
    /// True if the expression is found anywhere in `text`.
    [[nodiscard]] bool search(std::string_view text) const;

private:
    struct Compiled;
    std::shared_ptr<const Compiled> m_compiled;
};

} // namespace seaworthy

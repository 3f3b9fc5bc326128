// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/key.hpp"
#include "seaworthy/config/load.hpp"

namespace seaworthy::config {

/// The configuration as people and editors see it: a tree made from the tables and the catalogue, from which the annotated
/// defaults, the JSON Schema and the documentation are rendered.
struct Description {
    std::string key;
    std::string why;
    std::string type;     ///< for people; empty for a map with fixed keys
    std::string fallback; ///< YAML flow syntax; of a leaf
    std::string schema;   ///< members of its JSON Schema without braces; of a leaf
    bool required = false;
    bool routine = false;                ///< the same in every sibling: explained once, above
    std::vector<Description> children{}; ///< a map with these keys
    std::vector<Description> item{};     ///< of a list (or map by free names): the keys of each item
};

/// A nameless root whose children are the top-level keys.
[[nodiscard]] Description describe(Catalog catalog);

/// A JSON string with quotes.
[[nodiscard]] std::string json_text(std::string_view text);

} // namespace seaworthy::config

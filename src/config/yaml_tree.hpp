// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

#include "seaworthy/config/load.hpp"

namespace seaworthy::config {

/// Lines and columns from 1.
struct Position {
    int line = 0;
    int column = 0;
};

/// YAML as written, with positions: yaml-cpp's own nodes forget where keys stand and keep the last of two equal keys.
struct Node {
    enum class Kind { null, scalar, sequence, map };
    using Pointer = std::shared_ptr<const Node>; ///< shared where an alias stands for an anchored node
    struct Entry {
        std::string key;
        Position at;
        Pointer value;
    };

    Kind kind = Kind::null;
    Position at;
    std::string text;    ///< of a scalar
    bool quoted = false; ///< a quoted or block scalar is text, whatever it looks like
    std::vector<Pointer> items;
    std::vector<Entry> entries;
    std::size_t weight = 1; ///< nodes in this tree when every alias is written out

    [[nodiscard]] bool is_null() const { return kind == Kind::null; }
    [[nodiscard]] const Node* find(std::string_view key) const; ///< nullptr: no such key
};

/// "a map", "a list", "text": for messages.
[[nodiscard]] std::string_view name(Node::Kind kind);

/// Parses the one document of `text`. An empty text is a null node. Refused: syntax errors, a second document, equal keys in a map,
/// keys that are not scalars, merge keys, more than `k_maximum_nodes` nodes with aliases written out.
[[nodiscard]] tl::expected<Node::Pointer, Problem> parse_yaml(std::string_view text);

inline constexpr std::size_t k_maximum_nodes = 200'000;

} // namespace seaworthy::config

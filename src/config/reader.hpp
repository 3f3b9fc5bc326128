// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/key.hpp"
#include "config/yaml_tree.hpp"
#include "seaworthy/check/settings.hpp"
#include "seaworthy/config/load.hpp"

namespace seaworthy::config {

/// Turns nodes into typed values and collects what is wrong with them. `key` is always the whole dotted path, for messages.
class Reader {
public:
    explicit Reader(int first_line) : m_line_offset(first_line - 1) {}

    /// Keys and values come from the file: what is kept is safe to print.
    void problem(Position at, std::string_view key, std::string_view message);
    [[nodiscard]] std::vector<Problem> take_problems() { return std::move(m_problems); }

    // Each gives nothing, and a problem, for a node of another type.
    [[nodiscard]] std::optional<bool> flag(const Node& node, const std::string& key);
    [[nodiscard]] std::optional<double> number(const Node& node, const std::string& key);
    [[nodiscard]] std::optional<std::string> text(const Node& node, const std::string& key);
    [[nodiscard]] std::optional<std::vector<std::string>> texts(const Node& node, const std::string& key);
    [[nodiscard]] std::optional<milliseconds> duration(const Node& node, const std::string& key);
    [[nodiscard]] std::optional<Timestamp> date(const Node& node, const std::string& key); ///< RFC 3339, or a day, which counts to its end (UTC)
    [[nodiscard]] std::optional<Pattern> pattern(const Node& node, const std::string& key);
    [[nodiscard]] std::optional<std::vector<check::Record>> records(const Node& node, const std::string& key);

    /// False, and a problem unless it is null, where `node` is no map (list).
    [[nodiscard]] bool is_map(const Node& node, const std::string& key);
    [[nodiscard]] bool is_list(const Node& node, const std::string& key);

    /// Puts the value into the key's slot if it keeps to the key's constraint. A null node leaves the default.
    void assign(const Node& node, const std::string& key, const BoundKey& bound);
    /// Reads a map by a table: unknown keys and missing required ones are problems. `prefix` is the map's own path.
    void read_map(const Node& node, const std::string& prefix, std::span<const BoundKey> keys);

    [[nodiscard]] static std::string join(std::string_view prefix, std::string_view key);

private:
    void wrong_type(const Node& node, const std::string& key, std::string_view expected);
    template <typename Duration>
    void assign_duration(const Node& node, const std::string& key, Duration& slot, const Constraint& constraint);
    void assign_number(const Node& node, const std::string& key, const Constraint& constraint, const std::function<void(double)>& store, bool whole);
    void assign_choice(const Node& node, const std::string& key, const Choice& slot, const Constraint& constraint);
    void assign_size(const Node& node, const std::string& key, ByteSize& slot, const Constraint& constraint);
    [[nodiscard]] bool check_form(const Node& node, const std::string& key, std::string_view text, const Constraint& constraint);
    void read_level(const Node& node, const std::string& prefix, const std::string& below, std::span<const BoundKey> keys, std::vector<bool>& seen);

    int m_line_offset = 0;
    std::vector<Problem> m_problems;
};

/// `512B`, `900KiB`, `256MiB`, `1GiB`, below 2^53; nothing for anything else.
[[nodiscard]] std::optional<ByteSize> parse_size(std::string_view text);
/// What is wrong with a text of that form; empty: nothing.
[[nodiscard]] std::string form_problem(Form form, std::string_view text);

} // namespace seaworthy::config

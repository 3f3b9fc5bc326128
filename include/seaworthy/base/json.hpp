// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace seaworthy {

/// A small JSON text read into memory: what a probe answered, or a value of a ConfigMap. A missing member reads as null, so
/// `json["a"]["b"]` never fails. The objects of a cluster are not read by this (kube/decode).
class Json {
public:
    enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

    /// Nothing for what is no JSON, or nested deeper than 32.
    [[nodiscard]] static std::optional<Json> parse(std::string_view text);
    /// One YAML document, typed as kubectl types it.
    [[nodiscard]] static std::optional<Json> parse_yaml(std::string_view text);

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] bool exists() const { return m_kind != Kind::null; }
    /// The member; the last one where a name occurs twice.
    [[nodiscard]] const Json& operator[](std::string_view key) const;
    [[nodiscard]] const std::vector<Json>& items() const { return m_items; }                             ///< empty unless an array
    [[nodiscard]] const std::vector<std::pair<std::string, Json>>& members() const { return m_members; } ///< empty unless an object
    [[nodiscard]] const std::string& text() const { return m_text; }                                     ///< empty unless text
    [[nodiscard]] bool is_true() const { return m_kind == Kind::boolean && m_boolean; }
    [[nodiscard]] bool is_false() const { return m_kind == Kind::boolean && !m_boolean; }
    [[nodiscard]] double number_or(double fallback) const { return m_kind == Kind::number ? m_number : fallback; }
    /// True if an array that holds this text.
    [[nodiscard]] bool contains(std::string_view item) const;

private:
    friend struct JsonBuilder;
    Kind m_kind = Kind::null;
    bool m_boolean = false;
    double m_number = 0;
    std::string m_text;
    std::vector<Json> m_items;
    std::vector<std::pair<std::string, Json>> m_members;
};

} // namespace seaworthy

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "seaworthy/model/object_meta.hpp"

namespace seaworthy::model {

struct Member;

/// A node of a Document: JSON's data model, immutable, in the inventory's arena. A missing field reads as null,
/// so `doc["spec"]["rules"]` never fails.
class Value {
public:
    enum class Kind : std::uint8_t { null, boolean, number, text, array, object };

    constexpr Value() noexcept {} // null
    static Value boolean(bool value);
    static Value number(double value);
    static Value text(Text value);
    static Value array(std::span<const Value> items);
    static Value object(std::span<const Member> members);

    [[nodiscard]] Kind kind() const { return m_kind; }
    [[nodiscard]] bool exists() const { return m_kind != Kind::null; }
    /// The member, or a null Value for a missing one or where this is no object.
    [[nodiscard]] const Value& operator[](std::string_view key) const;
    /// Follows `a.b.c`; keys with dots need operator[].
    [[nodiscard]] const Value& at(std::string_view path) const;
    [[nodiscard]] std::span<const Value> items() const;    ///< empty unless an array
    [[nodiscard]] std::span<const Member> members() const; ///< empty unless an object
    [[nodiscard]] std::string_view text() const;           ///< empty unless text
    [[nodiscard]] bool is_true() const { return m_kind == Kind::boolean && m_boolean; }
    [[nodiscard]] bool is_false() const { return m_kind == Kind::boolean && !m_boolean; }
    [[nodiscard]] double number_or(double fallback) const { return m_kind == Kind::number ? m_number : fallback; }
    /// Number of items or members; 0 for the rest.
    [[nodiscard]] std::size_t size() const;
    /// True if an array that holds this text.
    [[nodiscard]] bool contains(std::string_view item) const;

private:
    Kind m_kind = Kind::null;
    std::uint32_t m_size = 0;
    union {
        bool m_boolean;
        double m_number;
        const Value* m_items = nullptr;
        const Member* m_members;
        Text m_text;
    };
};

struct Member {
    Text key;
    Value value;
};

/// An object of which only the declared field paths are kept (`Check::fields`), so it costs what is read of it.
struct Document {
    Text api_version;
    Text kind;
    ObjectMeta meta;
    Value root; ///< `spec`, `status`, … with the declared paths only; metadata is in `meta`

    [[nodiscard]] const Value& operator[](std::string_view key) const { return root[key]; }
    [[nodiscard]] const Value& at(std::string_view path) const { return root.at(path); }
};

/// Reads `[].status.conditions` of a Document (declare "status.conditions").
[[nodiscard]] const Value& condition_of(const Document& document, std::string_view type);

} // namespace seaworthy::model

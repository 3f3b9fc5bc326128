// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/document.hpp"

#include <algorithm>

namespace seaworthy::model {
namespace {

const Value k_null{};

} // namespace

Value Value::boolean(bool value)
{
    Value made;
    made.m_kind = Kind::boolean;
    made.m_boolean = value;
    return made;
}

Value Value::number(double value)
{
    Value made;
    made.m_kind = Kind::number;
    made.m_number = value;
    return made;
}

Value Value::text(Text value)
{
    Value made;
    made.m_kind = Kind::text;
    made.m_text = value;
    return made;
}

Value Value::array(std::span<const Value> items)
{
    Value made;
    made.m_kind = Kind::array;
    made.m_items = items.data();
    made.m_size = static_cast<std::uint32_t>(items.size());
    return made;
}

Value Value::object(std::span<const Member> members)
{
    Value made;
    made.m_kind = Kind::object;
    made.m_members = members.data();
    made.m_size = static_cast<std::uint32_t>(members.size());
    return made;
}

const Value& Value::operator[](std::string_view key) const
{
    for (const Member& member : members())
        if (member.key.view() == key) return member.value;
    return k_null;
}

const Value& Value::at(std::string_view path) const
{
    const Value* value = this;
    while (!path.empty()) {
        const auto dot = path.find('.');
        value = &(*value)[path.substr(0, dot)];
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return *value;
}

std::span<const Value> Value::items() const
{
    if (m_kind != Kind::array) return {};
    return {m_items, m_size};
}

std::span<const Member> Value::members() const
{
    if (m_kind != Kind::object) return {};
    return {m_members, m_size};
}

std::string_view Value::text() const
{
    return m_kind == Kind::text ? m_text.view() : std::string_view{};
}

std::size_t Value::size() const
{
    return m_kind == Kind::array || m_kind == Kind::object ? m_size : 0;
}

bool Value::contains(std::string_view item) const
{
    const auto all = items();
    return std::any_of(all.begin(), all.end(), [&](const Value& value) { return value.kind() == Kind::text && value.text() == item; });
}

const Value& condition_of(const Document& document, std::string_view type)
{
    for (const Value& condition : document.at("status.conditions").items())
        if (condition["type"].text() == type) return condition;
    return k_null;
}

} // namespace seaworthy::model

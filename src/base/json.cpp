// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/base/json.hpp"

#include <algorithm>

#include <simdjson.h>

#include "seaworthy/base/yaml_json.hpp"

namespace seaworthy {
namespace {

constexpr std::size_t k_max_depth = 32;

} // namespace

struct JsonBuilder {
    static Json build(const simdjson::dom::element& element)
    {
        using Type = simdjson::dom::element_type;
        Json json;
        switch (element.type()) {
        case Type::ARRAY:
            json.m_kind = Json::Kind::array;
            for (const auto item : simdjson::dom::array{element})
                json.m_items.push_back(build(item));
            break;
        case Type::OBJECT:
            json.m_kind = Json::Kind::object;
            for (const auto field : simdjson::dom::object{element})
                json.m_members.emplace_back(field.key, build(field.value));
            break;
        case Type::STRING:
            json.m_kind = Json::Kind::text;
            json.m_text = std::string_view{element};
            break;
        case Type::BOOL:
            json.m_kind = Json::Kind::boolean;
            json.m_boolean = bool{element};
            break;
        case Type::INT64:
        case Type::UINT64:
        case Type::DOUBLE:
            json.m_kind = Json::Kind::number;
            json.m_number = double{element};
            break;
        case Type::NULL_VALUE: break;
        }
        return json;
    }
};

std::optional<Json> Json::parse(std::string_view text)
{
    simdjson::dom::parser parser;
    if (parser.allocate(std::max<std::size_t>(text.size(), 64), k_max_depth) != simdjson::SUCCESS) return std::nullopt;
    simdjson::dom::element root;
    if (parser.parse(simdjson::padded_string{text}).get(root) != simdjson::SUCCESS) return std::nullopt;
    return JsonBuilder::build(root);
}

std::optional<Json> Json::parse_yaml(std::string_view text)
{
    const auto json = yaml_to_json(text);
    return json ? parse(*json) : std::nullopt;
}

const Json& Json::operator[](std::string_view key) const
{
    static const Json k_null;
    const auto at = std::find_if(m_members.rbegin(), m_members.rend(), [&](const auto& member) { return member.first == key; });
    return at == m_members.rend() ? k_null : at->second;
}

bool Json::contains(std::string_view item) const
{
    return std::ranges::any_of(m_items, [&](const Json& each) { return each.m_kind == Kind::text && each.m_text == item; });
}

} // namespace seaworthy

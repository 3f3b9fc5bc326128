// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/json_text.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <simdjson.h>

#include "seaworthy/base/text.hpp"
#include "seaworthy/base/yaml_json.hpp"

namespace seaworthy::model {

struct JsonText::Memory {
    TextPool texts;
    Arena arena;

    template <typename T>
    std::span<const T> keep(const std::vector<T>& items)
    {
        if (items.empty()) return {};
        auto* memory = static_cast<T*>(arena.allocate(items.size() * sizeof(T), alignof(T)));
        std::uninitialized_copy(items.begin(), items.end(), memory);
        return {memory, items.size()};
    }

    Value build(const simdjson::dom::element& element)
    {
        using Type = simdjson::dom::element_type;
        switch (element.type()) {
        case Type::ARRAY: {
            std::vector<Value> items;
            for (const auto item : simdjson::dom::array{element})
                items.push_back(build(item));
            return Value::array(keep(items));
        }
        case Type::OBJECT: {
            std::vector<Member> members;
            for (const auto field : simdjson::dom::object{element})
                members.push_back({texts.intern(field.key), build(field.value)});
            return Value::object(keep(members));
        }
        case Type::STRING: return Value::text(texts.intern(std::string_view{element}));
        case Type::BOOL: return Value::boolean(bool{element});
        case Type::INT64:
        case Type::UINT64:
        case Type::DOUBLE: return Value::number(double{element});
        case Type::NULL_VALUE: break;
        }
        return {};
    }
};

namespace {

constexpr std::size_t k_max_bytes = 1024 * 1024;
constexpr std::size_t k_max_depth = 64;

} // namespace

std::optional<JsonText> JsonText::parse(std::string_view text)
{
    if (text.size() > k_max_bytes) return std::nullopt;
    simdjson::dom::parser parser;
    if (parser.allocate(std::max<std::size_t>(text.size(), 64), k_max_depth) != simdjson::SUCCESS) return std::nullopt;
    simdjson::dom::element root;
    if (parser.parse(simdjson::padded_string{text}).get(root) != simdjson::SUCCESS) return std::nullopt;
    auto memory = std::make_shared<Memory>();
    const auto value = memory->build(root);
    return JsonText{std::move(memory), value};
}

std::optional<JsonText> JsonText::parse_yaml(std::string_view text)
{
    const auto json = text.size() <= k_max_bytes ? yaml_to_json(text) : tl::make_unexpected(YamlProblem{});
    return json ? parse(*json) : std::nullopt;
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/json_reader.hpp"

#include <limits>

#include <fmt/format.h>

namespace seaworthy::kube {

namespace {

std::string_view type_name(ondemand::json_type type)
{
    switch (type) {
    case ondemand::json_type::array: return "a list";
    case ondemand::json_type::object: return "an object";
    case ondemand::json_type::number: return "a number";
    case ondemand::json_type::string: return "text";
    case ondemand::json_type::boolean: return "true or false";
    case ondemand::json_type::null: return "null";
    }
    return "something else";
}

} // namespace

void JsonReader::reset()
{
    m_depth = 0;
    m_path[0] = {};
    m_error.clear();
}

void JsonReader::fail(std::string_view what)
{
    if (!m_error.empty()) return;
    for (std::size_t i = 0; i <= m_depth; ++i) {
        const PathStep& step = m_path[i];
        if (!step.key.empty()) m_error += fmt::format("{}{}", m_error.empty() ? "" : ".", step.key.substr(0, 128));
        if (step.index >= 0) m_error += fmt::format("[{}]", step.index);
    }
    m_error += fmt::format("{}{}", m_error.empty() ? "" : ": ", what);
}

bool JsonReader::check(simdjson::error_code code)
{
    if (code == simdjson::SUCCESS) return ok();
    switch (code) {
    case simdjson::INCORRECT_TYPE: fail("a value of the wrong type"); break;
    case simdjson::UTF8_ERROR: fail("not UTF-8"); break;
    case simdjson::NUMBER_ERROR:
    case simdjson::NUMBER_OUT_OF_RANGE: fail("a number that cannot be read"); break;
    case simdjson::DEPTH_ERROR: fail("nested too deeply"); break;
    default: fail("broken JSON"); break;
    }
    return false;
}

ondemand::json_type JsonReader::type(Value value)
{
    ondemand::json_type found = ondemand::json_type::null;
    check(value.type().get(found));
    return found;
}

bool JsonReader::is_null(Value value)
{
    bool null = false;
    return type(value) == ondemand::json_type::null && check(value.is_null().get(null)) && null;
}

bool JsonReader::present(Value value, ondemand::json_type wanted, std::string_view name)
{
    if (!ok()) return false;
    const auto found = type(value);
    if (found == wanted) return ok();
    if (found == ondemand::json_type::null) {
        bool null = false;
        if (check(value.is_null().get(null)) && !null) fail("broken JSON");
        return false;
    }
    fail(fmt::format("expected {}, found {}", name, type_name(found)));
    return false;
}

std::string_view JsonReader::text(Value value)
{
    std::string_view text;
    if (present(value, ondemand::json_type::string, "text")) check(value.get_string().get(text));
    return ok() ? text : std::string_view{};
}

std::string_view JsonReader::scalar(Value value)
{
    if (!ok() || type(value) != ondemand::json_type::number) return text(value);
    std::string_view token = value.raw_json_token();
    double number = 0; // takes the value, and refuses what only begins like a number
    if (!check(value.get_double().get(number))) return {};
    while (!token.empty() && (token.back() == ' ' || token.back() == '\n' || token.back() == '\t' || token.back() == '\r'))
        token.remove_suffix(1);
    return token;
}

std::optional<bool> JsonReader::optional_flag(Value value)
{
    bool flag = false;
    if (!present(value, ondemand::json_type::boolean, "true or false") || !check(value.get_bool().get(flag))) return std::nullopt;
    return flag;
}

std::optional<std::int64_t> JsonReader::optional_integer(Value value)
{
    std::int64_t number = 0;
    if (!present(value, ondemand::json_type::number, "a number") || !check(value.get_int64().get(number))) return std::nullopt;
    return number;
}

std::optional<std::int32_t> JsonReader::optional_int32(Value value)
{
    const auto number = optional_integer(value);
    if (!number) return std::nullopt;
    if (*number < std::numeric_limits<std::int32_t>::min() || *number > std::numeric_limits<std::int32_t>::max()) {
        fail("a number out of range");
        return std::nullopt;
    }
    return static_cast<std::int32_t>(*number);
}

} // namespace seaworthy::kube

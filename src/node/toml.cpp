// SPDX-License-Identifier: Apache-2.0
#include "node/toml.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <toml++/toml.h>

#include "seaworthy/base/json_text.hpp"

namespace seaworthy::node {
namespace {

constexpr std::size_t k_max_bytes = 256 * 1024;

void write(const toml::node& node, std::string& out);

void write(const toml::table& table, std::string& out)
{
    struct Row {
        const toml::key* key;
        const toml::node* value;
    };
    std::vector<Row> rows;
    for (const auto& [key, value] : table)
        rows.push_back({&key, &value});
    // The library keeps tables sorted by name; keys know where they were written.
    std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
        const auto at = [](const Row& row) { return std::pair{row.key->source().begin.line, row.key->source().begin.column}; };
        return at(a) < at(b);
    });
    out += '{';
    for (const auto& row : rows) {
        if (out.back() != '{') out += ',';
        out += json_quote(row.key->str()) + ":";
        write(*row.value, out);
    }
    out += '}';
}

void write(const toml::node& node, std::string& out)
{
    if (const auto* table = node.as_table()) return write(*table, out);
    if (const auto* array = node.as_array()) {
        out += '[';
        for (const auto& item : *array) {
            if (out.back() != '[') out += ',';
            write(item, out);
        }
        out += ']';
    } else if (const auto* text = node.as_string()) {
        out += json_quote(text->get());
    } else if (const auto* flag = node.as_boolean()) {
        out += flag->get() ? "true" : "false";
    } else if (const auto* number = node.as_integer()) {
        out += fmt::format("{}", number->get());
    } else {
        out += "null"; // dates and fractions: nothing that decides about mirrors
    }
}

} // namespace

Result<model::JsonText> parse_toml(std::string_view text)
{
    const auto fail = [](std::string why) { return failure(Error::Kind::invalid_input, std::move(why)); };
    if (text.size() > k_max_bytes) return fail("is larger than 256 KiB");
    try {
        const auto table = toml::parse(text);
        std::string json;
        write(table, json);
        if (auto value = model::JsonText::parse(json)) return std::move(*value);
        return fail("is nested too deeply");
    } catch (const toml::parse_error& error) {
        return fail(fmt::format("is no TOML: line {}, column {}", error.source().begin.line, error.source().begin.column));
    }
}

} // namespace seaworthy::node

// SPDX-License-Identifier: Apache-2.0
#include "check/records.hpp"

#include <algorithm>

namespace seaworthy::check {
namespace {

class Parser {
public:
    explicit Parser(std::string_view text) : m_rest(text) {}

    std::optional<std::vector<Record>> records()
    {
        std::vector<Record> list;
        if (!take('[')) {
            auto one = record();
            if (!one || !at_end()) return std::nullopt;
            list.push_back(std::move(*one));
            return list;
        }
        if (take(']')) return at_end() ? std::optional{list} : std::nullopt;
        do {
            auto one = record();
            if (!one) return std::nullopt;
            list.push_back(std::move(*one));
        } while (take(','));
        return take(']') && at_end() ? std::optional{std::move(list)} : std::nullopt;
    }

private:
    std::optional<Record> record()
    {
        Record record;
        if (!take('{')) return std::nullopt;
        do {
            const auto key = word(":");
            if (key.empty() || !take(':')) return std::nullopt;
            auto values = this->values();
            if (!values) return std::nullopt;
            record.insert_or_assign(std::string{key}, std::move(*values));
        } while (take(','));
        return take('}') ? std::optional{std::move(record)} : std::nullopt;
    }

    std::optional<std::vector<std::string>> values()
    {
        std::vector<std::string> list;
        if (!take('[')) {
            list.emplace_back(word(""));
            return list;
        }
        if (take(']')) return list;
        do {
            list.emplace_back(word(""));
        } while (take(','));
        return take(']') ? std::optional{std::move(list)} : std::nullopt;
    }

    /// Up to a comma, a bracket, a brace or one of `stops`; quotes around it are dropped.
    std::string_view word(std::string_view stops)
    {
        skip_space();
        const auto is_stop = [&](char c) {
            return c == ',' || c == '[' || c == ']' || c == '{' || c == '}' || stops.find(c) != std::string_view::npos;
        };
        const auto end = static_cast<std::size_t>(std::ranges::find_if(m_rest, is_stop) - m_rest.begin());
        auto text = m_rest.substr(0, end);
        m_rest.remove_prefix(end);
        while (text.ends_with(' '))
            text.remove_suffix(1);
        if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) text = text.substr(1, text.size() - 2);
        return text;
    }
    void skip_space()
    {
        while (m_rest.starts_with(' '))
            m_rest.remove_prefix(1);
    }
    bool take(char c)
    {
        skip_space();
        if (!m_rest.starts_with(c)) return false;
        m_rest.remove_prefix(1);
        return true;
    }
    bool at_end()
    {
        skip_space();
        return m_rest.empty();
    }

    std::string_view m_rest;
};

} // namespace

std::optional<std::vector<Record>> parse_records(std::string_view text)
{
    return Parser{text}.records();
}

} // namespace seaworthy::check

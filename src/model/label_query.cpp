// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/model/label_query.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::model {

namespace {

std::string_view trim(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    return text;
}

/// Keys and values alike: letters, digits and a few signs, no blanks.
bool is_word(std::string_view text)
{
    return std::ranges::all_of(
        text, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string_view{"-._/"}.find(c) != std::string_view::npos; });
}

/// Splits at commas that are not inside parentheses.
std::vector<std::string_view> split(std::string_view text)
{
    std::vector<std::string_view> parts;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t at = 0; at <= text.size(); ++at) {
        if (at == text.size() || (text[at] == ',' && depth == 0)) {
            parts.push_back(trim(text.substr(begin, at - begin)));
            begin = at + 1;
        } else if (text[at] == '(') {
            ++depth;
        } else if (text[at] == ')') {
            --depth;
        }
    }
    return parts;
}

} // namespace

bool LabelQuery::parse_term(std::string_view text, Term& term)
{
    const auto set = [&](std::string_view word, bool negated) {
        const auto at = text.find(word);
        if (at == std::string_view::npos || !text.ends_with(')')) return false;
        const auto list = text.substr(at + word.size(), text.size() - at - word.size() - 1);
        const auto open = list.find('(');
        if (open == std::string_view::npos || !trim(list.substr(0, open)).empty()) return false;
        term.key = trim(text.substr(0, at));
        for (const auto value : split(list.substr(open + 1)))
            term.values.emplace_back(value);
        term.negated = negated;
        return true;
    };
    const auto equality = [&](std::string_view sign, bool negated) {
        const auto at = text.find(sign);
        if (at == std::string_view::npos) return false;
        term.key = trim(text.substr(0, at));
        term.values.emplace_back(trim(text.substr(at + sign.size())));
        term.negated = negated;
        return true;
    };
    if (!set(" notin ", true) && !set(" in ", false) && !equality("!=", true) && !equality("==", false) && !equality("=", false)) {
        term.negated = text.starts_with('!');
        term.key = trim(term.negated ? text.substr(1) : text);
    }
    return !term.key.empty() && is_word(term.key) && std::ranges::all_of(term.values, is_word);
}

Result<LabelQuery> LabelQuery::parse(std::string_view text)
{
    LabelQuery query;
    for (const auto part : split(text)) {
        Term term;
        if (!parse_term(part, term))
            return failure(Error::Kind::usage,
                           fmt::format("\"{}\" is no label selector; write for example team=a,tier in (web, api),!legacy", printable(part)));
        query.m_terms.push_back(std::move(term));
    }
    return query;
}

bool LabelQuery::matches(const StringMap& labels) const
{
    return std::ranges::all_of(m_terms, [&](const Term& term) {
        const auto* value = labels.find(term.key);
        const bool found = value != nullptr && (term.values.empty() || std::ranges::find(term.values, value->view()) != term.values.end());
        return found != term.negated;
    });
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#include "replay/selectors.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace seaworthy::replay {

namespace {

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

/// Splits at commas outside parentheses.
std::vector<std::string_view> terms_of(std::string_view text)
{
    std::vector<std::string_view> terms;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '(') ++depth;
        if (i < text.size() && text[i] == ')') --depth;
        if (i < text.size() && (text[i] != ',' || depth > 0)) continue;
        if (const auto term = trim(text.substr(begin, i - begin)); !term.empty()) terms.push_back(term);
        begin = i + 1;
    }
    return terms;
}

} // namespace

Result<Selectors> Selectors::parse(std::string_view labels, std::string_view fields)
{
    using Operator = Requirement::Operator;
    Selectors selectors;
    const auto add = [&](bool is_label, std::string_view key, Operator op, std::vector<std::string> values) {
        selectors.m_requirements.push_back({is_label, std::string{trim(key)}, op, std::move(values)});
    };
    const auto add_equality = [&](bool is_label, std::string_view term) {
        const auto equals = term.find('=');
        if (equals == std::string_view::npos || equals == 0) return false;
        const bool negated = term[equals - 1] == '!';
        const auto value = term.substr(equals + (term.substr(equals).starts_with("==") ? 2 : 1));
        add(is_label, term.substr(0, negated ? equals - 1 : equals), negated ? Operator::not_in : Operator::in, {std::string{trim(value)}});
        return true;
    };

    for (const auto term : terms_of(fields)) {
        if (!add_equality(false, term)) return failure(Error::Kind::usage, fmt::format("invalid field selector: \"{}\"", term));
    }
    for (const auto term : terms_of(labels)) {
        const auto parenthesis = term.find('(');
        if (parenthesis != std::string_view::npos && term.ends_with(')')) {
            auto head = trim(term.substr(0, parenthesis));
            const bool negated = head.ends_with(" notin");
            if (!negated && !head.ends_with(" in")) return failure(Error::Kind::usage, fmt::format("unable to parse requirement: \"{}\"", term));
            head.remove_suffix(negated ? 6 : 3);
            std::vector<std::string> values;
            for (const auto value : terms_of(term.substr(parenthesis + 1, term.size() - parenthesis - 2)))
                values.emplace_back(value);
            add(true, head, negated ? Operator::not_in : Operator::in, std::move(values));
        } else if (!add_equality(true, term)) {
            const bool negated = term.front() == '!';
            add(true, negated ? term.substr(1) : term, negated ? Operator::absent : Operator::exists, {});
        }
    }
    return selectors;
}

bool Selectors::matches(const Json& object) const
{
    using Operator = Requirement::Operator;
    return std::all_of(m_requirements.begin(), m_requirements.end(), [&](const Requirement& requirement) {
        bool present = true;
        std::string value;
        if (requirement.is_label) {
            const auto labels = object.value("metadata", Json::object()).value("labels", Json::object());
            const auto found = labels.find(requirement.key);
            present = found != labels.end() && found->is_string();
            if (present) value = found->get<std::string>();
        } else {
            value = text_at(object, requirement.key);
        }
        const bool listed = std::find(requirement.values.begin(), requirement.values.end(), value) != requirement.values.end();
        switch (requirement.op) {
        case Operator::exists: return present;
        case Operator::absent: return !present;
        case Operator::in: return present && listed;
        case Operator::not_in: return !present || !listed;
        }
        return false;
    });
}

} // namespace seaworthy::replay

// SPDX-License-Identifier: Apache-2.0
#include "model/network/label_expression.hpp"

#include <algorithm>

namespace seaworthy::model {
namespace {

/// Conjunctions settle on the first of these that an operand has, disjunctions on the last.
int strength(Match match)
{
    switch (match) {
    case Match::no: return 0;
    case Match::depends: return 1;
    case Match::unresolved: return 2;
    case Match::yes: return 3;
    }
    return 2;
}

Match negated(Match match)
{
    if (match == Match::yes) return Match::no;
    return match == Match::no ? Match::yes : match;
}

Match label_of(const StringMap* labels, std::string_view key, Match where_unknown, const Text*& value)
{
    if (labels == nullptr) return where_unknown;
    value = labels->find(key);
    return value != nullptr ? Match::yes : Match::no;
}

} // namespace

void LabelExpression::add(Field field, Operator op, std::string_view key, Values values)
{
    // The API server labels each namespace with its name, so this label is known even where namespaces cannot be read.
    if (field == Field::namespace_label && key == "kubernetes.io/metadata.name") field = Field::namespace_name;
    m_steps.push_back({Step::Kind::term, static_cast<std::uint32_t>(m_terms.size())});
    m_terms.push_back({field, op, key, std::move(values)});
}

void LabelExpression::add(Match constant)
{
    m_steps.push_back({Step::Kind::constant, static_cast<std::uint32_t>(constant)});
}

void LabelExpression::negate()
{
    m_steps.push_back({Step::Kind::negation, 1});
}

void LabelExpression::all_of(std::size_t operands)
{
    if (operands != 1) m_steps.push_back({Step::Kind::conjunction, static_cast<std::uint32_t>(operands)});
}

void LabelExpression::any_of(std::size_t operands)
{
    if (operands != 1) m_steps.push_back({Step::Kind::disjunction, static_cast<std::uint32_t>(operands)});
}

void LabelExpression::also(const LabelExpression& other)
{
    if (other.empty()) return;
    const bool was_empty = empty();
    push(other);
    if (!was_empty) all_of(2);
}

void LabelExpression::push(const LabelExpression& other)
{
    const auto first = static_cast<std::uint32_t>(m_terms.size());
    m_terms.insert(m_terms.end(), other.m_terms.begin(), other.m_terms.end());
    for (auto step : other.m_steps) {
        if (step.kind == Step::Kind::term) step.operand += first;
        m_steps.push_back(step);
    }
}

void LabelExpression::also_in_namespace(std::string_view ns)
{
    LabelExpression there;
    there.add(Field::namespace_name, Operator::in, {}, {ns});
    also(there);
}

Match LabelExpression::evaluate(const Term& term, const PodFacts& pod)
{
    const Text* label = nullptr;
    std::string_view value;
    auto known = Match::yes;
    switch (term.field) {
    case Field::pod_label: known = label_of(pod.labels, term.key, Match::depends, label); break;
    case Field::namespace_label:
        known = pod.any_namespace ? Match::depends : label_of(pod.namespace_labels, term.key, Match::unresolved, label);
        break;
    case Field::namespace_name:
        if (pod.any_namespace && term.op != Operator::exists) return Match::depends;
        value = pod.ns;
        break;
    case Field::service_account_label:
        known = pod.labels == nullptr ? Match::depends : label_of(pod.service_account_labels, term.key, Match::unresolved, label);
        break;
    case Field::service_account_name:
        if (pod.labels == nullptr && term.op != Operator::exists) return Match::depends;
        value = pod.service_account;
        break;
    }
    if (known != Match::yes || term.op == Operator::exists) return known;
    if (label != nullptr) value = label->view();
    const auto holds = [&](std::string_view wanted) {
        switch (term.op) {
        case Operator::in: return value == wanted;
        case Operator::contains: return value.find(wanted) != std::string_view::npos;
        case Operator::starts_with: return value.starts_with(wanted);
        case Operator::ends_with: return value.ends_with(wanted);
        case Operator::exists: break;
        }
        return true;
    };
    return std::ranges::any_of(term.values, holds) ? Match::yes : Match::no;
}

Match LabelExpression::evaluate(const PodFacts& pod) const
{
    if (m_steps.empty()) return Match::yes;
    if (m_steps.size() == 1 && m_steps.front().kind == Step::Kind::term) return evaluate(m_terms.front(), pod);
    constexpr std::size_t k_inline = 32;
    Match few[k_inline]{};
    std::vector<Match> many;
    Match* stack = few;
    if (m_steps.size() > k_inline) {
        many.resize(m_steps.size());
        stack = many.data();
    }
    std::size_t size = 0;
    for (const auto& step : m_steps) {
        switch (step.kind) {
        case Step::Kind::term: stack[size++] = evaluate(m_terms[step.operand], pod); break;
        case Step::Kind::constant: stack[size++] = static_cast<Match>(step.operand); break;
        case Step::Kind::negation: stack[size - 1] = negated(stack[size - 1]); break;
        case Step::Kind::conjunction:
        case Step::Kind::disjunction: {
            const bool every = step.kind == Step::Kind::conjunction;
            auto result = every ? Match::yes : Match::no;
            for (std::size_t left = step.operand; left > 0; --left) {
                const auto operand = stack[--size];
                if (every ? strength(operand) < strength(result) : strength(operand) > strength(result)) result = operand;
            }
            stack[size++] = result;
            break;
        }
        }
    }
    return stack[0];
}

std::optional<LabelExpression::Anchors> LabelExpression::anchors() const
{
    using Found = std::optional<Anchors>;
    std::vector<Found> stack;
    for (const auto& step : m_steps) {
        switch (step.kind) {
        case Step::Kind::term: {
            const auto& term = m_terms[step.operand];
            auto& found = stack.emplace_back();
            if (term.field != Field::pod_label || term.op != Operator::in) break;
            found.emplace();
            for (const auto value : term.values)
                found->emplace_back(term.key, value);
            break;
        }
        case Step::Kind::constant: stack.emplace_back(static_cast<Match>(step.operand) == Match::no ? Found{Anchors{}} : Found{}); break;
        case Step::Kind::negation: stack.back().reset(); break;
        case Step::Kind::conjunction: {
            Found best;
            for (std::size_t left = step.operand; left > 0; --left) {
                if (stack.back() && (!best || stack.back()->size() < best->size())) best = std::move(stack.back());
                stack.pop_back();
            }
            stack.push_back(std::move(best));
            break;
        }
        case Step::Kind::disjunction: {
            Found all{Anchors{}};
            for (std::size_t left = step.operand; left > 0; --left) {
                if (!stack.back())
                    all.reset();
                else if (all)
                    all->insert(all->end(), stack.back()->begin(), stack.back()->end());
                stack.pop_back();
            }
            stack.push_back(std::move(all));
            break;
        }
        }
    }
    return stack.empty() ? std::nullopt : std::move(stack.back());
}

bool LabelExpression::asks_for(Field field) const
{
    return std::ranges::any_of(m_terms, [&](const Term& term) { return term.field == field; });
}

LabelExpression expression_of(const LabelSelector& selector, LabelExpression::Field field)
{
    LabelExpression expression;
    std::size_t terms = 0;
    for (const auto& [key, value] : selector.match_labels) {
        expression.add(field, LabelExpression::Operator::in, key, {value});
        ++terms;
    }
    for (const auto& term : selector.match_expressions) {
        using Op = SelectorRequirement::Operator;
        if (term.op == Op::invalid)
            expression.add(Match::no);
        else if (term.op == Op::exists || term.op == Op::does_not_exist)
            expression.add(field, LabelExpression::Operator::exists, term.key, {});
        else
            expression.add(field, LabelExpression::Operator::in, term.key, {term.values.begin(), term.values.end()});
        if (term.op == Op::not_in || term.op == Op::does_not_exist) expression.negate();
        ++terms;
    }
    if (terms > 1) expression.all_of(terms);
    return expression;
}

} // namespace seaworthy::model

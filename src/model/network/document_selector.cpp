// SPDX-License-Identifier: Apache-2.0
#include "model/network/document_selector.hpp"

namespace seaworthy::model {
namespace {

using Operator = LabelExpression::Operator;

void add(LabelExpression& expression, const SelectorKey& read, Operator op, LabelExpression::Values values)
{
    if (read.constant)
        expression.add(*read.constant);
    else
        expression.add(read.field, op, read.key, std::move(values));
}

} // namespace

LabelExpression expression_of(const Value& selector, const KeyReading& reading)
{
    LabelExpression expression;
    std::size_t terms = 0;
    for (const auto& [key, value] : selector["matchLabels"].members()) {
        add(expression, reading(key), Operator::in, {value.text()});
        ++terms;
    }
    for (const auto& term : selector["matchExpressions"].items()) {
        const auto op = term["operator"].text();
        const auto read = reading(term["key"].text());
        if (op == "Exists" || op == "DoesNotExist") {
            add(expression, read, Operator::exists, {});
        } else if (op == "In" || op == "NotIn") {
            LabelExpression::Values values;
            for (const auto& value : term["values"].items())
                values.push_back(value.text());
            add(expression, read, Operator::in, std::move(values));
        } else {
            expression.add(Match::unresolved);
        }
        if (op == "DoesNotExist" || op == "NotIn") expression.negate();
        ++terms;
    }
    if (terms > 1) expression.all_of(terms);
    return expression;
}

LabelExpression expression_of(const Value& selector, LabelExpression::Field field)
{
    return expression_of(selector, [&](std::string_view key) { return SelectorKey{field, key, std::nullopt}; });
}

} // namespace seaworthy::model

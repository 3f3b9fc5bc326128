// SPDX-License-Identifier: Apache-2.0
#include "model/network/calico_selector.hpp"

namespace seaworthy::model {
namespace {

using Field = LabelExpression::Field;
using Operator = LabelExpression::Operator;

constexpr int k_max_depth = 64;
constexpr std::size_t k_max_length = 64 * 1024;

bool is_label_character(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '/' || c == '-';
}

/// Recursive descent; each function leaves one operand on the expression, or sets m_failed.
class Parser {
public:
    Parser(std::string_view text, CalicoSubject subject) : m_rest(text), m_subject(subject) {}

    std::optional<CalicoSelector> parse()
    {
        if (m_rest.size() > k_max_length) return std::nullopt;
        skip_space();
        if (m_rest.empty()) return std::move(m_result);
        disjunction(0);
        skip_space();
        if (m_failed || !m_rest.empty()) return std::nullopt;
        return std::move(m_result);
    }

private:
    void skip_space()
    {
        const auto end = m_rest.find_first_not_of(" \t");
        m_rest.remove_prefix(end == std::string_view::npos ? m_rest.size() : end);
    }
    bool take(std::string_view token)
    {
        skip_space();
        if (!m_rest.starts_with(token)) return false;
        m_rest.remove_prefix(token.size());
        return true;
    }
    void fail() { m_failed = true; }
    void expect(std::string_view token)
    {
        if (!take(token)) fail();
    }
    LabelExpression& expression() { return m_result.expression; }

    void disjunction(int depth)
    {
        std::size_t operands = 1;
        conjunction(depth);
        while (!m_failed && take("||")) {
            conjunction(depth);
            ++operands;
        }
        if (!m_failed) expression().any_of(operands);
    }

    void conjunction(int depth)
    {
        std::size_t operands = 1;
        operation(depth);
        while (!m_failed && take("&&")) {
            operation(depth);
            ++operands;
        }
        if (!m_failed) expression().all_of(operands);
    }

    void operation(int depth)
    {
        if (depth > k_max_depth) return fail();
        bool negated = false;
        while (skip_space(), m_rest.starts_with("!") && !m_rest.starts_with("!=")) {
            m_rest.remove_prefix(1);
            negated = !negated;
        }
        if (take("(")) {
            disjunction(depth + 1);
            expect(")");
        } else if (take("has(")) {
            const auto key = label();
            expect(")");
            if (!m_failed) add(key, Operator::exists, {});
        } else if (take("all(")) {
            expect(")");
            expression().add(Match::yes);
        } else if (take("global(")) {
            expect(")");
            m_result.names_global = true;
            expression().add(Match::no);
        } else {
            comparison();
        }
        if (negated && !m_failed) expression().negate();
    }

    void comparison()
    {
        const auto key = label();
        if (m_failed) return;
        if (take("==")) return add_literal(key, Operator::in);
        if (take("!=")) {
            add_literal(key, Operator::in);
            if (!m_failed) expression().negate();
            return;
        }
        if (take("contains")) return add_literal(key, Operator::contains);
        if (take("starts")) {
            expect("with");
            return add_literal(key, Operator::starts_with);
        }
        if (take("ends")) {
            expect("with");
            return add_literal(key, Operator::ends_with);
        }
        const bool negated = take("not");
        expect("in");
        set(key);
        if (negated && !m_failed) expression().negate();
    }

    void set(std::string_view key)
    {
        expect("{");
        LabelExpression::Values values;
        while (!m_failed && !take("}")) {
            values.push_back(literal());
            if (!m_failed && !take(",")) {
                expect("}");
                break;
            }
        }
        if (!m_failed) add(key, Operator::in, std::move(values));
    }

    std::string_view label()
    {
        skip_space();
        std::size_t size = 0;
        while (size < m_rest.size() && is_label_character(m_rest[size]))
            ++size;
        if (size == 0 || size > 512) fail();
        const auto key = m_rest.substr(0, size);
        m_rest.remove_prefix(size);
        return key;
    }

    std::string_view literal()
    {
        skip_space();
        if (m_rest.empty() || (m_rest.front() != '\'' && m_rest.front() != '"')) return fail(), std::string_view{};
        const auto end = m_rest.find(m_rest.front(), 1);
        if (end == std::string_view::npos) return fail(), std::string_view{};
        const auto value = m_rest.substr(1, end - 1);
        m_rest.remove_prefix(end + 1);
        return value;
    }

    void add_literal(std::string_view key, Operator op)
    {
        const auto value = literal();
        if (!m_failed) add(key, op, {value});
    }

    /// Calico gives endpoints labels of its own, and those of their namespace and service account under a prefix.
    void add(std::string_view key, Operator op, LabelExpression::Values values)
    {
        auto field = Field::pod_label;
        if (m_subject == CalicoSubject::namespaces) {
            field = key == "projectcalico.org/name" ? Field::namespace_name : Field::namespace_label;
        } else if (m_subject == CalicoSubject::service_accounts) {
            field = key == "projectcalico.org/name" ? Field::service_account_name : Field::service_account_label;
        } else if (key == "projectcalico.org/namespace") {
            field = Field::namespace_name;
        } else if (key == "projectcalico.org/serviceaccount") {
            field = Field::service_account_name;
        } else if (key == "projectcalico.org/orchestrator") {
            return orchestrator(op, values);
        } else if (key.starts_with("pcns.")) {
            field = Field::namespace_label;
            key.remove_prefix(5);
        } else if (key.starts_with("pcsa.")) {
            field = Field::service_account_label;
            key.remove_prefix(5);
        }
        expression().add(field, op, key, std::move(values));
    }

    /// Every pod's is "k8s".
    void orchestrator(Operator op, const LabelExpression::Values& values)
    {
        auto holds = op == Operator::exists ? Match::yes : Match::no;
        if (op == Operator::in)
            for (const auto value : values)
                if (value == "k8s") holds = Match::yes;
        if (op != Operator::exists && op != Operator::in) holds = Match::unresolved;
        expression().add(holds);
    }

    std::string_view m_rest;
    CalicoSubject m_subject;
    CalicoSelector m_result;
    bool m_failed = false;
};

} // namespace

std::optional<CalicoSelector> parse_calico_selector(std::string_view text, CalicoSubject subject)
{
    return Parser{text, subject}.parse();
}

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
// What the selectors of all policy APIs come to: a logical expression about a pod, its namespace and its service account.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/model/selector.hpp"

namespace seaworthy::model {

enum class Match : std::uint8_t {
    no,
    yes,
    depends,    ///< on what the facts leave open: the labels of any pod
    unresolved, ///< on what was not read, or is not understood
};

/// The pods that an expression is asked about: one, any of a namespace (no labels), or any of the cluster.
struct PodFacts {
    bool any_namespace = false;
    std::string_view ns;
    const StringMap* namespace_labels = nullptr; ///< nullptr: not read
    const StringMap* labels = nullptr;           ///< nullptr: any
    std::string_view service_account;
    const StringMap* service_account_labels = nullptr; ///< nullptr: not read
};

/// Built in postfix order. Empty: everything matches. Points into what it was built from.
class LabelExpression {
public:
    enum class Field : std::uint8_t { pod_label, namespace_label, namespace_name, service_account_label, service_account_name };
    enum class Operator : std::uint8_t { in, exists, contains, starts_with, ends_with };
    using Values = std::vector<std::string_view>;

    /// True of what has the field with one of the values. A missing label has no value at all.
    void add(Field field, Operator op, std::string_view key, Values values);
    void add(Match constant);
    void negate();
    void all_of(std::size_t operands); ///< none: true
    void any_of(std::size_t operands); ///< none: false
    /// Both this and the other.
    void also(const LabelExpression& other);
    void also_in_namespace(std::string_view ns);
    /// Leaves the other's operand beside this one's, for `any_of` or `all_of` to take.
    void push(const LabelExpression& other);

    [[nodiscard]] bool empty() const { return m_steps.empty(); }
    [[nodiscard]] Match evaluate(const PodFacts& pod) const;
    /// True if every pod of every namespace matches.
    [[nodiscard]] Match is_whole_cluster() const { return evaluate({.any_namespace = true}); }

    using Anchors = std::vector<std::pair<std::string_view, std::string_view>>;
    /// Labels of which a pod has to have one to match; nothing where there are no such labels.
    [[nodiscard]] std::optional<Anchors> anchors() const;
    [[nodiscard]] bool asks_for(Field field) const;
    /// Calls `visit(key)` for the pods' labels that it asks for.
    template <typename Visit>
    void for_each_label(Visit visit) const
    {
        for (const auto& term : m_terms)
            if (term.field == Field::pod_label) visit(term.key);
    }

private:
    struct Term {
        Field field;
        Operator op;
        std::string_view key;
        Values values;
    };
    struct Step {
        enum class Kind : std::uint8_t { term, constant, negation, conjunction, disjunction };
        Kind kind;
        std::uint32_t operand; ///< a term's index, a Match, or how many operands
    };
    static Match evaluate(const Term& term, const PodFacts& pod);

    std::vector<Term> m_terms;
    std::vector<Step> m_steps;
};

/// metav1.LabelSelector over one field; an absent one selects everything.
[[nodiscard]] LabelExpression expression_of(const LabelSelector& selector, LabelExpression::Field field);

} // namespace seaworthy::model

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "seaworthy/check/context.hpp"
#include "seaworthy/report/report.hpp"

namespace seaworthy::report {

/// Adds results to a report and stores once what they say and what they are about.
/// To be dropped when the last is added: its indexes are larger than the results.
class ResultWriter {
public:
    /// The check whose verdicts are added.
    struct Asker {
        const check::Check& check;
        std::uint16_t control = 0;          ///< index into catalog()
        Severity severity = Severity::info; ///< where the verdict has none of its own
    };

    explicit ResultWriter(Report& report) : m_report(report) {}
    /// `counts_in`: the namespace whose score it counts in; empty: the cluster's. `exemption`: 1 + index into Report::exemptions; 0: none.
    Result& add(const Asker& asker, const check::ObjectKey& object, std::string_view counts_in, const check::Verdict& verdict,
                std::uint16_t exemption = 0);

private:
    struct Wanted {
        const check::ObjectKey& key;
        std::string_view counts_in;
    };
    struct ObjectHash {
        using is_transparent = void;
        std::size_t operator()(const Object* object) const;
        std::size_t operator()(const Wanted& wanted) const;
    };
    struct ObjectEqual {
        using is_transparent = void;
        bool operator()(const Object* a, const Object* b) const { return a == b; }
        bool operator()(const Wanted& a, const Object* b) const;
        bool operator()(const Object* a, const Wanted& b) const { return (*this)(b, a); }
    };
    struct StatementHash {
        std::size_t operator()(const Statement* statement) const;
    };
    struct StatementEqual {
        bool operator()(const Statement* a, const Statement* b) const { return *a == *b; }
    };

    [[nodiscard]] const Object* object(const check::ObjectKey& key, std::string_view counts_in);
    [[nodiscard]] const Statement* statement(const Asker& asker, const check::Verdict& verdict, std::uint16_t exemption);

    Report& m_report;
    std::unordered_map<const Object*, std::size_t, ObjectHash, ObjectEqual> m_objects; ///< and where in m_order
    std::vector<const Object*> m_order;                                                ///< as they came
    std::size_t m_next = 0; ///< where in m_order the next is looked for first: checks ask about the same objects in the same order
    std::unordered_set<const Statement*, StatementHash, StatementEqual> m_statements;
};

} // namespace seaworthy::report

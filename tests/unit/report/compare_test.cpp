// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <string>

#include "seaworthy/report/compare.hpp"
#include "seaworthy/report/result_writer.hpp"

using namespace seaworthy;
using report::Change;
using report::compare;
using report::Report;
using report::Status;

namespace {

constexpr check::Check k_check{.id = "a-check", .title = "A check", .severity = check::Severity::high};
constexpr check::Check k_other{.id = "another-check", .title = "Another", .severity = check::Severity::low};

/// A report made of single verdicts.
struct Verdicts {
    Report report;

    Verdicts& add(const check::Check& check, const std::string& kind, const std::string& ns, const std::string& name, Status status,
                  const std::string& message = "said")
    {
        check::Verdict verdict;
        verdict.status = status;
        verdict.message = message;
        report::ResultWriter{report}.add({check, 0, check.severity}, {"apps/v1", kind, ns, name, "uid"}, kind == "Namespace" ? name : ns, verdict);
        return *this;
    }
    Verdicts& web(Status status, const std::string& message = "said") { return add(k_check, "Deployment", "shop", "web", status, message); }
};

std::vector<Change::Kind> kinds(const std::vector<Change>& changes)
{
    std::vector<Change::Kind> list;
    for (const auto& change : changes)
        list.push_back(change.kind);
    return list;
}

using Kinds = std::vector<Change::Kind>;

} // namespace

TEST_CASE("a finding that was not there opens, one that is the same is no change", "[compare]")
{
    Verdicts before;
    before.web(Status::pass);
    Verdicts after;
    after.web(Status::fail);

    CHECK(kinds(compare(before.report, after.report)) == Kinds{Change::Kind::opened});
    CHECK(compare(after.report, after.report).empty());
    CHECK(kinds(compare(Verdicts{}.report, after.report)) == Kinds{Change::Kind::opened});
}

TEST_CASE("a finding that says something else has changed", "[compare]")
{
    Verdicts before;
    before.web(Status::warn, "one container");
    Verdicts after;
    after.web(Status::fail, "two containers");

    CHECK(kinds(compare(before.report, after.report)) == Kinds{Change::Kind::changed});
}

TEST_CASE("a finding that passes is resolved, one whose object is gone is deleted", "[compare]")
{
    Verdicts before;
    before.web(Status::fail);
    Verdicts fixed;
    fixed.web(Status::pass);

    CHECK(kinds(compare(before.report, fixed.report)) == Kinds{Change::Kind::resolved});
    CHECK(kinds(compare(before.report, Verdicts{}.report)) == Kinds{Change::Kind::deleted});
}

TEST_CASE("what could not be seen is unevaluated and never resolved or deleted", "[compare]")
{
    Verdicts before;
    before.web(Status::fail);
    Verdicts unknown;
    unknown.web(Status::unknown);
    Verdicts namespace_hidden;
    namespace_hidden.add(k_check, "Namespace", "", "shop", Status::unknown);
    Verdicts cluster_hidden;
    cluster_hidden.add(k_check, "Cluster", "", "", Status::unknown);

    CHECK(kinds(compare(before.report, unknown.report)) == Kinds{Change::Kind::unevaluated});
    CHECK(kinds(compare(before.report, namespace_hidden.report)) == Kinds{Change::Kind::unevaluated});
    CHECK(kinds(compare(before.report, cluster_hidden.report)) == Kinds{Change::Kind::unevaluated});
}

TEST_CASE("another check's or another namespace's blindness does not keep a finding open", "[compare]")
{
    Verdicts before;
    before.web(Status::fail);
    Verdicts after;
    after.add(k_other, "Cluster", "", "", Status::unknown).add(k_check, "Namespace", "", "blog", Status::unknown);

    CHECK(kinds(compare(before.report, after.report)) == Kinds{Change::Kind::deleted});
}

TEST_CASE("a fingerprint depends on check and object, not on version, status or uid", "[compare]")
{
    Verdicts a;
    a.web(Status::fail)
        .web(Status::pass)
        .add(k_other, "Deployment", "shop", "web", Status::fail)
        .add(k_check, "Deployment", "shop", "api", Status::fail);
    const auto& results = a.report.results;

    CHECK(fingerprint(results[0]) == fingerprint(results[1]));
    CHECK(fingerprint(results[0]) != fingerprint(results[2]));
    CHECK(fingerprint(results[0]) != fingerprint(results[3]));
    CHECK(fingerprint(results[0]).starts_with("f1:"));
    CHECK(fingerprint(results[0]).size() == 35);
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "model/network/calico_selector.hpp"
#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using model::CalicoSubject;
using model::Match;
using model::parse_calico_selector;

namespace {

/// A pod with labels app=web and tier=front, in namespace shop (team=red), of service account runner (role=ci).
Match match(std::string_view text, CalicoSubject subject = CalicoSubject::endpoints)
{
    model::Vault vault;
    const auto map = [&](std::initializer_list<std::pair<const char*, const char*>> entries) {
        std::vector<model::KeyValue> list;
        for (const auto& [key, value] : entries)
            list.push_back({vault.texts.intern(key), vault.texts.intern(value)});
        return vault.map(list);
    };
    const auto labels = map({{"app", "web"}, {"tier", "front"}});
    const auto ns = map({{"team", "red"}});
    const auto account = map({{"role", "ci"}});
    const auto selector = parse_calico_selector(text, subject);
    if (!selector) return Match::unresolved;
    return selector->expression.evaluate(
        {.ns = "shop", .namespace_labels = &ns, .labels = &labels, .service_account = "runner", .service_account_labels = &account});
}

} // namespace

TEST_CASE("Calico's selectors choose pods", "[calico]")
{
    for (const auto* text : {"",
                             " ",
                             "all()",
                             "all( )",
                             "app == 'web'",
                             "app=='web'",
                             "app == \"web\"",
                             "app != 'api'",
                             "missing != 'x'",
                             "has(app)",
                             "has( app )",
                             "!has(missing)",
                             "!!has(app)",
                             "app in {'api','web'}",
                             "app in { 'web', }",
                             "app not in {'api'}",
                             "missing not in {'x'}",
                             "app contains 'e'",
                             "app starts with 'w'",
                             "app starts  with 'w'",
                             "app ends with 'eb'",
                             "app == 'web' && tier == 'front'",
                             "app == 'api' || tier == 'front'",
                             "app == 'api' && tier == 'x' || has(app)",
                             "has(app) || app == 'api' && app == 'x'",
                             "(app == 'web')",
                             "!(app == 'api' || tier == 'back')",
                             "projectcalico.org/namespace == 'shop'",
                             "projectcalico.org/serviceaccount == 'runner'",
                             "projectcalico.org/orchestrator == 'k8s'",
                             "pcns.team == 'red'",
                             "pcsa.role == 'ci'"}) {
        INFO(text);
        CHECK(match(text) == Match::yes);
    }
    for (const auto* text :
         {"app == 'api'", "app != 'web'", "!has(app)", "has(missing)", "app in {}", "missing in {'x'}", "missing contains 'x'", "app not in {'web'}",
          "global()", "!all()", "app == 'web' && has(missing)", "projectcalico.org/orchestrator == 'openstack'"}) {
        INFO(text);
        CHECK(match(text) == Match::no);
    }
}

TEST_CASE("Calico's selectors choose namespaces and service accounts by their own labels", "[calico]")
{
    CHECK(match("team == 'red'", CalicoSubject::namespaces) == Match::yes);
    CHECK(match("projectcalico.org/name == 'shop'", CalicoSubject::namespaces) == Match::yes);
    CHECK(match("app == 'web'", CalicoSubject::namespaces) == Match::no);
    CHECK(match("role == 'ci'", CalicoSubject::service_accounts) == Match::yes);
    CHECK(match("projectcalico.org/name in {'runner'}", CalicoSubject::service_accounts) == Match::yes);
}

TEST_CASE("what Calico refuses is no selector", "[calico]")
{
    for (const std::string& text : {std::string{"app"},
                                    std::string{"app ="},
                                    std::string{"app = 'web'"},
                                    std::string{"app == web"},
                                    std::string{"app == 'web"},
                                    std::string{"app ~ 'x'"},
                                    std::string{"has(app"},
                                    std::string{"has()"},
                                    std::string{"(app == 'web'"},
                                    std::string{"app == 'web')"},
                                    std::string{"app in 'x'"},
                                    std::string{"app in {'x' 'y'}"},
                                    std::string{"app in {'x'"},
                                    std::string{"&& app == 'web'"},
                                    std::string{"app == 'web' &&"},
                                    std::string{"!"},
                                    std::string{"app == 'web' & has(app)"},
                                    std::string{"all() all()"},
                                    std::string{"app not == 'x'"},
                                    std::string(200, '(') + "all()" + std::string(200, ')')}) {
        INFO(text);
        CHECK_FALSE(parse_calico_selector(text, CalicoSubject::endpoints));
    }
}

TEST_CASE("a selector names the labels without which nothing matches", "[calico]")
{
    const auto anchors = [](std::string_view text) { return parse_calico_selector(text, CalicoSubject::endpoints)->expression.anchors(); };

    CHECK(anchors("app == 'web' && has(tier)")->size() == 1);
    CHECK(anchors("app in {'a','b'} || tier == 'c'")->size() == 3);
    CHECK_FALSE(anchors("app == 'web' || has(tier)"));
    CHECK_FALSE(anchors("!(app == 'web')"));
    CHECK_FALSE(anchors("all()"));
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <deque>
#include <stdexcept>

#include "app/auditor.hpp"
#include "seaworthy/config/load.hpp"
#include "seaworthy/controls/catalog.hpp"

using namespace seaworthy;
using namespace seaworthy::app;

namespace {

/// What a scripted source does in one read.
struct Step {
    std::vector<model::Gap> gaps;
    std::optional<Error> error;
    bool throws = false;
};

class ScriptedSource : public model::InventorySource {
public:
    explicit ScriptedSource(std::deque<Step>& steps) : m_steps(steps) {}

    Result<model::Inventory> read(const model::ReadPlan&, std::stop_token) override
    {
        REQUIRE_FALSE(m_steps.empty());
        const auto step = m_steps.front();
        m_steps.pop_front();
        if (step.throws) throw std::runtime_error("out of luck");
        if (step.error) return tl::make_unexpected(*step.error);
        model::Inventory inventory;
        inventory.taken_at = Timestamp{1'795'000'000};
        inventory.gaps = step.gaps;
        inventory.listed = {"pods", "nodes"};
        return inventory;
    }

private:
    std::deque<Step>& m_steps;
};

const model::Gap k_timeout{"pods", "*", model::Reason::timeout, "too slow"};
const model::Gap k_forbidden{"secrets", "*", model::Reason::forbidden, "403"};

/// An auditor whose source and clock are scripted.
struct Stage {
    std::deque<Step> steps;
    std::int64_t clock = 1'795'000'000;
    int connections = 0;
    config::Config config = config::default_config(controls::catalog());
    config::Log log_options{.level = config::Log::Level::error};
    Log log{log_options};
    publish::SelfMetrics metrics{{"0", "0"}};
    publish::Publication publication{Timestamp{0}};
    Auditor auditor{{.make_source = [this](const config::Config&, kube::SourceObserver*) -> Result<std::unique_ptr<model::InventorySource>> {
                         ++connections;
                         return std::make_unique<ScriptedSource>(steps);
                     },
                     .publication = publication,
                     .metrics = metrics,
                     .log = log,
                     .now = [this] { return Timestamp{clock}; }}};

    bool audit(Step step)
    {
        steps.push_back(std::move(step));
        return auditor.audit(config, "interval", {});
    }
    [[nodiscard]] bool publishes(const std::string& series) const { return metrics.render().text.plain.find(series + "\n") != std::string::npos; }
};

} // namespace

TEST_CASE("a good audit is published and counted", "[app]")
{
    Stage stage;

    CHECK(stage.audit({}));

    REQUIRE(stage.publication.view().edition);
    CHECK(stage.publication.view().last_error.empty());
    CHECK(stage.publishes("seaworthy_audit_last_run_successful 1"));
    CHECK(stage.publishes("seaworthy_audit_resource_accessible{resource=\"pods\"} 1"));
}

TEST_CASE("a failed audit keeps the last report and says why", "[app]")
{
    Stage stage;
    stage.audit({});
    const auto before = stage.publication.view().edition;

    CHECK_FALSE(stage.audit({.error = Error{Error::Kind::unreachable, "127.0.0.1:1 refused the connection", ""}}));

    CHECK(stage.publication.view().edition == before);
    CHECK(stage.publication.view().last_error == "127.0.0.1:1 refused the connection");
    CHECK(stage.publishes("seaworthy_audit_failures_total{reason=\"api_unreachable\"} 1"));
    CHECK(stage.publishes("seaworthy_audit_last_run_successful 0"));
}

TEST_CASE("a hole that may close again does not replace a whole report for three intervals", "[app]")
{
    Stage stage;
    stage.audit({});
    const auto whole = stage.publication.view().edition;

    stage.clock += 300;
    CHECK_FALSE(stage.audit({.gaps = {k_timeout}}));
    stage.clock += 599;
    CHECK_FALSE(stage.audit({.gaps = {k_timeout}}));
    CHECK(stage.publication.view().edition == whole);
    CHECK_THAT(stage.publication.view().last_error, Catch::Contains("pods") && Catch::Contains("timeout"));

    stage.clock += 1;
    CHECK(stage.audit({.gaps = {k_timeout}}));
    CHECK(stage.publication.view().edition != whole);
    // From then on there is nothing better to keep.
    stage.clock += 1;
    CHECK(stage.audit({.gaps = {k_timeout}}));
}

TEST_CASE("what is forbidden is published at once, and so is the first report whatever its holes", "[app]")
{
    Stage stage;

    CHECK(stage.audit({.gaps = {k_timeout}}));
    CHECK(stage.audit({}));
    CHECK(stage.audit({.gaps = {k_forbidden}}));
    CHECK(stage.publishes("seaworthy_audit_resource_accessible{resource=\"secrets\"} 0"));
}

TEST_CASE("an exception in an audit is a failed audit, and the next one connects anew", "[app]")
{
    Stage stage;

    CHECK_FALSE(stage.audit({.throws = true}));
    CHECK(stage.audit({}));
    CHECK(stage.audit({}));

    CHECK(stage.connections == 2);
    CHECK(stage.publishes("seaworthy_audit_failures_total{reason=\"internal\"} 1"));
}

TEST_CASE("an audit that was stopped on the way publishes no hole", "[app]")
{
    Stage stage;
    stage.steps.push_back({.gaps = {k_timeout}});
    std::stop_source stop;
    stop.request_stop();

    CHECK_FALSE(stage.auditor.audit(stage.config, "interval", stop.get_token()));
    CHECK_FALSE(stage.publication.view().edition);
    CHECK(stage.publishes("seaworthy_audit_failures_total{reason=\"cancelled\"} 1"));
}

// SPDX-License-Identifier: Apache-2.0
// What events know of objects besides the verdicts on them.
#include "app/object_notes.hpp"

#include <catch2/catch.hpp>

#include "seaworthy/model/vault.hpp"

using namespace seaworthy;
using namespace seaworthy::app;
using Labels = std::vector<std::pair<std::string, std::string>>;

namespace {

constexpr std::int64_t k_now = 1'795'000'000;

/// A cluster of one Deployment.
struct Cluster {
    model::Inventory inventory;
    model::WorkloadObject* workload = nullptr;

    Cluster()
    {
        inventory.taken_at = Timestamp{k_now};
        auto& texts = inventory.vault().texts;
        workload = &inventory.workloads.emplace_back();
        workload->meta = {.name = texts.intern("store"), .ns = texts.intern("shop"), .created = Timestamp{k_now - 9'000}};
        label({{"team", "a"}, {"example.org/env", "prod"}});
    }
    void label(const Labels& wanted)
    {
        std::vector<model::KeyValue> entries;
        for (const auto& [key, value] : wanted)
            entries.push_back({inventory.vault().texts.intern(key), inventory.vault().texts.intern(value)});
        workload->meta.labels = inventory.vault().map(entries);
    }
    void written(std::int64_t seconds_ago, bool owns_spec, const char* subresource = "")
    {
        auto& texts = inventory.vault().texts;
        const std::vector<model::ManagedFieldsEntry> entries{{.manager = texts.intern("kubectl-edit"),
                                                              .operation = texts.intern("Update"),
                                                              .subresource = texts.intern(subresource),
                                                              .time = Timestamp{k_now - seconds_ago},
                                                              .owns_spec = owns_spec}};
        workload->managers = inventory.vault().keep(entries);
    }
    [[nodiscard]] events::ObjectFacts facts(const config::Events& settings, const char* name = "store")
    {
        const ObjectNotes notes{inventory, settings};
        auto& texts = inventory.vault().texts;
        return notes.of({.api_version = texts.intern("apps/v1"),
                         .kind = texts.intern("Deployment"),
                         .ns = texts.intern("shop"),
                         .name = texts.intern(name),
                         .uid = {},
                         .counts_in = {}});
    }
};

} // namespace

TEST_CASE("an object has changed when somebody last wrote to its specification", "[object-notes]")
{
    Cluster cluster;
    const config::Events settings; // settles after 30 s

    CHECK_FALSE(cluster.facts(settings).changed);
    cluster.written(29, true);
    CHECK(cluster.facts(settings).changed == (k_now - 29) * 1000);
    CHECK_FALSE(cluster.facts(settings, "other").changed);
    cluster.written(30, true);
    CHECK_FALSE(cluster.facts(settings).changed);
}

TEST_CASE("what controllers write all day is no change of an object", "[object-notes]")
{
    Cluster cluster;
    cluster.written(1, false);
    CHECK_FALSE(cluster.facts({}).changed);
    cluster.written(1, true, "scale");
    CHECK_FALSE(cluster.facts({}).changed);
}

TEST_CASE("a new object has changed when it was made", "[object-notes]")
{
    Cluster cluster;
    cluster.workload->meta.created = Timestamp{k_now - 5};
    CHECK(cluster.facts({}).changed == (k_now - 5) * 1000);
    cluster.workload->meta.created = {};
    CHECK_FALSE(cluster.facts({}).changed);
}

TEST_CASE("a clock behind the API server's does not let an object be older than it is", "[object-notes]")
{
    Cluster cluster;
    cluster.workload->meta.created = Timestamp{k_now + 60};
    CHECK(cluster.facts({}).changed == (k_now + 60) * 1000);
}

TEST_CASE("labels are those that the configuration chooses", "[object-notes]")
{
    Cluster cluster;
    config::Events settings;
    CHECK(cluster.facts(settings).labels.empty());
    settings.labels = {"team"};
    CHECK(cluster.facts(settings).labels == Labels{{"team", "a"}});
    settings.labels = {"*"};
    CHECK(cluster.facts(settings).labels == Labels{{"example.org/env", "prod"}, {"team", "a"}});
    settings.labels = {"none-*"};
    CHECK(cluster.facts(settings).labels.empty());
}

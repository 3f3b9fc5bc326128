// SPDX-License-Identifier: Apache-2.0
// A journal on a store as a program of its own, for tests that make audits up, kill the program and read what it told.
//
//   event_driver PATH MAX_BYTES
//
// The first line on standard output is {"quarantined": PATH} or, with exit status 1, {"error": "…"}. Then each line on standard input is a
// command as JSON and gets one line back, {"error": "…"} where the journal or the store gave one:
//   {"settings": {…}}      {"ok": true}: from the next audit on; milliseconds and numbers by the names of settings_of() below
//   {"audit": {"uid", "at": SECONDS, "results": [RESULT…], "gaps": [[RESOURCE, NAMESPACE, REASON]…],
//    "excluded": [NAMESPACE…], "switched_off": [CHECK…]}}   {"recorded": {CODE: COUNT}}
//       RESULT: {"check", "name", "status"} and, where they matter, "kind", "ns", "uid", "message", "severity", "reason", "exempt",
//       "evidence", "labels", "changed". A text "hex:…" stands for bytes that JSON cannot hold.
//   {"many": {"at", "check", "count", "status"}}   {"recorded", "seconds"}: an audit of so many findings of one check
//   {"churn": [SEED, OBJECTS, AT]}   a line {"audit": N} after each audit of objects that come and go, without end
//   {"health": [CODE, MESSAGE]}, {"snapshot": true}, {"clock": MILLISECONDS}, {"acknowledge": SEQUENCE}   {"ok": true}
//   {"told": true}         {"events": [EVENT…]}: all that was not acknowledged
//   {"findings": true}     {"findings": {UID: [PHASE, EPISODE, REVISION]}}
//   {"dropped": true}      {"dropped": COUNT}: given up before the sink had them, since the store was made
// It ends with standard input.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <random>
#include <string>

#include <nlohmann/json.hpp>

#include "seaworthy/controls/catalog.hpp"
#include "seaworthy/events/journal.hpp"
#include "seaworthy/report/result_writer.hpp"

namespace {

using nlohmann::json;
using namespace seaworthy;

constexpr std::string_view k_sink = "siem";
constexpr std::string_view k_churned = "netpol-ns-default-deny-ingress";
constexpr std::int64_t k_churn_interval_seconds = 300;

json error_of(const Error& error)
{
    return {{"error", error.message}, {"hint", error.hint}};
}

json outcome(const Result<void>& result)
{
    return result ? json{{"ok", true}} : error_of(result.error());
}

/// A member as bytes.
std::string text(const json& object, const char* name, std::string otherwise = {})
{
    if (!object.contains(name)) return otherwise;
    auto written = object.at(name).get<std::string>();
    if (!written.starts_with("hex:")) return written;
    std::string bytes;
    for (std::size_t at = 4; at + 1 < written.size(); at += 2)
        bytes.push_back(static_cast<char>(std::stoi(written.substr(at, 2), nullptr, 16)));
    return bytes;
}

config::Events settings_of(const json& wanted)
{
    using config::Events;
    Events settings;
    settings.baseline = Events::Baseline::emit;
    if (wanted.value("baseline", "") == "summary") settings.baseline = Events::Baseline::summary;
    if (wanted.value("baseline", "") == "silent") settings.baseline = Events::Baseline::silent;
    settings.settle = config::milliseconds{wanted.value("settle", settings.settle.count())};
    settings.resolve_after = wanted.value("resolve_after", settings.resolve_after);
    settings.open_after = wanted.value("open_after", settings.open_after);
    settings.flap_transitions = wanted.value("flap_transitions", settings.flap_transitions);
    settings.storm_per_check = wanted.value("storm_per_check", settings.storm_per_check);
    settings.reminder_after = config::milliseconds{wanted.value("reminder_after", settings.reminder_after.count())};
    settings.labels = wanted.value("labels", settings.labels);
    return settings;
}

check::Evidence evidence_of(const json& object)
{
    check::Evidence evidence;
    for (const auto& [key, value] : object.items())
        if (value.is_array())
            evidence.emplace_back(key, value.get<std::vector<std::string>>());
        else if (value.is_number())
            evidence.emplace_back(key, value.get<std::int64_t>());
        else
            evidence.emplace_back(key, text(object, key.c_str()));
    return evidence;
}

std::unique_ptr<report::Report> begin_report(const std::string& uid, std::int64_t at)
{
    auto made = std::make_unique<report::Report>();
    made->uid = uid;
    made->generated_at = Timestamp{at};
    made->duration_seconds = 1.5;
    made->cluster_name = "harbour";
    made->cluster_uid = "6f1c8a52-1f0e-4a51-9d3b-2f7a5d0c9e11";
    made->exemptions.push_back(
        {.exemption = {.id = "exemptions[0]", .reason = "until the move", .owner = "team-green", .until = Timestamp{1'811'808'000}}});
    return made;
}

class Driver {
public:
    explicit Driver(state::Store& store) : m_store(store) { restart(settings_of(json::object())); }

    json obey(const std::string& name, const json& value)
    {
        if (name == "settings") return configure(value);
        if (name == "audit") return audit(value);
        if (name == "many") return many(value);
        if (name == "churn") return churn(value.at(0), value.at(1), value.at(2));
        if (name == "health") return health(value.at(0), value.at(1));
        if (name == "snapshot") return outcome(m_journal->request_snapshot());
        if (name == "clock") return set_clock(value);
        if (name == "acknowledge") return outcome(m_store.acknowledge(k_sink, value));
        if (name == "told") return told();
        if (name == "findings") return findings();
        if (name == "dropped") return dropped();
        return {{"error", "no such command: " + name}};
    }

private:
    void restart(config::Events settings)
    {
        m_journal = std::make_unique<events::Journal>(m_store, std::move(settings),
                                                      events::Identity{"harbour", "6f1c8a52-1f0e-4a51-9d3b-2f7a5d0c9e11", "d", "0.4.0"},
                                                      controls::catalog(), [this] { return m_clock; });
    }

    json configure(const json& value)
    {
        m_journal->configure(settings_of(value));
        return {{"ok", true}};
    }

    json set_clock(std::int64_t milliseconds)
    {
        m_clock = milliseconds;
        return {{"ok", true}};
    }

    void add(report::ResultWriter& writer, const json& row)
    {
        const auto* check = controls::find_check(row.at("check").get<std::string>());
        if (check == nullptr) throw std::runtime_error("no such check: " + row.at("check").dump());
        const auto* control = controls::control_of(*check);
        check::Verdict verdict;
        verdict.status = check::parse_status(row.at("status").get<std::string>()).value();
        verdict.reason = model::parse_reason(row.value("reason", "")).value_or(model::Reason::none);
        if (row.contains("severity")) verdict.severity = check::parse_severity(row.at("severity").get<std::string>());
        verdict.message = text(row, "message", "is not as it should be");
        verdict.remediation = text(row, "remediation");
        if (row.contains("evidence")) verdict.evidence = evidence_of(row.at("evidence"));
        const auto kind = text(row, "kind", "Deployment");
        const auto ns = text(row, "ns", "shop");
        const auto name = text(row, "name");
        writer.add({*check, static_cast<std::uint16_t>(controls::index_of(*control)), check->severity},
                   {text(row, "api_version", "apps/v1"), kind, kind == "Namespace" ? "" : ns, name, text(row, "uid", "uid-" + name)}, ns, verdict,
                   row.value("exempt", false) ? 1 : 0);
        auto& facts = m_facts[name];
        facts = {};
        if (row.contains("changed")) facts.changed = row.at("changed").get<std::int64_t>();
        for (const auto& label : row.value("labels", json::array()))
            facts.labels.emplace_back(text(label, "key"), text(label, "value"));
    }

    Result<events::Recorded> record(const report::Report& report)
    {
        return m_journal->record(report, [this](const report::Object& object) {
            const auto found = m_facts.find(object.name.str());
            return found == m_facts.end() ? events::ObjectFacts{} : found->second;
        });
    }

    json audit(const json& wanted)
    {
        m_facts.clear();
        const auto report = begin_report(wanted.at("uid"), wanted.at("at"));
        report::ResultWriter writer{*report};
        for (const auto& row : wanted.at("results"))
            add(writer, row);
        for (const auto& gap : wanted.value("gaps", json::array()))
            report->gaps.push_back({gap.at(0), gap.at(1), model::parse_reason(gap.at(2).get<std::string>()).value_or(model::Reason::none), ""});
        for (const auto& ns : wanted.value("excluded", json::array()))
            report->excluded_namespaces.push_back(report->texts.intern(ns.get<std::string>()));
        for (const auto& check : wanted.value("switched_off", json::array()))
            report->switched_off.push_back(controls::find_check(check.get<std::string>())->id);
        const auto recorded = record(*report);
        return recorded ? json{{"recorded", recorded->codes}} : error_of(recorded.error());
    }

    json many(const json& wanted)
    {
        m_facts.clear();
        const auto report = begin_report("many-" + wanted.at("at").dump(), wanted.at("at"));
        report::ResultWriter writer{*report};
        for (std::int64_t i = 0; i < wanted.at("count").get<std::int64_t>(); ++i)
            add(writer, {{"check", wanted.at("check")}, {"status", wanted.at("status")}, {"name", "object-" + std::to_string(i)}});
        m_facts.clear();
        const auto began = std::chrono::steady_clock::now();
        const auto recorded = record(*report);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
        if (!recorded) return error_of(recorded.error());
        return {{"recorded", recorded->codes}, {"seconds", took.count()}};
    }

    json churn(std::uint32_t seed, int objects, std::int64_t at)
    {
        std::minstd_rand dice{seed};
        for (std::int64_t number = 1;; ++number) {
            const auto report = begin_report("churn-" + std::to_string(at), at);
            report::ResultWriter writer{*report};
            for (int i = 0; i < objects; ++i) {
                constexpr const char* statuses[] = {"fail", "fail", "warn", "pass", "unknown"};
                add(writer, {{"check", k_churned}, {"status", statuses[dice() % std::size(statuses)]}, {"name", "object-" + std::to_string(i)}});
            }
            const auto recorded = record(*report);
            if (!recorded) return error_of(recorded.error());
            std::cout << json{{"audit", number}, {"at", at}}.dump() << std::endl;
            at += k_churn_interval_seconds;
        }
    }

    json health(const std::string& code, const std::string& message)
    {
        for (int each = 0; each <= static_cast<int>(events::HealthCode::sink_test); ++each)
            if (events::name(static_cast<events::HealthCode>(each)) == code)
                return outcome(
                    m_journal->health(static_cast<events::HealthCode>(each), message, {.subject = "soc", .reason = "unauthorized", .count = 3}));
        return {{"error", "no such code: " + code}};
    }

    json told()
    {
        json events = json::array();
        for (std::int64_t after = 0;;) {
            const auto pending = m_store.pending(k_sink, after, {}, [](const auto&) { return true; });
            if (!pending) return error_of(pending.error());
            if (pending->through == 0) return {{"events", std::move(events)}};
            after = pending->through;
            for (const auto& row : pending->events)
                events.push_back(json::parse(row.body));
        }
    }

    json findings()
    {
        json all = json::object();
        const auto visited = m_store.for_each_finding([&](const state::FindingRow& row) { all[row.uid] = {row.phase, row.episode, row.revision}; });
        return visited ? json{{"findings", all}} : error_of(visited.error());
    }

    json dropped()
    {
        const auto backlog = m_store.backlog(k_sink);
        return backlog ? json{{"dropped", backlog->dropped}} : error_of(backlog.error());
    }

    state::Store& m_store;
    state::Milliseconds m_clock = 1'787'303'643'029;
    std::map<std::string, events::ObjectFacts, std::less<>> m_facts; ///< by name of the object
    std::unique_ptr<events::Journal> m_journal;
};

} // namespace

int main(int argc, char** argv)
{
    if (argc != 3) return 2;
    const auto store = state::Store::open({.path = argv[1], .max_bytes = std::stoull(argv[2])});
    const auto ready = store ? (*store)->set_sinks({std::string{k_sink}}) : tl::make_unexpected(store.error());
    if (!ready) {
        std::cout << error_of(ready.error()).dump() << std::endl;
        return 1;
    }
    std::cout << json{{"quarantined", (*store)->quarantined()}}.dump() << std::endl;
    Driver driver{**store};
    for (std::string line; std::getline(std::cin, line);) {
        const auto command = json::parse(line);
        std::cout << driver.obey(command.begin().key(), command.begin().value()).dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
    }
    return 0;
}

// SPDX-License-Identifier: Apache-2.0
#include "unit/events/audits.hpp"

#include <array>
#include <stdexcept>

#include "seaworthy/report/result_writer.hpp"

namespace seaworthy::test {
namespace {

using check::Check;
using check::Control;

constexpr std::array k_network{Check{.id = "netpol-deny",
                                     .title = "Namespace has no default-deny",
                                     .severity = check::Severity::high,
                                     .needs = "networkpolicies.networking.k8s.io",
                                     .rationale = "Every pod can reach every other.",
                                     .remediation = "Create this:\n\n  kind: NetworkPolicy\n",
                                     .references = "https://kubernetes.io/docs/concepts/, CIS 5.3.2"}};
constexpr std::array k_images{Check{.id = "image-tag",
                                    .title = "Image has no fixed tag",
                                    .severity = check::Severity::medium,
                                    .needs = "pods",
                                    .rationale = "What runs may change.",
                                    .remediation = "Pin it."},
                              Check{.id = "image-large", .title = "Image is large", .severity = check::Severity::low, .needs = "nodes"}};
constexpr Control k_controls[] = {{"network-policies", 9, "Network policies", 1, "Who may talk to whom.", k_network},
                                  {"images", 1, "Images", 1, "What runs.", k_images}};
constexpr std::array<const Control*, 2> k_catalog{&k_controls[0], &k_controls[1]};

std::pair<std::uint16_t, const Check*> find(std::string_view id)
{
    for (std::uint16_t control = 0; control < k_catalog.size(); ++control)
        for (const auto& row : k_catalog[control]->checks)
            if (row.id == id) return {control, &row};
    throw std::logic_error("no such check: " + std::string{id});
}

} // namespace

std::span<const Control* const> two_controls()
{
    return k_catalog;
}

Audits::Audits(config::Events wanted, std::uint64_t spool_bytes) : settings(std::move(wanted)), m_spool(spool_bytes), m_store(m_spool.open())
{
    open_journal();
}

void Audits::open_journal()
{
    must(m_store->set_sinks({"siem"}));
    m_journal = std::make_unique<events::Journal>(*m_store, settings, events::Identity{"harbour", "c1", "seaworthy-0", "0.4.0"}, k_catalog,
                                                  [this] { return m_now * 1000 + 29; });
}

void Audits::restart()
{
    m_journal.reset();
    m_store.reset();
    m_store = m_spool.open();
    open_journal();
}

void Audits::restart(config::Events wanted)
{
    settings = std::move(wanted);
    restart();
}

std::shared_ptr<report::Report> Audits::report(const std::vector<Seen>& rows, const Change& change) const
{
    auto made = std::make_shared<report::Report>();
    made->uid = "audit-" + std::to_string(++m_number);
    made->generated_at = Timestamp{m_now};
    made->duration_seconds = 1.5;
    made->cluster_name = "harbour";
    made->cluster_uid = "c1";
    made->exemptions.push_back(
        {.exemption = {.id = "exemptions[0]", .reason = "until the move", .owner = "team-green", .until = Timestamp{1'811'808'000}}});
    report::ResultWriter writer{*made};
    // Something is always seen: a report without results is an audit that failed.
    auto all = rows;
    all.push_back({.check = "image-large", .name = "node-1", .status = check::Status::pass, .ns = "", .kind = "Node"});
    for (const auto& row : all) {
        const auto [control, check] = find(row.check);
        check::Verdict verdict{
            .status = row.status, .reason = row.reason, .severity = row.severity, .message = row.message, .evidence = row.evidence};
        const auto uid = row.uid.empty() ? "uid-" + row.name : row.uid;
        writer.add({*check, control, check->severity}, {"apps/v1", row.kind, row.kind == "Namespace" ? "" : row.ns, row.name, uid}, row.ns, verdict,
                   row.exempt ? 1 : 0);
        made->counts.add(row.status);
    }
    if (change) change(*made);
    return made;
}

Audits& Audits::calm()
{
    audit({});
    forget();
    return *this;
}

events::Recorded Audits::record(const report::Report& report)
{
    return must(m_journal->record(report, facts));
}

std::vector<std::string> Audits::audit(const std::vector<Seen>& rows, const Change& change)
{
    m_now += interval;
    const auto made = report(rows, change);
    const auto recorded = record(*made);
    std::vector<std::string> codes;
    for (const auto& [code, count] : recorded.codes)
        if (code != "audit_completed") codes.insert(codes.end(), count, code);
    return codes;
}

std::vector<nlohmann::json> Audits::told()
{
    std::vector<nlohmann::json> records;
    for (const auto& row : rows())
        records.push_back(nlohmann::json::parse(row.body));
    return records;
}

nlohmann::json Audits::last(std::string_view code)
{
    const auto records = told();
    for (auto at = records.rbegin(); at != records.rend(); ++at)
        if (at->at("metadata").at("event_code") == code) return *at;
    FAIL("nothing was told with the code " << code);
    return {};
}

void Audits::forget()
{
    const auto all = rows();
    if (!all.empty()) must(m_store->acknowledge("siem", all.back().sequence));
}

std::set<std::string> open_by_replay(const std::vector<nlohmann::json>& told)
{
    std::set<std::string> open;
    for (const auto& record : told) {
        if (record.at("class_uid") != 2003 || record.at("metadata").at("event_code") == "finding_storm") continue;
        const auto uid = record.at("finding_info").at("uid").get<std::string>();
        if (record.at("activity_id") == 3 || record.at("status_id") == 3)
            open.erase(uid);
        else
            open.insert(uid);
    }
    return open;
}

} // namespace seaworthy::test

// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/snapshot_document.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "kube/decode/json_reader.hpp"

#include "seaworthy/base/letter_case.hpp"

namespace seaworthy::kube {

namespace {

using Value = JsonReader::Value;

constexpr std::string_view k_probe_errors[] = {"timeout", "refused", "dns", "reset", "tls_untrusted", "tls_expired", "tls_name", "plain_http"};

Timestamp read_time(JsonReader& json, Value value)
{
    const std::string_view text = json.text(value);
    const Timestamp time = parse_rfc3339(text);
    if (json.ok() && !text.empty() && !time.known()) json.fail(fmt::format("\"{}\" is no time like 2026-11-22T04:00:00Z", text.substr(0, 64)));
    return time;
}

void read_gap(JsonReader& json, Value value, SnapshotDocument& snapshot)
{
    model::Gap gap;
    json.object(value, [&](std::string_view key, Value member) {
        if (key == "resource")
            gap.resource = json.text(member);
        else if (key == "namespace")
            gap.ns = json.text(member);
        else if (key == "message")
            gap.message = json.text(member);
        else if (key == "reason") {
            const std::string_view text = json.text(member);
            if (const auto reason = model::parse_reason(text); reason && *reason != model::Reason::none)
                gap.reason = *reason;
            else
                json.fail(fmt::format("unknown reason \"{}\"", text.substr(0, 64)));
        } else
            json.fail("unknown key");
    });
    if (json.ok() && gap.resource.empty()) json.fail("a gap needs a resource");
    if (json.ok() && gap.reason == model::Reason::none) json.fail("a gap needs a reason");
    if (gap.ns.empty()) gap.ns = "*";
    snapshot.gaps.push_back(std::move(gap));
}

/// One answer, or for the row of a URL also its `samples`.
bool read_answer(JsonReader& json, std::string_view key, Value value, model::ProbeAnswer& answer)
{
    if (key == "at")
        answer.at = read_time(json, value);
    else if (key == "status")
        answer.status = json.int32(value);
    else if (key == "body")
        answer.body = json.text(value);
    else if (key == "authorization")
        answer.authorization = json.text(value);
    else if (key == "error") {
        answer.error = json.text(value);
        const bool known = std::find(std::begin(k_probe_errors), std::end(k_probe_errors), answer.error) != std::end(k_probe_errors);
        if (json.ok() && !known) json.fail(fmt::format("unknown error \"{}\"", answer.error.substr(0, 64)));
    } else if (key == "headers") {
        json.object(value, [&](std::string_view name, Value member) { answer.headers[to_lower(name)] = json.text(member); });
    } else if (key == "tls") {
        json.object(value, [&](std::string_view name, Value member) {
            if (name == "notAfter")
                answer.tls_not_after = read_time(json, member);
            else if (name == "verified")
                answer.tls_verified = json.flag(member);
            else
                json.fail("unknown key");
        });
    } else
        return false;
    return true;
}

void keep_answer(JsonReader& json, SnapshotDocument& snapshot, const std::string& url, model::ProbeAnswer answer)
{
    if (!json.ok()) return;
    if (url.empty())
        json.fail("a probe needs a url");
    else if (answer.status == 0 && answer.error.empty())
        json.fail("a probe needs a status or an error");
    else
        snapshot.probes[url].push_back(std::move(answer));
}

void read_probe(JsonReader& json, Value value, SnapshotDocument& snapshot)
{
    std::string url;
    model::ProbeAnswer row;
    std::vector<model::ProbeAnswer> samples;
    bool has_samples = false;
    json.object(value, [&](std::string_view key, Value member) {
        if (key == "url")
            url = json.text(member);
        else if (key == "samples") {
            has_samples = true;
            json.array(member, [&](Value item) {
                model::ProbeAnswer sample;
                json.object(item, [&](std::string_view name, Value part) {
                    if (!read_answer(json, name, part, sample)) json.fail("unknown key");
                });
                samples.push_back(std::move(sample));
            });
        } else if (!read_answer(json, key, member, row))
            json.fail("unknown key");
    });
    if (!has_samples || row.status != 0 || !row.error.empty()) keep_answer(json, snapshot, url, row);
    for (auto& sample : samples) {
        if (sample.authorization.empty()) sample.authorization = row.authorization;
        keep_answer(json, snapshot, url, std::move(sample));
    }
    if (json.ok() && has_samples && !url.empty()) snapshot.probes[url]; // a history without samples is still asked for
}

void read_spec(JsonReader& json, Value value, SnapshotDocument& snapshot)
{
    json.object(value, [&](std::string_view key, Value member) {
        if (key == "takenAt")
            snapshot.taken_at = read_time(json, member);
        else if (key == "served")
            json.array(member, [&](Value item) { snapshot.served.emplace_back(json.text(item)); });
        else if (key == "notServed")
            json.array(member, [&](Value item) { snapshot.not_served.emplace_back(json.text(item)); });
        else if (key == "notListed")
            json.array(member, [&](Value item) { snapshot.not_listed.emplace_back(json.text(item)); });
        else if (key == "gaps")
            json.array(member, [&](Value item) { read_gap(json, item, snapshot); });
        else if (key == "probes")
            json.array(member, [&](Value item) { read_probe(json, item, snapshot); });
        else if (key == "consistent")
            snapshot.consistent = json.optional_flag(member).value_or(true);
        else if (key == "cluster") {
            json.object(member, [&](std::string_view name, Value part) {
                if (name == "name")
                    snapshot.cluster_name = json.text(part);
                else
                    json.fail("unknown key");
            });
        } else if (key == "server") {
            json.object(member, [&](std::string_view name, Value part) {
                if (name == "gitVersion") snapshot.git_version = json.text(part);
            });
        } else if (key == "config") {
            if (json.is_null(member)) return;
            ondemand::object object;
            std::string_view raw;
            if (json.check(member.get_object().get(object)) && json.check(object.raw_json().get(raw))) snapshot.config = raw;
        } else
            json.fail("unknown key");
    });
}

} // namespace

Result<SnapshotDocument> decode_snapshot_document(PaddedJson text)
{
    JsonReader json;
    SnapshotDocument snapshot;
    json.read(text, [&](std::string_view key, Value value) {
        if (key == "spec")
            read_spec(json, value, snapshot);
        else if (key != "apiVersion" && key != "kind" && key != "metadata")
            json.fail("unknown key");
    });
    if (!json.ok()) return failure(Error::Kind::invalid_input, json.error());
    for (auto& [url, answers] : snapshot.probes) {
        for (auto& answer : answers)
            if (!answer.at.known()) answer.at = snapshot.taken_at;
        std::stable_sort(answers.begin(), answers.end(), [](const auto& a, const auto& b) { return a.at < b.at; });
    }
    return snapshot;
}

Result<CustomKind> decode_custom_kind(PaddedJson text)
{
    JsonReader json;
    CustomKind custom;
    json.read(text, [&](std::string_view key, Value value) {
        if (key != "spec") return;
        json.object(value, [&](std::string_view name, Value member) {
            if (name == "group")
                custom.group = json.text(member);
            else if (name == "scope")
                custom.namespaced = json.text(member) != "Cluster";
            else if (name == "names") {
                json.object(member, [&](std::string_view part, Value word) {
                    if (part == "kind")
                        custom.kind = json.text(word);
                    else if (part == "plural")
                        custom.plural = json.text(word);
                });
            }
        });
    });
    if (!json.ok()) return failure(Error::Kind::invalid_input, json.error());
    if (custom.group.empty() || custom.kind.empty() || custom.plural.empty())
        return failure(Error::Kind::invalid_input, "spec.group and spec.names are missing");
    return custom;
}

} // namespace seaworthy::kube

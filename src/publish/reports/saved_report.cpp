// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "publish/reports/report_document.hpp"
#include "seaworthy/base/file_content.hpp"
#include "seaworthy/publish/report_diff.hpp"

namespace seaworthy::publish {

namespace {

using Json = nlohmann::json;

constexpr std::size_t k_largest_file = std::size_t{1} << 30U;
constexpr std::size_t k_longest_text = 4096;

std::string text(const Json& object, const char* key)
{
    const auto at = object.find(key);
    if (at == object.end() || !at->is_string()) return {};
    return at->get_ref<const std::string&>().substr(0, k_longest_text);
}

Failure broken(std::string_view name, std::string_view what)
{
    return failure(Error::Kind::invalid_input, fmt::format("{}: {}", name, what), "seaworthy audit -o json=FILE writes a report");
}

Result<SavedResult> read_result(const Json& document, std::size_t number, std::string_view name)
{
    const auto problem = [&](std::string_view what) { return broken(name, fmt::format("results[{}]: {}", number, what)); };
    if (!document.is_object()) return problem("no object");
    SavedResult result;
    result.fingerprint = text(document, "fingerprint");
    if (result.fingerprint.empty()) return problem("fingerprint is missing");
    result.check = text(document, "check");
    const auto status = check::parse_status(text(document, "status"));
    if (!status) return problem("status is none of pass, warn, fail, unknown, not_applicable");
    result.status = *status;
    const auto severity = check::parse_severity(text(document, "severity"));
    if (!severity) return problem("severity is none of info, low, medium, high, critical");
    result.severity = *severity;
    result.ns = text(document, "namespace");
    result.message = text(document, "message");
    if (const auto object = document.find("object"); object != document.end() && object->is_object()) {
        result.kind = text(*object, "kind");
        result.name = text(*object, "name");
    }
    const auto exemption = document.find("exemption");
    result.exempt = exemption != document.end() && !exemption->is_null();
    return result;
}

/// Whether the first says more than the second: a finding before others, else the worse status.
bool says_more(const SavedResult& one, const SavedResult& other)
{
    return std::pair{one.is_finding(), one.status} > std::pair{other.is_finding(), other.status};
}

} // namespace

Result<SavedReport> parse_saved_report(std::string_view content, std::string_view name)
{
    const auto document = Json::parse(content, nullptr, false);
    if (document.is_discarded()) return broken(name, "no JSON, or not all of it");
    if (!document.is_object() || text(document, "kind") != "Report" || text(document, "apiVersion") != k_api_version)
        return broken(name, fmt::format("no Report of {}", k_api_version));
    SavedReport report;
    if (const auto cluster = document.find("cluster"); cluster != document.end() && cluster->is_object()) report.cluster = text(*cluster, "name");
    if (const auto metadata = document.find("metadata"); metadata != document.end() && metadata->is_object())
        report.generated_at = text(*metadata, "generatedAt");
    if (const auto score = document.find("score"); score != document.end() && score->is_number()) report.score = score->get<double>();
    const auto results = document.find("results");
    if (results == document.end() || !results->is_array()) return broken(name, "results is no list");
    for (std::size_t i = 0; i < results->size(); ++i) {
        auto result = read_result((*results)[i], i, name);
        if (!result) return tl::make_unexpected(result.error());
        const auto at = report.results.find(result->fingerprint);
        if (at == report.results.end()) {
            auto key = result->fingerprint;
            report.results.emplace(std::move(key), std::move(*result));
        } else if (says_more(*result, at->second)) {
            at->second = std::move(*result);
        }
    }
    return report;
}

Result<SavedReport> read_saved_report(const std::string& path)
{
    const auto content = read_file(path, k_largest_file);
    if (!content) return tl::make_unexpected(content.error());
    return parse_saved_report(*content, path);
}

} // namespace seaworthy::publish

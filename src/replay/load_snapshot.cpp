// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include <fmt/format.h>

#include "replay/json.hpp"
#include "seaworthy/kube/snapshot_files.hpp"
#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

namespace {

std::string path_of(const std::string& resource, const std::string& namespace_)
{
    const auto dot = resource.find('.');
    const auto plural = resource.substr(0, dot);
    const auto base = dot == std::string::npos ? std::string{"/api/v1"} : fmt::format("/apis/{}/*", resource.substr(dot + 1));
    return namespace_ == "*" ? fmt::format("{}/{}", base, plural) : fmt::format("{}/namespaces/{}/{}", base, namespace_, plural);
}

/// How a list failed when the snapshot was taken, so that it fails in the same way again.
struct Gaps {
    std::vector<Denial> denials;
    std::vector<Fault> faults;
    std::vector<std::string> not_served;

    void add(const std::string& resource, const std::string& namespace_, const std::string& reason)
    {
        Fault fault{.path = path_of(resource, namespace_), .times = 0};
        if (reason == "forbidden") return denials.push_back({"*", resource, namespace_});
        if (reason == "not_served") return not_served.push_back(resource);
        if (reason == "malformed") fault.body = R"({"kind":"List","apiVersion":"v1","metadata":{},"items":[{"metadata":}]})";
        if (reason == "truncated") fault.cut_after = 64;
        if (reason == "timeout") fault.status = 504;
        if (reason == "unavailable") fault.status = 503;
        faults.push_back(std::move(fault));
    }
};

void apply_probe(ApiServer& server, const Json& probe)
{
    constexpr std::string_view k_own = "apiserver:";
    const auto url = text_at(probe, "url");
    if (url.starts_with("selfsubject")) {
        server.answer_review(url, text_at(probe, "body"));
    } else if (url.starts_with(k_own) && probe.value("status", 0) != 0) {
        const auto path = url.substr(k_own.size());
        const auto content_type = probe.value("headers", Json::object()).value("content-type", "text/plain; charset=utf-8");
        server.answer(path.substr(0, path.find('?')), probe.value("status", 200), content_type, text_at(probe, "body"));
    }
}

void apply_snapshot(ApiServer& server, const Json& document, Gaps& gaps)
{
    const auto spec = document.value("spec", Json::object());
    if (const auto version = text_at(spec, "server.gitVersion"); !version.empty()) server.set_git_version(version);
    for (const auto& id : spec.value("served", Json::array())) {
        if (id.is_string() && id != "*") server.serve(id.get<std::string>());
    }
    for (const auto& gap : spec.value("gaps", Json::array()))
        gaps.add(text_at(gap, "resource"), gap.value("namespace", "*"), text_at(gap, "reason"));
    for (const auto& probe : spec.value("probes", Json::array()))
        apply_probe(server, probe);
}

} // namespace

Result<void> load_snapshot(ApiServer& server, const std::vector<std::string>& paths)
{
    kube::ObjectFiles files{paths};
    if (auto opened = files.open(); !opened) return opened;

    std::optional<Error> first_error;
    std::vector<std::string> objects;
    Gaps gaps;
    const auto fail = [&](std::string message) {
        if (!first_error) first_error = Error{Error::Kind::invalid_input, std::move(message), {}};
    };
    kube::ObjectFiles::Visit visit;
    visit.problem = [&](const kube::InputProblem& problem) { fail(problem.text()); };
    visit.warning = [](const std::string&) {};
    visit.object = [&](const kube::FileObject& object) {
        if (object.api_version == "seaworthy.dev/v1" && object.kind == "Snapshot") {
            if (const auto document = Json::parse(object.json, nullptr, false); document.is_object()) apply_snapshot(server, document, gaps);
        } else if (object.kind == "CustomResourceDefinition") {
            if (auto put = server.put(object.json); !put) fail(fmt::format("{}:{}: {}", object.file, object.line, put.error().message));
        } else {
            objects.emplace_back(object.json); // after all definitions, which say how their kinds are named
        }
    };
    files.read(visit, {});
    for (const auto& object : objects) {
        if (auto put = server.put(object); !put) fail(put.error().message);
    }
    for (const auto& resource : gaps.not_served)
        server.stop_serving(resource);
    server.set_denials(std::move(gaps.denials));
    server.set_faults(std::move(gaps.faults));
    if (first_error) return tl::make_unexpected(*first_error);
    return {};
}

} // namespace seaworthy::replay

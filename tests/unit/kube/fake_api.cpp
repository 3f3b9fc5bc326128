// SPDX-License-Identifier: Apache-2.0
#include "unit/kube/fake_api.hpp"

#include <algorithm>

#include <catch2/catch.hpp>

namespace seaworthy::test {
namespace {

std::string decoded(const std::string& text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            result += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            result += text[i];
        }
    }
    return result;
}

Query parse_query(const std::string& target)
{
    Query query;
    auto from = target.find('?');
    while (from != std::string::npos && from + 1 < target.size()) {
        const auto end = target.find('&', ++from);
        const std::string pair = target.substr(from, end == std::string::npos ? end : end - from);
        const auto equals = pair.find('=');
        query[decoded(pair.substr(0, equals))] = equals == std::string::npos ? std::string{} : decoded(pair.substr(equals + 1));
        from = end;
    }
    return query;
}

struct Resource {
    const char* group;
    const char* version;
    const char* plural;
    const char* kind;
    bool namespaced;
};

constexpr Resource k_resources[] = {
    {"", "v1", "pods", "Pod", true},
    {"", "v1", "namespaces", "Namespace", false},
    {"", "v1", "nodes", "Node", false},
    {"", "v1", "secrets", "Secret", true},
    {"", "v1", "configmaps", "ConfigMap", true},
    {"", "v1", "services", "Service", true},
    {"apps", "v1", "deployments", "Deployment", true},
    {"apps", "v1", "statefulsets", "StatefulSet", true},
    {"example.com", "v2", "widgets", "Widget", true},
    {"example.com", "v1", "widgets", "Widget", true},
    {"constraints.gatekeeper.sh", "v1beta1", "k8srequiredlabels", "K8sRequiredLabels", false},
    {"constraints.gatekeeper.sh", "v1beta1", "k8sallowedrepos", "K8sAllowedRepos", false},
    {"authorization.k8s.io", "v1", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false},
};

std::string quoted(const std::string& text)
{
    return "\"" + text + "\"";
}

std::string aggregated_resource(const Resource& resource)
{
    const bool review = std::string{resource.group} == "authorization.k8s.io";
    return R"({"resource":)" + quoted(resource.plural) + R"(,"responseKind":{"group":"","version":"","kind":)" + quoted(resource.kind) +
           R"(},"scope":)" + (resource.namespaced ? R"("Namespaced")" : R"("Cluster")") + R"(,"verbs":)" +
           (review ? R"(["create"])" : R"(["get","list","watch"])") + "}";
}

std::string legacy_resources(const std::string& group, const std::string& version)
{
    std::string items;
    for (const Resource& resource : k_resources) {
        if (group != resource.group || version != resource.version) continue;
        items += (items.empty() ? "" : ",") + std::string{R"({"name":)"} + quoted(resource.plural) + R"(,"kind":)" + quoted(resource.kind) +
                 R"(,"namespaced":)" + (resource.namespaced ? "true" : "false") + R"(,"verbs":["get","list"]},{"name":)" +
                 quoted(std::string{resource.plural} + "/status") + R"(,"kind":"X","verbs":["get"]})";
    }
    return R"({"kind":"APIResourceList","groupVersion":"x","resources":[)" + items + "]}";
}

/// The page of `objects` that a query asks for; tokens are positions.
std::string page(const std::string& kind, const std::vector<std::string>& objects, const Query& query, bool metadata_first)
{
    const auto value = [&](const char* key) { return query.contains(key) ? query.at(key) : std::string{}; };
    const std::size_t from = value("continue").empty() ? 0 : std::stoul(value("continue").substr(1));
    const std::size_t limit = value("limit").empty() ? objects.size() : std::stoul(value("limit"));
    const std::size_t to = std::min(objects.size(), from + limit);
    const bool more = to < objects.size();
    const std::string metadata = R"({"resourceVersion":"77")" + (more ? R"(,"continue":"@)" + std::to_string(to) + "\"" : std::string{}) + "}";
    return list_json(kind, metadata, {objects.begin() + static_cast<std::ptrdiff_t>(from), objects.begin() + static_cast<std::ptrdiff_t>(to)},
                     metadata_first);
}

} // namespace

FakeApi::FakeApi() : m_server([this](const FakeServer::Request& request) { return answer(request); }) {}

void FakeApi::on(const std::string& path, Handler handler)
{
    const std::lock_guard lock{m_mutex};
    m_handlers[path] = std::move(handler);
}

void FakeApi::serve_list(const std::string& path, const std::string& kind, std::vector<std::string> objects)
{
    on(path, [kind, objects = std::move(objects)](const Query& query) { return json_reply(200, page(kind, objects, query, true)); });
}

void FakeApi::serve_custom_list(const std::string& path, const std::string& kind, std::vector<std::string> objects)
{
    on(path, [kind, objects = std::move(objects)](const Query& query) { return json_reply(200, page(kind, objects, query, false)); });
}

std::vector<std::string> FakeApi::requests_for(const std::string& path) const
{
    std::vector<std::string> targets;
    for (const auto& request : m_server.requests()) {
        if (request.target.substr(0, request.target.find('?')) == path) targets.push_back(request.target);
    }
    return targets;
}

std::string FakeApi::discovery(bool core) const
{
    std::map<std::string, std::vector<std::string>> versions; // in the order of the table
    for (const Resource& resource : k_resources) {
        auto& known = versions[resource.group];
        if (std::find(known.begin(), known.end(), resource.version) == known.end()) known.emplace_back(resource.version);
    }
    std::string groups;
    for (const auto& [group, names] : versions) {
        if (group.empty() != core) continue;
        std::string list;
        for (const std::string& version : names) {
            std::string resources;
            for (const Resource& resource : k_resources) {
                if (group == resource.group && version == resource.version)
                    resources += (resources.empty() ? "" : ",") + aggregated_resource(resource);
            }
            list += (list.empty() ? "" : ",") + std::string{R"({"version":)"} + quoted(version) + R"(,"freshness":"Current","resources":[)" +
                    resources + "]}";
        }
        groups += (groups.empty() ? "" : ",") + std::string{R"({"metadata":{"name":)"} + quoted(group) + R"(},"versions":[)" + list + "]}";
    }
    if (!core && !stale_group.empty())
        groups += R"(,{"metadata":{"name":)" + quoted(stale_group) + R"(},"versions":[{"version":"v1","freshness":"Stale"}]})";
    return R"({"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery.k8s.io/v2","metadata":{},"items":[)" + groups + "]}";
}

FakeApi::Reply FakeApi::answer(const FakeServer::Request& request)
{
    const int now = ++m_now;
    for (int most = m_most; now > most && !m_most.compare_exchange_weak(most, now);) {}
    const struct Leave {
        std::atomic<int>& count;
        ~Leave() { --count; }
    } leave{m_now};

    const std::string path = request.target.substr(0, request.target.find('?'));
    Handler handler;
    {
        const std::lock_guard lock{m_mutex};
        if (const auto found = m_handlers.find(path); found != m_handlers.end()) handler = found->second;
    }
    if (handler) return handler(parse_query(request.target));
    if (path == "/version") return json_reply(200, R"({"major":"1","minor":")" + minor + R"(","gitVersion":"v1.)" + minor + R"(.1"})");
    if ((path == "/api" || path == "/apis") && aggregated) {
        return reply(200, discovery(path == "/api"), {"Content-Type: application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"});
    }
    if (path == "/api") return json_reply(200, R"({"kind":"APIVersions","versions":["v1"]})");
    if (path == "/apis") {
        return json_reply(
            200,
            R"({"kind":"APIGroupList","groups":[{"name":"apps","versions":[{"groupVersion":"apps/v1","version":"v1"}],"preferredVersion":{"version":"v1"}},)"
            R"({"name":"example.com","versions":[{"version":"v1"},{"version":"v2"}],"preferredVersion":{"version":"v2"}},)"
            R"({"name":"broken.example","versions":[{"version":"v1"}],"preferredVersion":{"version":"v1"}}]})");
    }
    if (path == "/api/v1") return json_reply(200, legacy_resources("", "v1"));
    if (path == "/apis/apps/v1") return json_reply(200, legacy_resources("apps", "v1"));
    if (path == "/apis/example.com/v1" || path == "/apis/example.com/v2") return json_reply(200, legacy_resources("example.com", path.substr(18)));
    return status_reply(404, "NotFound", "the server could not find the requested resource");
}

std::string object(const std::string& ns, const std::string& name, const std::string& rest)
{
    return R"({"metadata":{"name":)" + quoted(name) + (ns.empty() ? std::string{} : ",\"namespace\":" + quoted(ns)) + R"(,"uid":"u-)" + name +
           "\"}," + rest + "}";
}

std::vector<std::string> pods(std::size_t count)
{
    std::vector<std::string> result;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        result.push_back(object("shop", "pod-" + std::string(3 - std::min<std::size_t>(number.size(), 3), '0') + number));
    }
    return result;
}

std::string list_json(const std::string& kind, const std::string& metadata, const std::vector<std::string>& items, bool metadata_first)
{
    std::string joined;
    for (const std::string& item : items)
        joined += (joined.empty() ? "" : ",") + item;
    const std::string head = R"("metadata":)" + metadata;
    if (metadata_first) return R"({"kind":")" + kind + R"(List","apiVersion":"v1",)" + head + R"(,"items":[)" + joined + "]}\n";
    return R"({"apiVersion":"example.com/v2","items":[)" + joined + R"(],"kind":")" + kind + R"(List",)" + head + "}\n";
}

FakeServer::Reply status_reply(int code, const std::string& reason, const std::string& message, const std::string& metadata,
                               const std::vector<std::string>& headers)
{
    return json_reply(code,
                      R"({"kind":"Status","apiVersion":"v1","metadata":)" + metadata + R"(,"status":"Failure","message":")" + message +
                          R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}",
                      headers);
}

FakeServer::Reply cut(const std::string& body, std::size_t bytes)
{
    return {"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                body.substr(0, bytes),
            FakeServer::Reply::Then::close};
}

kube::Pacing FakeTime::pacing()
{
    kube::Pacing pacing;
    pacing.wall_clock = [] { return Timestamp{1'800'000'000}; };
    pacing.now = [this] { return now; };
    pacing.sleep = [this](std::chrono::milliseconds time, const std::stop_token&) {
        sleeps.push_back(time);
        now += time;
    };
    pacing.random = [this] { return random; };
    return pacing;
}

Result<model::Inventory> ApiFixture::try_read(const model::ReadPlan& plan, std::stop_token stop)
{
    connection_options.server = connection_options.server.empty() ? api.url() : connection_options.server;
    kube::Surroundings surroundings;
    surroundings.variable = [this](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
    };
    surroundings.now = [] { return std::chrono::system_clock::now(); };
    options.pacing = time.pacing();
    auto connection = kube::connect(connection_options, surroundings);
    if (!connection) return tl::make_unexpected(connection.error());
    kube::LiveSource source{std::move(*connection), options, &observer};
    return source.read(plan, std::move(stop));
}

model::Inventory ApiFixture::read(const model::ReadPlan& plan)
{
    auto inventory = try_read(plan);
    if (!inventory) FAIL(inventory.error().message);
    return std::move(*inventory);
}

model::ReadPlan plan_of(const std::vector<std::string>& resources)
{
    model::ReadPlan plan;
    for (const std::string& resource : resources)
        plan.lists.push_back({resource, {"spec"}});
    return plan;
}

std::vector<std::string> gaps_of(const model::Inventory& inventory)
{
    std::vector<std::string> result;
    for (const model::Gap& gap : inventory.gaps)
        result.push_back(gap.resource + " " + gap.ns + " " + std::string{model::name(gap.reason)});
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<std::string> pod_names(const model::Inventory& inventory)
{
    std::vector<std::string> names;
    for (const model::Pod& pod : inventory.pods)
        names.push_back(pod.name.str());
    std::sort(names.begin(), names.end());
    return names;
}

} // namespace seaworthy::test

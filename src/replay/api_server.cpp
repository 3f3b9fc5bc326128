// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/replay/api_server.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "replay/access.hpp"
#include "replay/answer.hpp"
#include "replay/discovery.hpp"
#include "replay/faults.hpp"
#include "replay/listing.hpp"
#include "replay/object_store.hpp"
#include "replay/resource_types.hpp"
#include "seaworthy/http/server.hpp"

namespace seaworthy::replay {

namespace {

constexpr std::size_t k_recorded_requests = 10'000;

std::string target_of(const http::Request& request)
{
    std::string target = request.path;
    char separator = '?';
    for (const auto& [name, value] : request.query) {
        target += fmt::format("{}{}={}", separator, name, value);
        separator = '&';
    }
    return target;
}

std::vector<std::string> segments_of(std::string_view path)
{
    std::vector<std::string> segments;
    while (!path.empty()) {
        path.remove_prefix(1); // the slash before it
        const auto segment = path.substr(0, path.find('/'));
        if (!segment.empty()) segments.emplace_back(segment);
        path.remove_prefix(segment.size());
    }
    return segments;
}

/// What a resource path names (apiserver pkg/endpoints/request RequestInfoFactory).
struct Place {
    std::string group;
    std::string version;
    std::string namespace_;
    std::string plural;
    std::string name;
    bool is_subresource = false;
};

Place place_of(const std::vector<std::string>& segments)
{
    Place place;
    const bool core = segments[0] == "api";
    std::size_t at = core ? 2 : 3;
    place.version = segments[at - 1];
    if (!core) place.group = segments[1];
    // "namespaces/x/pods" is a namespace; "namespaces" and "namespaces/x" are the resource itself.
    if (segments.size() > at + 2 && segments[at] == "namespaces") {
        place.namespace_ = segments[at + 1];
        at += 2;
    }
    place.plural = segments[at];
    if (segments.size() > at + 1) place.name = segments[at + 1];
    place.is_subresource = segments.size() > at + 2;
    return place;
}

} // namespace

class ApiServer::Implementation {
public:
    explicit Implementation(ApiServerOptions given) : options(std::move(given)), store(options.remembered_snapshots), git_version(options.git_version)
    {
        access.set_token(options.token);
    }

    http::Reply handle(const http::Request& request)
    {
        const auto target = target_of(request);
        record(request, target);
        const auto fault = faults.strike(request.path, target);
        return on_the_wire(request, answer_to(request, fault), fault, options.megabytes_per_second);
    }

    void record(const http::Request& request, const std::string& target)
    {
        const std::lock_guard lock{mutex};
        requests.push_back(
            {request.method, target, std::string{request.header("Accept")}, std::string{request.header("User-Agent")}, request.accepts_gzip()});
        if (requests.size() > k_recorded_requests) requests.pop_front();
    }

    Answer answer_to(const http::Request& request, const std::optional<Fault>& fault)
    {
        if (fault && fault->status != 0) return scripted(request, *fault);
        if (auto refused = access.authenticate(request)) return std::move(*refused);
        {
            const std::lock_guard lock{mutex};
            if (const auto found = answers.find(request.path); found != answers.end()) return found->second;
        }
        const auto segments = segments_of(request.path);
        if (request.method == "POST") return post(segments, request);
        if (request.method != "GET" && request.method != "HEAD")
            return failed({.code = 405, .message = "the server does not allow this method on the requested resource"});
        if (request.path == "/version") {
            const std::lock_guard lock{mutex};
            return version_answer(git_version);
        }
        if (request.path == "/livez" || request.path == "/readyz" || request.path == "/healthz")
            return {.content_type = "text/plain; charset=utf-8", .body = "ok"};
        if (segments.empty() || (segments[0] != "api" && segments[0] != "apis")) return page_not_found();
        return get(segments, request);
    }

    static Answer scripted(const http::Request& request, const Fault& fault)
    {
        if (!fault.body.empty()) return {.status = fault.status, .body = fault.body};
        Failure failure{.code = fault.status, .reason = fault.reason, .message = fmt::format("scripted: {}", fault.status)};
        if (fault.new_token) {
            const auto token = decode_token(request.parameter("continue"));
            failure.continue_token = encode({0, token ? token->start : std::string{}});
        }
        return failed(failure);
    }

    Answer post(const std::vector<std::string>& segments, const http::Request& request) const
    {
        const bool is_review =
            segments.size() == 4 && segments[1] == "authorization.k8s.io" && segments[2] == "v1" && segments[3].starts_with("selfsubject");
        if (is_review) return access.review(segments[3], request.body);
        return failed({.code = 405, .message = "the server does not allow this method on the requested resource"});
    }

    Answer get(const std::vector<std::string>& segments, const http::Request& request)
    {
        const bool core = segments[0] == "api";
        const std::size_t resource_at = core ? 2 : 3;
        if (segments.size() == 1) return discover_roots(store.types(), core, request.header("Accept"), options.aggregated_discovery);
        if (!core && segments.size() == 2) return discover_group(store.types(), segments[1]);
        if (segments.size() == resource_at) return discover_version(store.types(), core ? "" : segments[1], segments[resource_at - 1]);

        const auto place = place_of(segments);
        const auto id = place.group.empty() ? place.plural : place.plural + "." + place.group;
        const auto snapshot = store.newest(id);
        if (!snapshot || snapshot->type.version != place.version || place.is_subresource) return page_not_found();
        const auto verb = place.name.empty() ? "list" : "get";
        if (auto refused = access.authorize({verb, place.group, place.plural, place.namespace_})) return std::move(*refused);
        if (request.parameter("watch") == "true" || request.parameter("watch") == "1") {
            return failed({.code = 405, .message = "the replay server does not watch"});
        }
        if (place.name.empty()) return list(store, *snapshot, place.namespace_, request);
        return get_object(*snapshot, place.namespace_, place.name, request);
    }

    const ApiServerOptions options;
    ObjectStore store;
    Access access;
    FaultScript faults;
    std::mutex mutex; ///< guards what follows
    std::map<std::string, Answer, std::less<>> answers;
    std::deque<RequestRecord> requests;
    std::string git_version;
    std::unique_ptr<http::Server> listener; ///< last: it stops before what its handler uses goes
};

ApiServer::ApiServer(std::unique_ptr<Implementation> implementation) : m_implementation(std::move(implementation)) {}
ApiServer::~ApiServer() = default;

Result<std::unique_ptr<ApiServer>> ApiServer::start(ApiServerOptions options)
{
    auto implementation = std::make_unique<Implementation>(std::move(options));
    const auto& given = implementation->options;
    http::Options listening{.listen = given.listen, .workers = given.workers, .certificate_file = given.certificate_file, .key_file = given.key_file};
    // One trusted client that keeps many connections and reads long lists.
    listening.limits.connections_per_address = listening.limits.connections;
    listening.limits.body_bytes = 16 * 1024;
    listening.limits.reply_deadline = std::chrono::minutes{30};
    listening.limits.idle_deadline = std::chrono::minutes{2};
    listening.limits.requests_per_connection = 100'000;
    auto listener =
        http::Server::start(std::move(listening), [&self = *implementation](const http::Request& request) { return self.handle(request); });
    if (!listener) return tl::make_unexpected(listener.error());
    implementation->listener = std::move(*listener);
    return std::unique_ptr<ApiServer>{new ApiServer{std::move(implementation)}};
}

std::string ApiServer::url() const
{
    return fmt::format("{}://127.0.0.1:{}", m_implementation->options.certificate_file.empty() ? "http" : "https", port());
}

std::uint16_t ApiServer::port() const
{
    return m_implementation->listener->port();
}

Result<void> ApiServer::put(std::string_view json)
{
    auto object = Json::parse(json, nullptr, false);
    if (!object.is_object()) return failure(Error::Kind::invalid_input, "an object that is no JSON object");
    return m_implementation->store.put(std::move(object));
}

bool ApiServer::remove(std::string_view resource, std::string_view namespace_, std::string_view name)
{
    return m_implementation->store.remove(std::string{resource}, namespace_, name);
}

std::optional<std::string> ApiServer::get(std::string_view resource, std::string_view namespace_, std::string_view name) const
{
    const auto snapshot = m_implementation->store.newest(std::string{resource});
    if (!snapshot) return std::nullopt;
    const auto key = object_key(namespace_, name);
    const auto found = std::find_if(snapshot->objects->begin(), snapshot->objects->end(), [&](const auto& object) { return object->key == key; });
    if (found == snapshot->objects->end()) return std::nullopt;
    return (*found)->json.dump();
}

void ApiServer::serve(ResourceType type)
{
    m_implementation->store.serve(std::move(type));
}

void ApiServer::serve(std::string_view id)
{
    if (!m_implementation->store.newest(std::string{id})) serve(guessed_from_id(id));
}

void ApiServer::stop_serving(std::string_view id)
{
    m_implementation->store.stop_serving(std::string{id});
}

void ApiServer::generate(ResourceType type, std::shared_ptr<const GeneratedList> list)
{
    m_implementation->store.generate(std::move(type), std::move(list));
}

void ApiServer::answer(std::string path, int status, std::string content_type, std::string body)
{
    const std::lock_guard lock{m_implementation->mutex};
    m_implementation->answers[std::move(path)] = {.status = status, .content_type = std::move(content_type), .body = std::move(body)};
}

void ApiServer::answer_review(std::string name, std::string status_json)
{
    m_implementation->access.set_review(std::move(name), std::move(status_json));
}

void ApiServer::set_faults(std::vector<Fault> faults)
{
    m_implementation->faults.replace(std::move(faults));
}

void ApiServer::set_denials(std::vector<Denial> denials)
{
    m_implementation->access.set_denials(std::move(denials));
}

void ApiServer::set_token(std::string token)
{
    m_implementation->access.set_token(std::move(token));
}

void ApiServer::set_git_version(std::string git_version)
{
    const std::lock_guard lock{m_implementation->mutex};
    m_implementation->git_version = std::move(git_version);
}

void ApiServer::compact()
{
    m_implementation->store.forget_snapshots();
}

std::vector<RequestRecord> ApiServer::take_requests()
{
    const std::lock_guard lock{m_implementation->mutex};
    std::vector<RequestRecord> taken{std::make_move_iterator(m_implementation->requests.begin()),
                                     std::make_move_iterator(m_implementation->requests.end())};
    m_implementation->requests.clear();
    return taken;
}

void ApiServer::stop()
{
    m_implementation->listener->stop();
}

} // namespace seaworthy::replay

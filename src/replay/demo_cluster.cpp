// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/replay/demo_cluster.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "replay/demo/controllers.hpp"
#include "replay/demo_data.hpp"
#include "replay/json.hpp"
#include "replay/resource_types.hpp"
#include "seaworthy/base/yaml_json.hpp"
#include "seaworthy/replay/api_server.hpp"

namespace seaworthy::replay {

namespace {

using Cluster = std::map<std::string, Json>; ///< by "Kind/namespace/name"

std::string key_of(const Json& object)
{
    return fmt::format("{}/{}/{}", text_at(object, "kind"), text_at(object, "metadata.namespace"), text_at(object, "metadata.name"));
}

/// "@now-20m", "@now+70d": a time relative to the demo's start.
std::optional<std::string> moment(std::string_view text, Timestamp now)
{
    constexpr std::string_view k_mark = "@now";
    if (!text.starts_with(k_mark) || text.size() < k_mark.size() + 2) return std::nullopt;
    const auto distance = parse_duration(text.substr(k_mark.size() + 1));
    if (!distance) return std::nullopt;
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*distance).count();
    return format_rfc3339(Timestamp{now.unix_seconds() + (text[k_mark.size()] == '-' ? -seconds : seconds)});
}

void fill_in_moments(Json& value, Timestamp now)
{
    if (value.is_string()) {
        if (auto filled = moment(value.get_ref<const std::string&>(), now)) value = std::move(*filled);
    } else if (value.is_structured()) {
        for (auto& member : value)
            fill_in_moments(member, now);
    }
}

/// The data is compiled in and tested, so what is wrong with it is a bug.
Json parse_data(std::string_view yaml, Timestamp now)
{
    auto json = yaml_to_json(yaml);
    if (!json) throw std::logic_error{fmt::format("demo data, line {}: {}", json.error().line, json.error().reason)};
    auto document = Json::parse(*json);
    fill_in_moments(document, now);
    return document;
}

/// Events name pods, whose names the controllers make up: "@pod:legacy/ftp-import" is the first pod of that workload.
void name_the_pods(std::vector<Json>& objects)
{
    constexpr std::string_view k_mark = "@pod:";
    for (auto& object : objects) {
        const auto wanted = text_at(object, "involvedObject.name");
        if (!wanted.starts_with(k_mark)) continue;
        for (const auto& pod : objects) {
            const auto place = text_at(pod, "metadata.namespace") + "/" + text_at(pod, "metadata.name");
            if (text_at(pod, "kind") == "Pod" && place.starts_with(wanted.substr(k_mark.size())))
                object["involvedObject"]["name"] = text_at(pod, "metadata.name");
        }
    }
}

} // namespace

class DemoCluster::Implementation {
public:
    explicit Implementation(DemoOptions given) : options(std::move(given)) {}

    Result<void> start()
    {
        auto started = ApiServer::start({.listen = options.listen, .workers = 8});
        if (!started) return tl::make_unexpected(started.error());
        server = std::move(*started);
        for (const auto& type : builtin_types())
            ids.try_emplace(type.kind, type.id());
        for (const auto text :
             {demo::cluster_yaml, demo::platform_yaml, demo::payments_yaml, demo::shop_yaml, demo::data_yaml, demo::apps_yaml, demo::legacy_yaml}) {
            const auto document = parse_data(text, now);
            for (const auto& object : document.at("items")) {
                if (const auto type = defined_type(object)) ids[type->kind] = type->id();
                beginning[key_of(object)] = object;
            }
        }
        story = parse_data(demo::scenario_yaml, now).at("steps");
        return show(beginning);
    }

    /// Makes the server's objects those of `cluster`.
    Result<void> show(const Cluster& cluster)
    {
        applied = cluster;
        std::vector<Json> objects;
        for (const auto& [key, object] : applied)
            objects.push_back(object);
        auto reconciled = demo::reconcile(objects, now);
        name_the_pods(reconciled);
        Cluster next;
        for (auto& object : reconciled)
            next.emplace(key_of(object), object);
        for (const auto& [key, object] : shown) {
            if (!next.contains(key)) server->remove(id_of(object), text_at(object, "metadata.namespace"), text_at(object, "metadata.name"));
        }
        // Definitions first, so that their kinds are known.
        for (const bool definitions : {true, false}) {
            for (const auto& [key, object] : next) {
                const auto before = shown.find(key);
                if (key.starts_with("CustomResourceDefinition/") != definitions || (before != shown.end() && before->second == object)) continue;
                SEAWORTHY_TRY(server->put(object.dump()));
            }
        }
        shown = std::move(next);
        return {};
    }

    std::string advance()
    {
        const std::lock_guard lock{mutex};
        if (next_step == story.size()) {
            next_step = 0;
            must_work(show(beginning));
            return "everything is as it was in the beginning";
        }
        const auto& step = story[next_step++];
        auto cluster = applied;
        for (const auto& target : step.value("remove", Json::array()))
            cluster.erase(find(cluster, target));
        for (const auto& change : step.value("merge", Json::array()))
            find(cluster, change)->second.merge_patch(change.at("patch"));
        for (const auto& object : step.value("put", Json::array()))
            cluster[key_of(object)] = object;
        must_work(show(cluster));
        return step.at("says").get<std::string>();
    }

    void run(const std::stop_token& stop)
    {
        std::unique_lock lock{pause_mutex};
        while (!pause.wait_for(lock, stop, options.step_interval, [&] { return stop.stop_requested(); })) {
            const auto said = advance();
            if (options.on_step) options.on_step(said);
        }
    }

    Cluster::iterator find(Cluster& cluster, const Json& target) const
    {
        for (auto at = cluster.begin(); at != cluster.end(); ++at) {
            if (id_of(at->second) == target.at("resource") && text_at(at->second, "metadata.namespace") == target.at("namespace") &&
                text_at(at->second, "metadata.name") == target.at("name")) {
                return at;
            }
        }
        throw std::logic_error{"the demo's story names an object that is not there: " + target.dump()};
    }

    std::string id_of(const Json& object) const { return ids.at(text_at(object, "kind")); }

    static void must_work(const Result<void>& result)
    {
        if (!result) throw std::logic_error{result.error().message};
    }

    const DemoOptions options;
    const Timestamp now{std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()};
    std::unique_ptr<ApiServer> server;
    std::map<std::string, std::string> ids; ///< resource id by kind, of which each is in one group here
    Cluster beginning;                      ///< as people applied it
    Json story;
    std::mutex mutex; ///< guards what follows
    Cluster applied;
    Cluster shown; ///< with what the controllers made of it
    std::size_t next_step = 0;
    std::mutex pause_mutex;
    std::condition_variable_any pause;
    std::jthread thread; ///< last: it stops before what it uses goes
};

DemoCluster::DemoCluster(std::unique_ptr<Implementation> implementation) : m_implementation(std::move(implementation)) {}
DemoCluster::~DemoCluster() = default;

Result<std::unique_ptr<DemoCluster>> DemoCluster::start(DemoOptions options)
{
    auto implementation = std::make_unique<Implementation>(std::move(options));
    if (auto started = implementation->start(); !started) return tl::make_unexpected(started.error());
    if (implementation->options.step_interval.count() > 0) {
        implementation->thread = std::jthread{[&self = *implementation](const std::stop_token& stop) { self.run(stop); }};
    }
    return std::unique_ptr<DemoCluster>{new DemoCluster{std::move(implementation)}};
}

std::string DemoCluster::url() const
{
    return m_implementation->server->url();
}

std::size_t DemoCluster::steps() const
{
    return m_implementation->story.size();
}

std::string DemoCluster::advance()
{
    return m_implementation->advance();
}

} // namespace seaworthy::replay

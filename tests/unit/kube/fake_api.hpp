// SPDX-License-Identifier: Apache-2.0
// An API server of a few resources whose every list a test scripts, and a LiveSource that reads it without ever sleeping.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "seaworthy/kube/live_source.hpp"
#include "support/fake_server.hpp"

namespace seaworthy::test {

/// Parameters of a request's query, decoded.
using Query = std::map<std::string, std::string>;

class FakeApi {
public:
    using Reply = FakeServer::Reply;
    using Handler = std::function<Reply(const Query&)>;

    FakeApi();

    std::string minor = "36";
    bool aggregated = true;
    std::string stale_group; ///< an aggregated API that does not answer

    /// What a path answers from now on; the n-th call of the handler is the n-th request.
    void on(const std::string& path, Handler handler);
    /// A typed list of `objects` (JSON each) that pages by `limit` and `continue`.
    void serve_list(const std::string& path, const std::string& kind, std::vector<std::string> objects);
    /// The same for a custom resource: `metadata` behind `items`.
    void serve_custom_list(const std::string& path, const std::string& kind, std::vector<std::string> objects);

    /// Targets of the requests for a path, in order, query included.
    [[nodiscard]] std::vector<std::string> requests_for(const std::string& path) const;
    [[nodiscard]] FakeServer& server() { return m_server; }
    [[nodiscard]] std::string url() const { return m_server.url(); }
    /// The most requests that were answered at a time.
    [[nodiscard]] int most_at_once() const { return m_most; }

private:
    Reply answer(const FakeServer::Request& request);
    [[nodiscard]] std::string discovery(bool core) const;

    mutable std::mutex m_mutex;
    std::map<std::string, Handler> m_handlers;
    std::atomic<int> m_now = 0;
    std::atomic<int> m_most = 0;
    FakeServer m_server;
};

/// `{"metadata":{"name":…,"namespace":…},"spec":…}`
[[nodiscard]] std::string object(const std::string& ns, const std::string& name,
                                 const std::string& rest = R"("spec":{"containers":[{"name":"c","image":"i"}]})");
/// `count` pods "pod-000"… in namespace "shop".
[[nodiscard]] std::vector<std::string> pods(std::size_t count);
/// A list whose metadata comes first (typed) or last (custom).
[[nodiscard]] std::string list_json(const std::string& kind, const std::string& metadata, const std::vector<std::string>& items,
                                    bool metadata_first = true);
/// metav1.Status
[[nodiscard]] FakeServer::Reply status_reply(int code, const std::string& reason, const std::string& message, const std::string& metadata = "{}",
                                             const std::vector<std::string>& headers = {});
/// An answer whose connection ends after `bytes` of the body.
[[nodiscard]] FakeServer::Reply cut(const std::string& body, std::size_t bytes);

/// Time that only passes when somebody sleeps.
struct FakeTime {
    std::chrono::steady_clock::time_point now{};
    std::vector<std::chrono::milliseconds> sleeps;
    double random = 0.5;
    [[nodiscard]] kube::Pacing pacing();
};

/// Writes down what a LiveSource tells.
struct RecordingObserver final : kube::SourceObserver {
    std::vector<kube::RequestRecord> requests;
    std::vector<double> pauses;
    std::vector<kube::Progress> steps;
    std::vector<std::string> last_resources;
    std::vector<std::string> objects;
    std::vector<std::string> warnings;
    std::vector<std::string> refresh_failures;

    std::function<void()> on_request = [] {};

    void request_done(const kube::RequestRecord& record) override
    {
        requests.push_back(record);
        on_request();
    }
    void throttled(std::chrono::duration<double> pause) override { pauses.push_back(pause.count()); }
    void progress(const kube::Progress& progress) override
    {
        steps.push_back(progress);
        last_resources.emplace_back(progress.resource);
    }
    void object_read(std::string_view resource, std::string_view ns, std::string_view json) override
    {
        objects.push_back(std::string{resource} + " " + std::string{ns} + " " + std::string{json});
    }
    void warning(std::string_view text) override { warnings.emplace_back(text); }
    void credential_refresh_failed(std::string_view source) override { refresh_failures.emplace_back(source); }
};

/// A FakeApi, a connection to it, and reading.
struct ApiFixture {
    FakeApi api;
    FakeTime time;
    RecordingObserver observer;
    kube::LiveSourceOptions options;
    kube::ConnectionOptions connection_options;
    std::map<std::string, std::string> variables;

    ApiFixture() { options.user_agent = "seaworthy/test"; }
    [[nodiscard]] Result<model::Inventory> try_read(const model::ReadPlan& plan, std::stop_token stop = {});
    [[nodiscard]] model::Inventory read(const model::ReadPlan& plan);
};

[[nodiscard]] model::ReadPlan plan_of(const std::vector<std::string>& resources);
/// "resource ns reason", sorted
[[nodiscard]] std::vector<std::string> gaps_of(const model::Inventory& inventory);
/// Names, sorted.
[[nodiscard]] std::vector<std::string> pod_names(const model::Inventory& inventory);

} // namespace seaworthy::test

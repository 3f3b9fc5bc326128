// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"

namespace seaworthy::replay {

/// How an API resource is named and spelled on the wire.
struct ResourceType {
    std::string group; ///< empty for core
    std::string version;
    std::string plural;
    std::string kind;
    bool namespaced = true;
    bool custom = false; ///< served as a custom resource: keys sorted, `items` before `metadata`, no paging ahead

    /// "deployments.apps"
    [[nodiscard]] std::string id() const { return group.empty() ? plural : plural + "." + group; }
};

/// A list whose items are made when they are asked for, so that a large cluster needs no memory. Called from several threads at once.
class GeneratedList {
public:
    virtual ~GeneratedList() = default;
    [[nodiscard]] virtual std::size_t size() const = 0;
    /// Appends item `index` as JSON, without `kind` and `apiVersion`, as lists of built-in kinds have it.
    virtual void append(std::size_t index, std::string& out) const = 0;
};

/// What one or several requests get in place of, or on top of, the usual answer.
struct Fault {
    std::string path = "*";               ///< a glob over the decoded path, "/api/v1/pods"
    std::string query;                    ///< the raw target has to contain this, "continue="
    unsigned from = 1;                    ///< the first matching request that it strikes, counted from 1
    unsigned times = 1;                   ///< how many in a row; 0: all that follow
    int status = 0;                       ///< answer with this status and a Status object
    std::string reason;                   ///< of the Status; by default what Kubernetes says for `status`
    std::string body;                     ///< in place of the Status object, or, with status 0, of the usual body ("garbage")
    int retry_after_seconds = 0;          ///< adds Retry-After
    bool new_token = false;               ///< with 410: the Status carries a token that goes on inconsistently
    std::chrono::milliseconds delay{0};   ///< before the first byte
    std::optional<std::size_t> cut_after; ///< the body ends after so many bytes, without its end mark
    bool reset = false;                   ///< the cut is a TCP reset
    std::chrono::milliseconds drip{0};    ///< a pause after each `drip_bytes`
    std::size_t drip_bytes = 16;
};

/// The JSON form of faults: `[{"path": "/api/v1/pods", "status": 429, "retryAfterSeconds": 1, "delayMs": 5, …}]`; keys are the members'
/// names in lowerCamelCase, durations in milliseconds. Unknown keys are errors.
[[nodiscard]] Result<std::vector<Fault>> parse_faults(std::string_view json);

/// A permission that the client lacks: its requests get 403 with Kubernetes' own words.
struct Denial {
    std::string verb = "*";
    std::string resource;         ///< "secrets", "deployments.apps", "*"
    std::string namespace_ = "*"; ///< "*": in all namespaces and over all; a name: in that namespace alone
};

struct ApiServerOptions {
    std::string listen = "127.0.0.1:0";
    std::string git_version = "v1.36.3";
    std::string certificate_file; ///< with key_file: TLS
    std::string key_file;
    std::string token;                    ///< when set, requests without this bearer token get 401
    double megabytes_per_second = 0;      ///< of each reply (1 MB = 10⁶ bytes); 0: as fast as it goes
    bool aggregated_discovery = true;     ///< false: as before Kubernetes 1.26, legacy discovery only
    unsigned workers = 16;                ///< lists under way at a time
    std::size_t remembered_snapshots = 8; ///< of each resource: older continue tokens have expired
};

/// One request as it came.
struct RequestRecord {
    std::string method;
    std::string target; ///< path and query, decoded
    std::string accept;
    std::string user_agent;
    bool gzip = false; ///< asked for
};

/// An API server in a library: answers lists, pages, tables, discovery, single objects and reviews as kube-apiserver does, from objects
/// that it holds as JSON. For the demo, tests and the bench; it does not watch, write or check anything. Thread-safe.
class ApiServer {
public:
    [[nodiscard]] static Result<std::unique_ptr<ApiServer>> start(ApiServerOptions options);
    ~ApiServer();
    ApiServer(const ApiServer&) = delete;
    ApiServer& operator=(const ApiServer&) = delete;

    /// "http://127.0.0.1:34567"
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::uint16_t port() const;

    /// Adds an object or replaces the one of that name. A CustomResourceDefinition also makes its resource served; another object of an unknown
    /// kind does so under a guessed plural. An object without resourceVersion, uid or creationTimestamp gets them.
    [[nodiscard]] Result<void> put(std::string_view json);
    /// False when there is none. `resource` is an id, "networkpolicies.networking.k8s.io".
    bool remove(std::string_view resource, std::string_view namespace_, std::string_view name);
    /// The object as put, or nothing.
    [[nodiscard]] std::optional<std::string> get(std::string_view resource, std::string_view namespace_, std::string_view name) const;

    /// Serves a resource that may have no objects. `served` names one by id; kind and version are guessed.
    void serve(ResourceType type);
    void serve(std::string_view id);
    /// Takes a resource out of discovery; requests for it get 404.
    void stop_serving(std::string_view id);
    /// Serves generated items under a resource, in place of stored objects.
    void generate(ResourceType type, std::shared_ptr<const GeneratedList> list);
    /// The answer of a path outside the resources, such as /metrics.
    void answer(std::string path, int status, std::string content_type, std::string body);
    /// What a review of the client's own rights answers: the review's `status`, under the name that a snapshot gives it
    /// ("selfsubjectaccessreview:list/secrets"). Without one, everything is allowed that is not denied.
    void answer_review(std::string name, std::string status_json);

    void set_faults(std::vector<Fault> faults);
    void set_denials(std::vector<Denial> denials);
    void set_token(std::string token);
    void set_git_version(std::string git_version);
    /// Forgets old snapshots, so that every continue token given out so far has expired (etcd compaction).
    void compact();

    /// The requests since the last call, oldest first, at most 10,000.
    [[nodiscard]] std::vector<RequestRecord> take_requests();
    /// Ends all connections; the destructor does so too.
    void stop();

private:
    class Implementation;
    explicit ApiServer(std::unique_ptr<Implementation> implementation);
    std::unique_ptr<Implementation> m_implementation;
};

/// Reads a folder or file as `seaworthy audit PATH` does (a `Snapshot` document sets version, served resources, gaps, probes of the API
/// server) and puts everything into the server. Gaps become denials (forbidden) or faults (the others).
[[nodiscard]] Result<void> load_snapshot(ApiServer& server, const std::vector<std::string>& paths);

} // namespace seaworthy::replay

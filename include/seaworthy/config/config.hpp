// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "seaworthy/check/settings.hpp"
#include "seaworthy/config/events.hpp"

namespace seaworthy::config {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Cluster {
    std::string name; ///< empty: the kubeconfig's name of it
};

struct Kubernetes {
    std::string kubeconfig;          ///< path; empty: $KUBECONFIG, ~/.kube/config, then in-cluster
    std::string context;             ///< empty: the current one
    bool allow_exec_plugins = false; ///< inside a pod; elsewhere a kubeconfig's exec plugins always run
    milliseconds request_timeout{65'000};
    int page_size = 0; ///< 0: chosen by the server's version and the objects' size
    int parallel_lists = 4;
};

struct Audit {
    milliseconds interval{300'000};
    milliseconds timeout{240'000}; ///< of a whole audit
    double jitter = 0.1;           ///< share of the interval by which audits are spread
};

/// The DaemonSet whose pods say how their nodes pull images.
struct NodeProbe {
    std::string ns;
    std::string daemon_set; ///< a glob; empty: not in use
    int port = 9819;
    std::string token_file;       ///< sent as a Bearer token; empty: none
    std::string ca_file;          ///< of the pods' server certificate; empty: plain HTTP
    std::string server_name;      ///< that the certificate must name; empty: <daemonSet>.<namespace>.svc
    std::string certificate_file; ///< our own, for mutual TLS
    std::string key_file;
    bool ask_mirrors = false; ///< ask the mirrors that nodes name for /v2/
};

/// The hosts are in `settings.outside`: only what is named there, and what `node_probe` leads to, is ever contacted (C11).
struct Probes {
    milliseconds interval{60'000};
    milliseconds timeout{5'000}; ///< of one probe
    NodeProbe node_probe;
};

struct Metrics {
    enum class Detail { summary, controls, findings };
    Detail detail = Detail::controls;
    std::vector<std::string> allow_namespaces; ///< globs; empty: all
    std::vector<std::string> deny_namespaces;
    int max_namespaces = 5000; ///< beyond: the rest is left out and counted
};

struct Http {
    std::string listen = ":9817";
    std::string probe_listen = ":9818";
    std::vector<std::string> allowed_hosts; ///< globs; empty: any name but where the listener or the peer is on loopback
    int max_connections = 256;
    int max_connections_per_address = 64;
};

struct LeaderElection {
    enum class Standby { warm, cold };
    bool enabled = false;
    std::string lease_name = "seaworthy";
    std::string ns; ///< of the Lease; empty: the pod's own
    milliseconds lease_duration{15'000};
    milliseconds renew_deadline{10'000};
    milliseconds retry_period{2'000};
    Standby standby = Standby::warm;
};

struct Log {
    enum class Level { debug, info, warn, error };
    enum class Format { json, text };
    Level level = Level::info;
    Format format = Format::json;
};

/// The configuration of one process. A default-constructed one holds the built-in defaults, but for `settings`,
/// which needs the catalogue: `default_config`.
struct Config {
    Cluster cluster;
    Kubernetes kubernetes;
    Audit audit;
    Probes probes;
    Metrics metrics;
    Http http;
    LeaderElection leader_election;
    Log log;
    Events events;
    Spool spool;
    std::vector<Sink> sinks;
    std::vector<std::string> grants; ///< kubernetes.grants as written; settings.grants is what judging sees
    check::Settings settings;        ///< namespaces, controls, exemptions, attest, grants: what judging depends on
};

} // namespace seaworthy::config

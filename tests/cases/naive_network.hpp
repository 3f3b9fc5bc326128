// SPDX-License-Identifier: Apache-2.0
// NetworkPolicy as its documentation tells it (kubernetes.io/docs/concepts/services-networking/network-policies), in the most naive way: one
// connection at a time. It shares nothing with the product, not even the reading of addresses, so that the two can be compared.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace naive {

using Labels = std::map<std::string, std::string>;

struct Term {
    std::string key;
    std::string op; ///< "In", "NotIn", "Exists", "DoesNotExist"
    std::vector<std::string> values;
};

struct Selector {
    Labels labels;
    std::vector<Term> terms;
};

struct Peer {
    std::optional<Selector> pods;
    std::optional<Selector> namespaces;
    std::string cidr;
    std::vector<std::string> except;
};

struct Port {
    std::string protocol; ///< empty: not written
    std::string port;     ///< a number or a name; empty: not written
    int end = 0;          ///< 0: not written
};

struct Rule {
    std::vector<Peer> peers;
    std::vector<Port> ports;
};

struct Policy {
    std::string ns;
    Selector pods;
    std::optional<std::vector<std::string>> types;
    std::optional<std::vector<Rule>> ingress;
    std::optional<std::vector<Rule>> egress;
};

struct Namespace {
    std::string name;
    Labels labels;
};

struct Pod {
    std::string ns;
    std::string name;
    Labels labels;
};

struct Cluster {
    std::vector<Namespace> namespaces;
    std::vector<Pod> pods;
    std::vector<Policy> policies;
};

/// The other end of a connection. Outside the cluster there is only an address.
struct Remote {
    std::string address;
    std::string ns; ///< empty: outside
    Labels labels;
};

/// The port that a connection is made to, as the pod that listens has it.
struct Listener {
    std::string protocol;
    int number = 0;
    std::string name;
};

enum class Way { in, out };
/// "open": no policy isolates the pod; "reopened": policies do, and let everything through; "isolated".
[[nodiscard]] std::string state(const Cluster& cluster, const std::string& ns, const Labels& labels, Way way);
/// The same with the policies alone that select every pod.
[[nodiscard]] std::string state_of_any_pod(const Cluster& cluster, const std::string& ns, Way way);
[[nodiscard]] bool allowed(const Cluster& cluster, const Pod& pod, Way way, const Remote& remote, const Listener& listener);

/// As the API server would send them, with single quotes for double ones.
[[nodiscard]] std::string json(const Namespace& ns);
[[nodiscard]] std::string json(const Pod& pod);
[[nodiscard]] std::string json(const Policy& policy, const std::string& name);

} // namespace naive

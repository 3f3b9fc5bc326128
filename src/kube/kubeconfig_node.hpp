// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "kube/kubeconfig_file.hpp"
#include "seaworthy/base/error.hpp"

namespace seaworthy::kube {

/// Reads the members of one map of a kubeconfig and remembers the first thing that is wrong, with file and line.
/// A member that is missing or null reads as empty.
class KubeconfigNode {
public:
    /// `what` names the map in errors ("cluster \"prod\"").
    KubeconfigNode(const YAML::Node& node, std::string file, std::string what);

    [[nodiscard]] YAML::Node member(const char* key) const;
    [[nodiscard]] Origin origin() const;
    [[nodiscard]] const std::string& file() const { return m_file; }

    std::string text(const char* key);
    bool flag(const char* key);
    /// A path, relative to the directory of the file that names it.
    std::string path(const char* key);
    [[nodiscard]] std::string resolve(const std::string& path) const;
    /// Base64 of PEM text, decoded.
    std::string pem(const char* key);
    std::vector<std::string> texts(const char* key);
    std::vector<YAML::Node> list(const char* key);
    /// Any value as JSON text, for what is passed on unread; empty where it is missing.
    std::string json(const char* key);

    void fail(const YAML::Node& node, const std::string& message);
    void fail(const std::string& message);
    /// Takes over what is wrong in a part of this map.
    void adopt(const KubeconfigNode& part);
    [[nodiscard]] Result<void> verdict() const;

private:
    YAML::Node m_node;
    std::string m_file;
    std::string m_what;
    std::optional<Error> m_error;
};

} // namespace seaworthy::kube

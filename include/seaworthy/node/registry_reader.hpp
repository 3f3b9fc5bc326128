// SPDX-License-Identifier: Apache-2.0
// Reads from a node's files how its container runtime pulls images. Nothing is written, nothing is asked over a network.
#pragma once

#include <string>
#include <vector>

#include "seaworthy/model/registry_config.hpp"

namespace seaworthy::node {

enum class Runtime { automatic, containerd, cri_o, docker };

struct ReaderOptions {
    std::string root = "/";             ///< where the node's file system (or the parts of it that matter) is mounted; nothing outside is ever opened
    std::string node;                   ///< the node's name, for the report
    std::vector<std::string> addresses; ///< the node's own: a mirror there is a peer
    std::vector<std::string> internal_domains;
    Runtime runtime = Runtime::automatic; ///< by the kubelet's configuration where that can be read, else by whose files there are
};

/// What the files say. What cannot be read is in `errors`, one sentence each; there is always a report. Bounded: 1 MiB a file, 512 files,
/// 16 MiB in all. Headers, tokens and user names of the files are left out.
[[nodiscard]] model::RegistryConfig read_registry_config(const ReaderOptions& options);

} // namespace seaworthy::node

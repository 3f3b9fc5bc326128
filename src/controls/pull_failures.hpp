// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "seaworthy/check/context.hpp"

// Why the kubelet could not pull an image, read from the waiting state of containers and from events.
namespace seaworthy::controls {

enum class PullFailure : std::uint8_t {
    none_seen,         ///< nothing says why
    throttled,         ///< the registry answered: too many requests
    auth_or_not_found, ///< the registry does not tell a wrong name from missing rights
    auth,
    not_found,
    unavailable, ///< no answer, or the registry's own error
};

/// What a message of the kubelet says, the image's own name and digests left aside: a tag `1.503` is no HTTP status.
[[nodiscard]] PullFailure classify_pull_message(std::string_view message, std::string_view image);

/// A container that waits for its image.
struct WaitingContainer {
    const model::Pod* pod = nullptr;
    std::string_view name;
    std::string_view image; ///< as the pod asks for it
    PullFailure failure = PullFailure::none_seen;
    std::optional<seconds> waiting; ///< since the pod's containers were last ready; nothing where no timestamp says
};

/// What is known about the pulls of a workload's pods.
struct PullHistory {
    std::vector<WaitingContainer> waiting;
    std::vector<std::pair<PullFailure, int>> recent; ///< failures that events of the window tell, and how often
    bool never_pulls = false;                        ///< a container's image name is invalid, or its policy forbids pulling: no registry's fault

    [[nodiscard]] int recent_count(PullFailure failure) const;
    [[nodiscard]] const WaitingContainer* find(PullFailure failure) const; ///< the first that waits for this reason
};

/// Injected and ephemeral containers left out (C5). `window`: how old events may be.
[[nodiscard]] PullHistory pull_history(const model::Workload& workload, const check::Context& context, seconds window);

/// Where a waiting container hides its cause: unknown, by the events that were not read or because nothing tells.
[[nodiscard]] std::optional<check::Verdict> hidden_cause(const PullHistory& history, const model::Workload& workload, const check::Context& context);

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "seaworthy/kube/kubeconfig.hpp"

namespace seaworthy::test {

/// An environment and a wall clock that a test sets.
struct FakeSurroundings {
    std::map<std::string, std::string> variables;
    std::chrono::system_clock::time_point now = std::chrono::system_clock::time_point{std::chrono::seconds{1'800'000'000}};
    std::string service_account_directory = "/nonexistent";
    bool interactive = false;

    /// Refers to this object.
    [[nodiscard]] kube::Surroundings get() const
    {
        kube::Surroundings result;
        result.variable = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::nullopt : std::optional{found->second};
        };
        result.now = [this] { return now; };
        result.service_account_directory = service_account_directory;
        result.interactive = interactive;
        return result;
    }
};

} // namespace seaworthy::test

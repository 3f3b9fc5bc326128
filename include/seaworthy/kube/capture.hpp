// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// Replaces credentials by harmless text that is judged alike. An empty member leaves text as it is.
struct Redaction {
    std::function<std::string(std::string_view)> text;                                    ///< any value
    std::function<std::string(std::string_view name, std::string_view value)> named;      ///< an environment variable
    std::function<std::vector<std::string>(std::span<const std::string_view>)> arguments; ///< a container's command and args; as many as given
};

/// Saves what an audit reads as a folder that is judged like the cluster itself: a `snapshot.json` and one list a resource, an object a line.
/// Feed it from SourceObserver::object_read; Secrets are written at the end from the inventory, which holds no value.
class Capture {
public:
    /// Makes the folder. An error where it holds anything but an earlier capture, which is replaced. `plan` must be the one that is read.
    [[nodiscard]] static Result<Capture> create(const std::string& folder, const model::ReadPlan& plan, Redaction redaction);
    ~Capture();
    Capture(Capture&&) noexcept;

    void object(std::string_view resource, std::string_view json);
    /// The list of a resource began anew: what was written of it, in one namespace or everywhere (empty), is void.
    void restart(std::string_view resource, std::string_view ns);
    /// Completes the folder with what was read and under which configuration (YAML or JSON; empty: none). The first error that came up on the way.
    [[nodiscard]] Result<void> finish(const model::Inventory& inventory, std::string_view config);

private:
    class Impl;
    explicit Capture(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace seaworthy::kube

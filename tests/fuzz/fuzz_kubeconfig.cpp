// SPDX-License-Identifier: Apache-2.0
// A kubeconfig that somebody sent. No plugin is run and no file of it is read before it is used; an error names it.
#include "fuzz/fuzz_target.hpp"
#include "fuzz/memory_file.hpp"
#include "seaworthy/kube/kubeconfig.hpp"

using namespace seaworthy;

SEAWORTHY_FUZZ_TARGET(kubeconfig, input)
{
    const fuzz::MemoryFile file{input};
    kube::ConnectionOptions options;
    options.kubeconfig = file.path();
    options.allow_exec_plugins = false;
    kube::Surroundings surroundings;
    surroundings.variable = [](const std::string&) { return std::nullopt; };
    surroundings.now = [] { return std::chrono::system_clock::time_point{}; };
    const auto connection = kube::connect(options, surroundings);
    if (!connection) fuzz::require(!connection.error().message.empty());
}

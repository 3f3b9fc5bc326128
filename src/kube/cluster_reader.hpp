// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "kube/api_loop.hpp"
#include "kube/decode/object_decoder.hpp"
#include "kube/discovery.hpp"
#include "kube/list_job.hpp"
#include "seaworthy/kube/live_source.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// One read of a live cluster: discovery, then every list of the plan that is served, then what needs the namespaces' names.
class ClusterReader {
public:
    ClusterReader(net::Client& client, Connection& connection, const LiveSourceOptions& options, SourceObserver& observer,
                  const model::ReadPlan& plan);

    [[nodiscard]] Result<model::Inventory> read(const std::stop_token& stop);

private:
    [[nodiscard]] Result<void> read_discovery(const std::stop_token& stop);
    void expand_plan(const model::ReadPlan& plan);
    void start_lists();
    void start_resource(const std::string& resource);
    void start_list_of(const std::string& resource, const ServedResource& served, const std::string& ns);
    void start_named_object(const std::string& resource, const std::string& path, const std::string& ns);
    void start_named_config_maps();
    void start_secrets();
    [[nodiscard]] ListOrder order_for(const std::string& resource, const ServedResource& served, const std::string& ns) const;
    [[nodiscard]] std::vector<std::string> namespace_names() const;
    [[nodiscard]] std::vector<std::string> reviews() const;
    void list_ended(const std::string& resource, const std::string& ns, const ListResult& result);
    void add_gap(const std::string& resource, const std::string& ns, const ReadFailure& failure);
    void collapse_gaps(const std::string& resource, std::size_t namespaces);
    [[nodiscard]] std::optional<Error> total_failure() const;

    Connection& m_connection;
    const LiveSourceOptions& m_options;
    SourceObserver& m_observer;
    const model::ReadPlan& m_asked;
    model::ReadPlan m_plan; ///< with wildcards written out
    model::Inventory m_inventory;
    Discovery m_discovery;
    std::unique_ptr<ObjectDecoder> m_decoder;
    bool m_wants_secrets = false;
    Progress m_progress;
    std::size_t m_lists_read = 0; ///< that gave anything, an empty list included
    std::optional<ReadFailure> m_first_failure;
    ApiLoop m_loop; ///< last: what it still holds refers to the rest
};

} // namespace seaworthy::kube

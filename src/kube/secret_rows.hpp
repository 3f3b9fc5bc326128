// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kube/decode/object_decoder.hpp"
#include "kube/list_job.hpp"

namespace seaworthy::kube {

struct SecretOrder {
    ObjectDecoder& decoder;
    const std::vector<std::string>& labels; ///< `key` or `key=value`; outlives the reading
    ListOrder order;                        ///< of one namespace
};

/// Reads the Secrets of one namespace as rows of a Table without objects: name, type, number of keys, age; a value never leaves the server.
/// Which names carry a label is learnt first, by a list for each selector, because rows show no labels.
void start_secret_rows(const ListContext& context, SecretOrder order, std::function<void(const ListResult&)> done);

} // namespace seaworthy::kube

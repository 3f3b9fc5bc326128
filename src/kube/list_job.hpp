// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "kube/api_loop.hpp"
#include "kube/decode/object_decoder.hpp"
#include "kube/discovery.hpp"
#include "kube/read_mode.hpp"
#include "seaworthy/model/inventory.hpp"

namespace seaworthy::kube {

/// Where a list's elements go.
class ElementSink {
public:
    virtual ~ElementSink() = default;
    virtual void element(PaddedJson json) = 0;
    virtual void skipped(std::string_view reason, std::string_view head) = 0;
};

/// One list to read: a resource in the whole cluster or in one namespace.
struct ListOrder {
    std::string resource; ///< id
    std::string path;     ///< of the collection
    std::string ns;       ///< empty: all
    std::string accept = "application/json";
    std::string query; ///< further parameters, "includeObject=None"
    Paging paging;
    int priority = 1;
    std::uint64_t max_bytes = 0;
    std::uint64_t max_objects = 0;
};

/// What a ListJob works on and for. Outlives it.
struct ListContext {
    ApiLoop& loop;
    model::Inventory& inventory;
    SourceObserver& observer;
    std::size_t max_pages_in_flight = 3; ///< of one list, so that others are read beside it
};

/// How a list ended.
struct ListResult {
    std::optional<ReadFailure> failure; ///< the first one; what was read stays
    std::uint64_t objects = 0;
};

/// Reads one list, page by page, into `sink`; `done` is called once, when no page is under way any more. Pages that are asked for ahead may
/// arrive in any order. What fails in the middle of a page is read again without taking an object twice; where that cannot be
/// guaranteed the list starts over once, after `restart` has taken back what it gave.
void start_list(const ListContext& context, ListOrder order, std::unique_ptr<ElementSink> sink, std::function<void()> restart,
                std::function<void(const ListResult&)> done);

} // namespace seaworthy::kube

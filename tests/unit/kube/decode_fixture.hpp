// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "kube/decode/list_splitter.hpp"
#include "kube/decode/object_decoder.hpp"
#include "seaworthy/model/vault.hpp"

namespace seaworthy::kube {

/// An inventory and its decoder. Objects are written with single quotes for double ones.
struct Decoding {
    explicit Decoding(model::ReadPlan wanted = {}) : plan(std::move(wanted)), decoder(inventory, plan) {}

    ObjectDecoder::Outcome decode(std::string_view resource, std::string json)
    {
        for (char& c : json)
            if (c == '\'') c = '"';
        return decode_exactly(resource, std::move(json));
    }
    ObjectDecoder::Outcome decode_exactly(std::string_view resource, std::string json)
    {
        const std::size_t size = json.size();
        json.append(k_json_padding, '\0');
        return decoder.decode(decoder.target(resource), {std::string_view{json}.substr(0, size)});
    }
    [[nodiscard]] std::string last_gap() const { return inventory.gaps.empty() ? "" : inventory.gaps.back().message; }

    model::ReadPlan plan;
    model::Inventory inventory;
    ObjectDecoder decoder;
};

using Outcome = ObjectDecoder::Outcome;

} // namespace seaworthy::kube

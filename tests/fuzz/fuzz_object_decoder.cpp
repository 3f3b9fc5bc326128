// SPDX-License-Identifier: Apache-2.0
// The first byte chooses the resource; the rest is one object. It is decoded twice, which must give the same verdict.
#include <string>

#include "fuzz/fuzz_target.hpp"
#include "kube/decode/object_decoder.hpp"
#include "kube/decode/object_rewriter.hpp"
#include "seaworthy/model/resource.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

SEAWORTHY_FUZZ_TARGET(object_decoder, input)
{
    if (input.empty()) return;
    const auto resources = model::builtin_resources();
    const std::size_t choice = static_cast<unsigned char>(input.front()) % (resources.size() + 2);
    const std::string_view resource = choice < resources.size()    ? resources[choice].id
                                      : choice == resources.size() ? "things.example.com"
                                                                   : "events.events.k8s.io";
    std::string json{input.substr(1)};
    json.append(k_json_padding, ' ');
    const PaddedJson object{std::string_view{json}.substr(0, input.size() - 1)};

    model::ReadPlan plan;
    plan.lists = {
        {"things.example.com", {"spec", "status.conditions"}}, {"ingresses.networking.k8s.io", {"spec.tls[].hosts"}}, {"configmaps", {"data"}}};
    plan.config_maps = {"a/b"};
    plan.secret_labels = {"a"};
    model::Inventory inventory;
    ObjectDecoder decoder{inventory, plan};
    const auto* target = decoder.target(resource);
    const auto first = decoder.decode(target, object);
    fuzz::require(decoder.decode(target, object) == first);
    fuzz::require(first != ObjectDecoder::Outcome::malformed || !inventory.gaps.empty());
    decoder.decode_secret_row("a", object);

    // What a capture writes must decode to the same verdict.
    ObjectRewriter rewrite{{}};
    if (auto line = rewrite(object, {"v1", "Thing"}, nullptr)) {
        const std::size_t length = line->size();
        line->append(k_json_padding, ' ');
        fuzz::require(first != ObjectDecoder::Outcome::kept || decoder.decode(target, {std::string_view{*line}.substr(0, length)}) == first);
    }
}

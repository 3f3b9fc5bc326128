// SPDX-License-Identifier: Apache-2.0
// One YAML document becomes JSON; if it does, the JSON must be whole, and a Snapshot's reader must take it.
#include <string>

#include "fuzz/fuzz_target.hpp"
#include "kube/decode/identity.hpp"
#include "kube/decode/list_splitter.hpp"
#include "kube/decode/snapshot_document.hpp"
#include "seaworthy/base/yaml_json.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

namespace {

struct Ignore final : ListSink {
    void element(PaddedJson) override {}
    void skipped(std::string_view, std::string_view) override {}
};

} // namespace

SEAWORTHY_FUZZ_TARGET(yaml_snapshot, input)
{
    const std::string text{input};
    auto json = yaml_to_json(text);
    if (!json) {
        fuzz::require(json.error().line != 0);
        return;
    }
    const std::size_t length = json->size();
    json->append(k_json_padding, ' ');
    const std::string_view body = std::string_view{*json}.substr(0, length);
    if (body.front() != '{') return;
    Ignore ignore;
    ListSplitter splitter{ignore, {.depth = 200}};
    if (auto fed = splitter.feed(body); fed) fuzz::require(splitter.finish().has_value());
    IdentityReader identify;
    static_cast<void>(identify({body}));
    static_cast<void>(decode_snapshot_document({body}));
}

// SPDX-License-Identifier: Apache-2.0
// One YAML document becomes JSON; if it does, the JSON must be whole, and a Snapshot's reader must take it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "kube/decode/identity.hpp"
#include "kube/decode/list_splitter.hpp"
#include "kube/decode/snapshot_document.hpp"
#include "kube/yaml_json.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

namespace {

struct Ignore final : ListSink {
    void element(PaddedJson) override {}
    void skipped(std::string_view, std::string_view) override {}
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string text{reinterpret_cast<const char*>(data), size}; // NOLINT: libFuzzer's bytes
    auto json = yaml_to_json(text);
    if (!json) return json.error().line == 0 ? std::abort(), 0 : 0;
    const std::size_t length = json->size();
    json->append(k_json_padding, ' ');
    const std::string_view body = std::string_view{*json}.substr(0, length);
    if (body.front() != '{') return 0;
    Ignore ignore;
    ListSplitter splitter{ignore, {.depth = 200}};
    if (auto fed = splitter.feed(body); fed && !splitter.finish()) std::abort();
    IdentityReader identify;
    static_cast<void>(identify({body}));
    static_cast<void>(decode_snapshot_document({body}));
    return 0;
}

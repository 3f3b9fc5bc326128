// SPDX-License-Identifier: Apache-2.0
// The first byte says how the rest is cut into chunks. Whole and cut bodies must give the same.
#include <string>

#include "fuzz/fuzz_target.hpp"
#include "kube/decode/list_splitter.hpp"

using namespace seaworthy;
using namespace seaworthy::kube;

namespace {

struct Trace final : ListSink {
    std::string text;
    void element(PaddedJson json) override
    {
        text += json.text;
        text += '\n';
        // The padding must be readable.
        volatile char last = json.text.data()[json.text.size() + k_json_padding - 1];
        static_cast<void>(last);
    }
    void skipped(std::string_view reason, std::string_view head) override { text.append(reason).append(head.substr(0, 16)).append("\n"); }
    void metadata(const ListEnvelope& envelope) override { text += envelope.continue_token; }
};

std::string run(std::string_view body, std::size_t chunk)
{
    Trace trace;
    SplitLimits limits;
    limits.object_bytes = 512;
    limits.depth = 16;
    limits.elements = 64;
    ListSplitter splitter{trace, limits};
    Result<void> result;
    for (std::size_t at = 0; at < body.size() && result; at += chunk) {
        const std::string piece{body.substr(at, chunk)};
        result = splitter.feed(piece);
    }
    if (result) result = splitter.finish();
    return trace.text + splitter.envelope().kind + (result ? "" : result.error().message);
}

} // namespace

SEAWORTHY_FUZZ_TARGET(list_splitter, input)
{
    if (input.empty()) return;
    const auto body = input.substr(1);
    fuzz::require(run(body, static_cast<unsigned char>(input.front()) % 97U + 1U) == run(body, body.size() + 1));
}

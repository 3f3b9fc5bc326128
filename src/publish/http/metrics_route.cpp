// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "publish/encoding/gzip.hpp"
#include "publish/http/call.hpp"

namespace seaworthy::publish {

namespace {

constexpr std::string_view k_end_of_open_metrics = "# EOF\n";

} // namespace

/// The compliance families are copied from buffers that were made when the report was published; only the daemon's own metrics, a few
/// kilobytes, are rendered and deflated here.
http::Reply answer_metrics(const Call& call)
{
    const auto exposition = negotiate_exposition(call.request.header("Accept"));
    auto own = call.metrics.render();
    auto& own_text = exposition == Exposition::text ? own.text.plain : own.open_metrics.plain;
    if (exposition == Exposition::open_metrics) own_text += k_end_of_open_metrics;

    static const RenderedFamilies::Body k_nothing;
    const bool exposed = call.view.edition && call.view.leading;
    const auto& compliance = exposed ? call.edition().families.of(exposition) : k_nothing;

    auto reply = http::Reply::of(200, std::string{content_type(exposition)}, std::string{});
    reply.headers = {{"Vary", "Accept, Accept-Encoding"}, {"Cache-Control", "no-store"}};
    if (call.request.accepts_gzip()) {
        const auto part = deflate_part(own_text, 1);
        reply.body = std::make_shared<const std::string>(
            join_gzip({{compliance.deflated, compliance.crc32, compliance.plain.size()}, {part.bytes, part.crc32, part.plain_size}}));
        reply.headers.push_back({"Content-Encoding", "gzip"});
    } else {
        std::string body;
        body.reserve(compliance.plain.size() + own_text.size());
        body += compliance.plain;
        body += own_text;
        reply.body = std::make_shared<const std::string>(std::move(body));
    }
    return reply;
}

} // namespace seaworthy::publish

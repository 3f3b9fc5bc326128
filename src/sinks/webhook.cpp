// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include <fmt/format.h>

#include "seaworthy/base/base64.hpp"
#include "seaworthy/base/digest.hpp"
#include "seaworthy/base/file_content.hpp"
#include "sinks/codec.hpp"
#include "sinks/dialect.hpp"
#include "sinks/rendering.hpp"

namespace seaworthy::sinks {
namespace {

constexpr std::size_t k_secret_bytes = 4096;
constexpr int k_gone = 410;

tl::expected<std::string, Delivery> read_secret(const std::string& path)
{
    auto content = read_file(path, k_secret_bytes);
    if (!content) return tl::make_unexpected(misconfigured("hmac_secret", content.error().message));
    while (content->ends_with('\n') || content->ends_with('\r') || content->ends_with(' '))
        content->pop_back();
    if (content->empty()) return tl::make_unexpected(misconfigured("hmac_secret", path + ": the secret is empty"));
    return std::move(*content);
}

/// Standard Webhooks write a key `whsec_` and its base64; any other text is the key itself.
std::string signing_key(const std::string& secret)
{
    constexpr std::string_view k_prefix = "whsec_";
    if (!secret.starts_with(k_prefix)) return secret;
    auto key = decode_base64(std::string_view{secret}.substr(k_prefix.size())).value_or("");
    return key.empty() ? secret : key;
}

/// The same whenever the same events are sent again, so that a receiver can tell: the uid of one event, else a digest over all.
std::string message_id(std::span<const state::EventRow> events)
{
    if (events.size() == 1) return events.front().uid;
    std::string all;
    for (const auto& event : events)
        all += event.uid + "\n";
    return sha256_hex(all);
}

/// standardwebhooks.com, specification §"Signature scheme".
tl::expected<void, Delivery> sign(const Job& job, Draft& draft)
{
    const auto& sink = job.sink;
    if (!sink.hmac_secret_files.empty()) {
        const auto id = message_id(job.events);
        const auto time = fmt::format("{}", job.now / 1000);
        const auto content = fmt::format("{}.{}.{}", id, time, draft.body);
        std::string signatures;
        for (const auto& file : sink.hmac_secret_files) {
            const auto secret = read_secret(file);
            if (!secret) return tl::make_unexpected(secret.error());
            signatures += fmt::format("{}v1,{}", signatures.empty() ? "" : " ", encode_base64(hmac_sha256(signing_key(*secret), content)));
        }
        draft.headers.push_back({"webhook-id", id});
        draft.headers.push_back({"webhook-timestamp", time});
        draft.headers.push_back({"webhook-signature", signatures});
    }
    if (!sink.hub_signature_secret_file.empty()) {
        const auto secret = read_secret(sink.hub_signature_secret_file);
        if (!secret) return tl::make_unexpected(secret.error());
        draft.headers.push_back({"X-Hub-Signature-256", "sha256=" + hex(hmac_sha256(*secret, draft.body))});
    }
    return {};
}

/// One event is an object where batches have one event, else there is always an array: a receiver has one form to read.
tl::expected<Draft, Delivery> build(const Job& job)
{
    const auto format = format_of(job.sink, events::Format::cloudevents);
    const auto texts = render(job.events, format);
    if (!texts) return tl::make_unexpected(texts.error());
    const bool single = job.sink.batch_events == 1;
    Draft draft;
    if (single) {
        draft.body = texts->front();
    } else {
        for (const auto& text : *texts) {
            draft.body += draft.body.empty() ? '[' : ',';
            draft.body += text;
        }
        draft.body += ']';
    }
    // CloudEvents' HTTP binding §3.2 and §3.3.
    draft.content_type = format != events::Format::cloudevents ? "application/json"
                         : single                              ? "application/cloudevents+json; charset=UTF-8"
                                                               : "application/cloudevents-batch+json; charset=UTF-8";
    // Never compressed: the signature is over the body, and whether before or after decoding no standard says.
    for (const auto& [name, value] : job.sink.fields)
        draft.headers.push_back({name, value});
    SEAWORTHY_TRY(sign(job, draft));
    return draft;
}

Delivery judge(const Job& /*job*/, const HttpEngine& engine, const Reply& reply)
{
    auto delivery = judge_by_status(engine, reply);
    // RFC 9110 §15.5.11: gone for good; webhooks use it to say that they are not wanted any more.
    if (reply.status == k_gone) delivery.answer = Answer::disabled;
    return delivery;
}

} // namespace

const Dialect k_webhook{config::Sink::Type::webhook, &build, &judge};

} // namespace seaworthy::sinks

// SPDX-License-Identifier: Apache-2.0
#include "replay/listing.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "replay/selectors.hpp"
#include "replay/table.hpp"

namespace seaworthy::replay {

namespace {

constexpr std::size_t k_piece = 128 * 1024;
constexpr std::size_t k_all = std::numeric_limits<std::size_t>::max();

std::string_view next_part(std::string_view& rest, char separator)
{
    const auto part = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
}

std::string_view trim(std::string_view text)
{
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string_view media_parameter(std::string_view media_type, std::string_view name)
{
    while (!media_type.empty()) {
        auto part = trim(next_part(media_type, ';'));
        if (next_part(part, '=') == name) return part;
    }
    return {};
}

std::size_t number(std::string_view text, std::size_t otherwise)
{
    std::size_t value = 0;
    const auto* end = text.data() + text.size();
    return !text.empty() && std::from_chars(text.data(), end, value).ptr == end ? value : otherwise;
}

/// One page: either objects or a range of a generated list.
struct Page {
    Snapshot snapshot;
    Objects objects;
    std::size_t first = 0; ///< of a generated list
    std::size_t last = 0;
    std::string next; ///< the token; empty on the last page
    std::size_t remaining = 0;
    bool counts_remaining = true;

    [[nodiscard]] std::size_t size() const { return snapshot.generated ? last - first : objects.size(); }
};

void take_generated(Page& page, std::string_view start, std::size_t limit)
{
    const auto total = page.snapshot.generated->size();
    page.first = std::min(number(start, 0), total);
    page.last = page.first + std::min(limit, total - page.first);
    page.remaining = total - page.last;
    if (page.remaining > 0) page.next = encode({page.snapshot.revision, std::to_string(page.last)});
}

void take_stored(Page& page, std::string_view namespace_, std::string_view start, std::size_t limit, const Selectors& selectors)
{
    const auto& all = *page.snapshot.objects;
    auto at = std::lower_bound(all.begin(), all.end(), start, [](const auto& object, std::string_view key) { return object->key < key; });
    for (; at != all.end(); ++at) {
        if ((!namespace_.empty() && (*at)->namespace_ != namespace_) || !selectors.matches((*at)->json)) continue;
        if (page.objects.size() == limit) {
            if (page.remaining++ == 0) page.next = encode({page.snapshot.revision, (*at)->key});
            continue;
        }
        page.objects.push_back(*at);
    }
    page.counts_remaining = selectors.empty();
}

std::string metadata_of(const Page& page)
{
    const auto revision = std::to_string(page.snapshot.revision);
    Json metadata = Json::object();
    if (page.snapshot.type.custom) {
        metadata["continue"] = page.next; // custom resources: sorted, and there even when empty
    } else {
        metadata["resourceVersion"] = revision;
        if (!page.next.empty()) metadata["continue"] = page.next;
    }
    if (!page.next.empty() && page.counts_remaining) metadata["remainingItemCount"] = page.remaining;
    if (page.snapshot.type.custom) metadata["resourceVersion"] = revision;
    return metadata.dump();
}

std::string api_version(const ResourceType& type)
{
    return type.group.empty() ? type.version : type.group + "/" + type.version;
}

struct Envelope {
    std::string head;
    std::string tail;
};

Envelope envelope_of(const Page& page, Representation representation)
{
    const auto& type = page.snapshot.type;
    const auto metadata = metadata_of(page);
    if (representation == Representation::table) return {table_head(type, metadata), "]}\n"};
    if (representation == Representation::partial) {
        return {fmt::format(R"({{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{},"items":[)", metadata), "]}\n"};
    }
    if (type.custom) {
        return {fmt::format(R"({{"apiVersion":"{}","items":[)", api_version(type)),
                fmt::format(R"(],"kind":"{}List","metadata":{}}})", type.kind, metadata) + "\n"};
    }
    return {fmt::format(R"({{"kind":"{}List","apiVersion":"{}","metadata":{},"items":[)", type.kind, api_version(type), metadata), "]}\n"};
}

std::string partial_metadata(const StoredObject& object)
{
    const Json partial = {{"kind", "PartialObjectMetadata"}, {"apiVersion", "meta.k8s.io/v1"}, {"metadata", object.json.at("metadata")}};
    return partial.dump();
}

Answer answer_with(Page page, Representation representation, bool with_metadata)
{
    Answer answer;
    if (representation == Representation::table) answer.content_type = "application/json;as=Table;v=v1;g=meta.k8s.io";
    if (representation == Representation::partial) answer.content_type = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    for (const auto& object : page.objects)
        answer.at_least_bytes += object->item.size();
    if (page.snapshot.generated) answer.at_least_bytes = page.size() * 8192;
    answer.produce = [page = std::move(page), representation, with_metadata](const Emit& emit) {
        const auto envelope = envelope_of(page, representation);
        std::string piece = envelope.head;
        for (std::size_t i = 0; i < page.size(); ++i) {
            if (i > 0) piece += ',';
            if (page.snapshot.generated) {
                page.snapshot.generated->append(page.first + i, piece);
            } else if (representation == Representation::table) {
                piece += table_row(page.snapshot.type, *page.objects[i], with_metadata);
            } else {
                piece += representation == Representation::partial ? partial_metadata(*page.objects[i]) : page.objects[i]->item;
            }
            if (piece.size() < k_piece) continue;
            if (!emit(piece)) return false;
            piece.clear();
        }
        return emit(piece + envelope.tail);
    };
    return answer;
}

/// 410 as kube-apiserver words it, with a token that goes on at the newest revision.
Answer expired(const ContinueToken& token)
{
    return failed({.code = 410,
                   .reason = "Expired",
                   .message = "The provided continue parameter is too old to display a consistent list result. You can start a new list without the "
                              "continue parameter, or use the continue token in this response to retrieve the remainder of the results.",
                   .continue_token = encode({0, token.start})});
}

} // namespace

Representation negotiate(std::string_view accept)
{
    if (accept.empty()) return Representation::json;
    while (!accept.empty()) {
        auto element = trim(next_part(accept, ','));
        const auto parameters = element;
        const auto media_type = trim(next_part(element, ';'));
        if (media_type != "application/json" && media_type != "*/*" && media_type != "application/*") continue;
        const auto as = media_parameter(parameters, "as");
        const auto version = media_parameter(parameters, "v");
        if (as.empty()) return Representation::json;
        if (media_parameter(parameters, "g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1")) continue;
        if (as == "Table") return Representation::table;
        if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList") return Representation::partial;
    }
    return Representation::not_acceptable;
}

Answer list(ObjectStore& store, const Snapshot& newest, std::string_view namespace_, const http::Request& request)
{
    auto representation = negotiate(request.header("Accept"));
    // A generated list has one form, whatever is asked for; clients have to look at the answer's type anyway.
    if (newest.generated && representation != Representation::not_acceptable) representation = Representation::json;
    if (representation == Representation::not_acceptable) {
        return failed({.code = 406, .message = "only the following media types are accepted: application/json, application/yaml"});
    }
    const auto selectors = Selectors::parse(request.parameter("labelSelector"), request.parameter("fieldSelector"));
    if (!selectors) return failed({.code = 400, .message = selectors.error().message});

    Page page{.snapshot = newest};
    std::string start;
    if (const auto text = request.parameter("continue"); !text.empty()) {
        const auto token = decode_token(text);
        if (!token) return failed({.code = 400, .message = "continue key is not valid: illegal base64 data"});
        if (token->revision != 0) {
            auto remembered = store.remembered(newest.type.id(), token->revision);
            if (!remembered) return expired(*token);
            page.snapshot = std::move(*remembered);
        }
        start = token->start;
    }
    // A list from the watch cache at any age ignores the limit, in every version so far.
    auto limit = number(request.parameter("limit"), 0);
    if (limit == 0 || (request.parameter("resourceVersion") == "0" && start.empty())) limit = k_all;
    if (page.snapshot.generated) {
        take_generated(page, start, limit);
    } else {
        take_stored(page, namespace_, start, limit, *selectors);
    }
    if (!page.next.empty()) store.remember(page.snapshot);
    return answer_with(std::move(page), representation, request.parameter("includeObject") != "None");
}

Answer get_object(const Snapshot& newest, std::string_view namespace_, std::string_view name, const http::Request& request)
{
    const auto representation = negotiate(request.header("Accept"));
    if (representation == Representation::not_acceptable) return failed({.code = 406, .message = "only application/json is served"});
    const auto key = object_key(namespace_, name);
    const auto& all = *newest.objects;
    const auto at = std::lower_bound(all.begin(), all.end(), key, [](const auto& object, const std::string& wanted) { return object->key < wanted; });
    if (at == all.end() || (*at)->key != key) {
        const auto& type = newest.type;
        Json details = {{"name", name}};
        if (!type.group.empty()) details["group"] = type.group;
        details["kind"] = type.plural;
        return failed({.code = 404, .message = fmt::format("{} \"{}\" not found", type.id(), name), .details = std::move(details)});
    }
    if (representation == Representation::table) return answer_with({.snapshot = newest, .objects = {*at}}, representation, true);
    if (representation == Representation::json) return json_answer((*at)->json);
    Answer answer;
    answer.body = partial_metadata(**at) + "\n";
    return answer;
}

} // namespace seaworthy::replay

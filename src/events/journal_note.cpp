// SPDX-License-Identifier: Apache-2.0
#include "events/journal_note.hpp"

#include <nlohmann/json.hpp>

#include "seaworthy/base/printable.hpp"

namespace seaworthy::events {
namespace {

using nlohmann::json;

constexpr std::string_view k_name = "journal";
constexpr std::size_t k_audit_bytes = 500;

state::Milliseconds number(const json& document, const char* key)
{
    const auto found = document.find(key);
    return found != document.end() && found->is_number_integer() ? found->get<state::Milliseconds>() : 0;
}

} // namespace

Result<JournalNote> JournalNote::read(state::Store& store)
{
    const auto text = store.note(k_name);
    if (!text) return tl::make_unexpected(text.error());
    JournalNote note;
    const auto document = json::parse(*text, nullptr, false);
    if (!document.is_object()) return note;
    if (const auto audit = document.find("audit"); audit != document.end() && audit->is_string()) note.audit = audit->get<std::string>();
    note.baseline = number(document, "baseline");
    note.heartbeat = number(document, "heartbeat");
    note.snapshot_at = number(document, "snapshot_at");
    note.snapshot_wanted = document.contains("snapshot_wanted");
    note.losing = document.contains("losing");
    return note;
}

Result<void> JournalNote::write(state::Writer& writer) const
{
    json document{{"audit", printable(audit, k_audit_bytes)}, {"baseline", baseline}, {"heartbeat", heartbeat}, {"snapshot_at", snapshot_at}};
    if (snapshot_wanted) document["snapshot_wanted"] = true;
    if (losing) document["losing"] = true;
    return writer.set_note(k_name, document.dump(-1, ' ', false, json::error_handler_t::replace));
}

} // namespace seaworthy::events

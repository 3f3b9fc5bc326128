// SPDX-License-Identifier: Apache-2.0
// OCSF records as the daemon writes them, and texts that somebody wrote to break a format.
#pragma once

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace seaworthy::test {

using Json = nlohmann::json;

/// An opened finding (class 2003) with every member that can be left out.
Json finding_record();
/// An audit's end (6007).
Json audit_record();
/// The daemon's start (6002).
Json start_record();
/// A sink that pauses (6008).
Json error_record();
std::vector<Json> all_records();

/// `text` between quotes as JSON, with control characters escaped and all other bytes, broken ones too, as they are.
std::string quoted(std::string_view text);
/// The finding with `text` wherever a cluster can put one. Of `text` it may hold bytes that are no UTF-8.
std::string hostile_finding(std::string_view text);
/// The same with `text` as the message alone: for long texts.
std::string hostile_message(std::string_view text);
/// Of random pieces: separators and escapes of all formats, control characters, broken UTF-8, bidirectional overrides, letters.
std::string hostile_text(std::mt19937& random, std::size_t pieces);

/// `text` with each run of U+FFFD as one: how many stand for a broken sequence is nobody's promise.
std::string collapsed(std::string text);
/// What may be read back from a line: broken UTF-8, control characters and bidirectional overrides as U+FFFD, tabs as spaces; collapsed.
/// Line breaks stay.
std::string readable(std::string_view text);

/// True for valid UTF-8 without C0 (but for `allowed`), DEL, C1, line separators and bidirectional overrides.
bool is_safe_line(std::string_view text, std::string_view allowed = {});

} // namespace seaworthy::test

// SPDX-License-Identifier: Apache-2.0
// Recognises credentials by their form and by the names they are kept under. Hand-written and linear: the text comes from whoever
// can write to the cluster. Matched text never leaves this module: callers get the pattern's id and the place (C21).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "seaworthy/base/pattern.hpp"

namespace seaworthy::controls {

/// Forms that give a credential away wherever they stand.
enum class SecretPattern : std::uint8_t {
    private_key,
    age_key,
    aws_key_pair,      ///< an access key id with a secret access key in the same text
    aws_access_key_id, ///< the id alone: public by itself
    github_token,
    github_fine_grained_token,
    gitlab_token,
    slack_token,
    google_api_key,
    stripe_key,
    vault_token,
    json_web_token,
    url_password,
    azure_account_key,
    connection_string_password,
};

[[nodiscard]] std::string_view id(SecretPattern pattern); ///< "github-token"
/// True for what names a credential without being one: the AWS access key id alone.
[[nodiscard]] constexpr bool is_identifier_only(SecretPattern pattern)
{
    return pattern == SecretPattern::aws_access_key_id;
}

struct SecretMatch {
    SecretPattern pattern = SecretPattern::private_key;
    std::size_t begin = 0; ///< offsets into the text that was searched
    std::size_t end = 0;
};

/// Where `scheme://user:password@host` counts: only where it is the whole text, or anywhere in it (command lines).
enum class UrlPlace { whole_text, anywhere };

/// The first run of exactly 40 mixed base64 characters, the form of an AWS secret access key, as (begin, end); empty where none is.
[[nodiscard]] std::pair<std::size_t, std::size_t> find_aws_secret(std::string_view text);
/// Every credential in `text`, left to right and without overlaps, at most 32; only the first 256 KiB are looked at.
[[nodiscard]] std::vector<SecretMatch> find_secrets(std::string_view text, UrlPlace urls = UrlPlace::whole_text);
/// The gravest match: a credential before an identifier, else the first.
[[nodiscard]] const SecretMatch* gravest(std::span<const SecretMatch> matches);

/// True if a variable or key of this name usually holds a credential: `DB_PASSWORD`, `apiKey`, `auth.token`.
[[nodiscard]] bool is_secret_name(std::string_view name);
/// True if a value is long and random enough (8 bytes, 3 bits each) for a real credential rather than a weak default.
[[nodiscard]] bool looks_random(std::string_view value);
/// Shannon entropy in bits per byte; 0 for the empty string.
[[nodiscard]] double shannon_entropy(std::string_view value);

/// A literal value that a command line gives to an option such as `--password`.
struct ArgumentSecret {
    std::size_t token = 0; ///< which of the tokens holds the value
    std::size_t begin = 0; ///< offsets into that token
    std::size_t end = 0;
    std::string option; ///< with its dashes, without the value
};

/// Options of `tokens` (command and args, shell lines included) whose value is literal: not empty, no `$` reference, no back-quoted
/// command, and not matched by `value_exclude`.
[[nodiscard]] std::vector<ArgumentSecret> find_argument_secrets(std::span<const std::string_view> tokens, const Pattern& value_exclude);

/// A harmless text that find_secrets classifies as exactly this pattern.
[[nodiscard]] std::string_view redacted_placeholder(SecretPattern pattern);
/// `text` with every credential in it replaced by its placeholder, so that it is judged as before.
[[nodiscard]] std::string redact(std::string_view text, UrlPlace urls = UrlPlace::whole_text);
/// The same for the value kept under `name`: a credential by name alone is replaced by a value as strong or as weak.
[[nodiscard]] std::string redact_named(std::string_view name, std::string_view value, const Pattern& value_exclude);
/// The same for a command line.
[[nodiscard]] std::vector<std::string> redact_arguments(std::span<const std::string_view> tokens, const Pattern& value_exclude);

} // namespace seaworthy::controls

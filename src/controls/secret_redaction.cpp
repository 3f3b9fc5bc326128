// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "seaworthy/controls/secret_patterns.hpp"

namespace seaworthy::controls {

namespace {

constexpr std::string_view k_weak = "redacted";
constexpr std::string_view k_random = "redacted-0123456789";
constexpr std::string_view k_aws_secret = "redactedRedacted0redactedRedacted0redact"; // 40 characters, as a real one

} // namespace

std::string_view redacted_placeholder(SecretPattern pattern)
{
    switch (pattern) {
    case SecretPattern::private_key: return "-----BEGIN PRIVATE KEY----- redacted -----END PRIVATE KEY-----";
    case SecretPattern::age_key: return "AGE-SECRET-KEY-1REDACTED";
    case SecretPattern::aws_key_pair: return "AKIAREDACTED01234567 redactedRedacted0redactedRedacted0redact";
    case SecretPattern::aws_access_key_id: return "AKIAREDACTED01234567";
    case SecretPattern::github_token: return "ghp_redactedredactedredactedredactedredacted";
    case SecretPattern::github_fine_grained_token: return "github_pat_redactedredactedredactedredactedredactedredactedredactedredacted";
    case SecretPattern::gitlab_token: return "glpat-redactedredactedredacted";
    case SecretPattern::slack_token: return "xoxb-redactedredacted";
    case SecretPattern::google_api_key: return "AIzaredactedredactedredactedredacted000";
    case SecretPattern::stripe_key: return "sk_live_redactedredactedredacted";
    case SecretPattern::vault_token: return "hvs.redactedredactedredacted";
    case SecretPattern::json_web_token: return "eyJredactedredacted.eyJredactedredacted.redacted";
    case SecretPattern::url_password: return "redacted://redacted:redacted@";
    case SecretPattern::azure_account_key: return "AccountKey=redactedredactedredactedredactedredactedredactedredactedredacted";
    case SecretPattern::connection_string_password: return "Server=redacted;Password=redacted";
    }
    return {};
}

std::string redact(std::string_view text, UrlPlace urls)
{
    std::string result;
    std::size_t kept = 0;
    bool key_pair = false;
    for (const auto& match : find_secrets(text, urls)) {
        key_pair = key_pair || match.pattern == SecretPattern::aws_key_pair;
        result += text.substr(kept, match.begin - kept);
        // The secret half of a pair stands elsewhere in the text and is replaced there.
        result += redacted_placeholder(match.pattern == SecretPattern::aws_key_pair ? SecretPattern::aws_access_key_id : match.pattern);
        kept = match.end;
    }
    result += text.substr(kept);
    for (std::size_t from = 0; key_pair;) {
        const auto [begin, end] = find_aws_secret(std::string_view{result}.substr(from));
        if (end == 0) break;
        result.replace(from + begin, end - begin, k_aws_secret);
        from += end;
    }
    return result;
}

std::string redact_named(std::string_view name, std::string_view value, const Pattern& value_exclude)
{
    auto result = redact(value);
    if (result != value || !is_secret_name(name) || value.empty() || value_exclude.search(value)) return result;
    return std::string{looks_random(value) ? k_random : k_weak};
}

std::vector<std::string> redact_arguments(std::span<const std::string_view> tokens, const Pattern& value_exclude)
{
    std::vector<std::string> result(tokens.begin(), tokens.end());
    auto secrets = find_argument_secrets(tokens, value_exclude);
    std::ranges::reverse(secrets); // from the right, so that offsets stay true
    for (const auto& secret : secrets)
        result[secret.token].replace(secret.begin, secret.end - secret.begin, k_weak);
    for (auto& token : result)
        token = redact(token, UrlPlace::anywhere);
    return result;
}

} // namespace seaworthy::controls

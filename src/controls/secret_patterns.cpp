// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/controls/secret_patterns.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "seaworthy/base/letter_case.hpp"

namespace seaworthy::controls {

namespace {

constexpr std::size_t k_max_scanned = 256 * 1024;
constexpr std::size_t k_max_matches = 32;
constexpr std::size_t k_max_url_part = 4096;

constexpr bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}
constexpr bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}
constexpr bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}
constexpr bool is_alphanumeric(char c)
{
    return is_digit(c) || is_upper(c) || is_lower(c);
}
constexpr bool is_word(char c)
{
    return is_alphanumeric(c) || c == '_';
}
constexpr bool is_word_or_dash(char c)
{
    return is_word(c) || c == '-';
}
constexpr bool is_upper_or_digit(char c)
{
    return is_upper(c) || is_digit(c);
}
constexpr bool is_base64(char c)
{
    return is_alphanumeric(c) || c == '+' || c == '/';
}
constexpr bool is_base64_padded(char c)
{
    return is_base64(c) || c == '=';
}
constexpr bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

std::size_t run_length(std::string_view text, bool (*accepts)(char))
{
    return static_cast<std::size_t>(std::ranges::find_if_not(text, accepts) - text.begin());
}

/// A token with a fixed beginning: `prefix`, then at least `minimum` characters of a class.
struct Token {
    SecretPattern pattern;
    std::string_view prefix;
    bool (*accepts)(char);
    std::size_t minimum;
    bool exact = false;        ///< exactly `minimum`, and a word ends there
    bool inside_words = false; ///< the prefix may follow a word character
};

constexpr std::array k_tokens{
    Token{SecretPattern::aws_access_key_id, "AKIA", is_upper_or_digit, 16, true},
    Token{SecretPattern::aws_access_key_id, "ASIA", is_upper_or_digit, 16, true},
    Token{SecretPattern::github_token, "ghp_", is_alphanumeric, 36},
    Token{SecretPattern::github_token, "gho_", is_alphanumeric, 36},
    Token{SecretPattern::github_token, "ghu_", is_alphanumeric, 36},
    Token{SecretPattern::github_token, "ghs_", is_alphanumeric, 36},
    Token{SecretPattern::github_token, "ghr_", is_alphanumeric, 36},
    Token{SecretPattern::github_fine_grained_token, "github_pat_", is_word, 60},
    Token{SecretPattern::gitlab_token, "glpat-", is_word_or_dash, 20},
    Token{SecretPattern::slack_token, "xoxa-", is_word_or_dash, 10},
    Token{SecretPattern::slack_token, "xoxb-", is_word_or_dash, 10},
    Token{SecretPattern::slack_token, "xoxp-", is_word_or_dash, 10},
    Token{SecretPattern::slack_token, "xoxr-", is_word_or_dash, 10},
    Token{SecretPattern::slack_token, "xoxs-", is_word_or_dash, 10},
    Token{SecretPattern::google_api_key, "AIza", is_word_or_dash, 35, true},
    Token{SecretPattern::stripe_key, "sk_live_", is_word, 24},
    Token{SecretPattern::vault_token, "hvs.", is_word_or_dash, 24},
    Token{SecretPattern::vault_token, "hvb.", is_word_or_dash, 24},
    Token{SecretPattern::age_key, "AGE-SECRET-KEY-1", is_upper_or_digit, 0, false, true},
    Token{SecretPattern::azure_account_key, "AccountKey=", is_base64_padded, 60, false, true},
};

/// The length of `token` at the beginning of `text`; 0: it does not begin here.
std::size_t match_token(const Token& token, std::string_view text)
{
    if (!text.starts_with(token.prefix)) return 0;
    const auto rest = text.substr(token.prefix.size());
    const auto run = run_length(token.exact ? rest.substr(0, token.minimum) : rest, token.accepts);
    if (run < token.minimum) return 0;
    if (token.exact && rest.size() > run && (run == 0 || is_word(rest[run - 1])) == is_word(rest[run])) return 0;
    return token.prefix.size() + run;
}

/// `-----BEGIN … PRIVATE KEY-----` up to its end marker, or to the end of the text where that is cut off.
std::size_t match_private_key(std::string_view text)
{
    constexpr std::string_view k_begin = "-----BEGIN ";
    constexpr std::string_view k_end = "-----END ";
    if (!text.starts_with(k_begin)) return 0;
    const auto label = text.substr(k_begin.size() - 1, 64);
    const auto words = run_length(label, [](char c) { return is_upper(c) || c == ' '; });
    if (!label.substr(0, words).ends_with(" PRIVATE KEY") || !label.substr(words).starts_with("-----")) return 0;
    const auto end = text.find(k_end);
    if (end == std::string_view::npos) return text.size();
    const auto dashes = text.find("-----", end + k_end.size());
    return dashes == std::string_view::npos ? text.size() : dashes + 5;
}

/// Three base64url parts, of which the first two are JSON objects by their first letters.
std::size_t match_json_web_token(std::string_view text)
{
    std::size_t at = 0;
    for (int part = 0; part < 2; ++part) {
        if (!text.substr(at).starts_with("eyJ")) return 0;
        const auto run = run_length(text.substr(at + 3), is_word_or_dash);
        at += 3 + run;
        if (run < 10 || at >= text.size() || text[at] != '.') return 0;
        ++at;
    }
    const auto signature = run_length(text.substr(at), is_word_or_dash);
    return signature == 0 ? 0 : at + signature;
}

/// `password=…` of a connection string; the caller has seen `Server=` or `Data Source=`.
std::size_t match_connection_password(std::string_view text)
{
    for (const std::string_view key : {"password=", "pwd="}) {
        if (!starts_with_ignoring_case(text, key)) continue;
        const auto run = run_length(text.substr(key.size()), [](char c) { return c != ';' && !is_space(c) && c != '$' && c != '{'; });
        if (run >= 4) return key.size() + run;
    }
    return 0;
}

constexpr bool is_scheme(char c)
{
    return is_lower(c) || is_digit(c) || c == '+' || c == '.' || c == '-';
}

/// The length of `user:password@` at the beginning of what follows a `://`; 0: no password there.
std::size_t match_user_info(std::string_view text)
{
    text = text.substr(0, k_max_url_part);
    const auto user = run_length(text, [](char c) { return c != '/' && !is_space(c) && c != ':' && c != '@'; });
    if (user >= text.size() || text[user] != ':') return 0;
    const auto password = run_length(text.substr(user + 1), [](char c) { return c != '/' && !is_space(c) && c != '@' && c != '$' && c != '{'; });
    const auto at = user + 1 + password;
    return password > 0 && at < text.size() && text[at] == '@' ? at + 1 : 0;
}

/// Where the URL scheme that ends before `colon` begins; `colon` itself if there is none.
std::size_t scheme_begin(std::string_view text, std::size_t colon)
{
    auto begin = colon;
    while (begin > 0 && colon - begin < 64 && is_scheme(text[begin - 1]))
        --begin;
    while (begin < colon && !is_lower(text[begin]))
        ++begin;
    return begin;
}

class Scanner {
public:
    Scanner(std::string_view text, UrlPlace urls) : m_text(text.substr(0, k_max_scanned)), m_urls(urls)
    {
        m_connection_string =
            find_ignoring_case(m_text, "server=") != std::string_view::npos || find_ignoring_case(m_text, "data source=") != std::string_view::npos;
    }

    std::vector<SecretMatch> scan()
    {
        std::vector<SecretMatch> matches;
        for (std::size_t at = 0; at < m_text.size() && matches.size() < k_max_matches;) {
            const auto match = match_at(at, matches.empty() ? 0 : matches.back().end);
            if (match.end > at) {
                matches.push_back(match);
                at = match.end;
            } else {
                ++at;
            }
        }
        if (std::ranges::find(matches, SecretPattern::aws_access_key_id, &SecretMatch::pattern) != matches.end() &&
            find_aws_secret(m_text).second != 0)
            for (auto& match : matches)
                if (match.pattern == SecretPattern::aws_access_key_id) match.pattern = SecretPattern::aws_key_pair;
        return matches;
    }

private:
    SecretMatch match_at(std::size_t at, std::size_t after)
    {
        const auto rest = m_text.substr(at);
        const bool word_start = at == 0 || !is_word(m_text[at - 1]);
        switch (rest.front()) {
        case '-':
            if (const auto size = match_private_key(rest)) return {SecretPattern::private_key, at, at + size};
            break;
        case 'e':
            if (!word_start || at < m_no_web_token_before) break;
            if (const auto size = match_json_web_token(rest)) return {SecretPattern::json_web_token, at, at + size};
            m_no_web_token_before = at + run_length(rest, is_word_or_dash); // what follows the run decides for every start in it
            break;
        case ':':
            if (const auto match = match_url(at, after); match.end > at) return match;
            break;
        case 'p':
        case 'P':
            if (const auto size = m_connection_string && word_start ? match_connection_password(rest) : 0)
                return {SecretPattern::connection_string_password, at, at + size};
            break;
        case 'A':
        case 'g':
        case 'x':
        case 's':
        case 'h':
            for (const auto& token : k_tokens)
                if (word_start || token.inside_words)
                    if (const auto size = match_token(token, rest)) return {token.pattern, at, at + size};
            break;
        default: break;
        }
        return {};
    }

    SecretMatch match_url(std::size_t colon, std::size_t after) const
    {
        if (!m_text.substr(colon).starts_with("://")) return {};
        const auto begin = scheme_begin(m_text, colon);
        if (begin == colon || begin < after || (m_urls == UrlPlace::whole_text && begin != 0)) return {};
        const auto size = match_user_info(m_text.substr(colon + 3));
        return size == 0 ? SecretMatch{} : SecretMatch{SecretPattern::url_password, begin, colon + 3 + size};
    }

    std::string_view m_text;
    UrlPlace m_urls;
    bool m_connection_string = false;
    std::size_t m_no_web_token_before = 0;
};

bool ends_with_key(std::string_view name)
{
    if (!name.ends_with("key")) return false;
    name.remove_suffix(3);
    if (name.ends_with('_') || name.ends_with('-')) name.remove_suffix(1);
    constexpr std::array<std::string_view, 7> k_kinds{"api", "access", "private", "secret", "signing", "encryption", "master"};
    return std::ranges::any_of(k_kinds, [&](std::string_view kind) { return name.ends_with(kind); });
}

bool ends_with_client_secret(std::string_view name)
{
    if (!name.ends_with("secret")) return false;
    name.remove_suffix(6);
    if (name.ends_with('_') || name.ends_with('-')) name.remove_suffix(1);
    return name.ends_with("client");
}

} // namespace

std::string_view id(SecretPattern pattern)
{
    switch (pattern) {
    case SecretPattern::private_key: return "private-key";
    case SecretPattern::age_key: return "age-key";
    case SecretPattern::aws_key_pair: return "aws-key-pair";
    case SecretPattern::aws_access_key_id: return "aws-access-key-id";
    case SecretPattern::github_token: return "github-token";
    case SecretPattern::github_fine_grained_token: return "github-fine-grained-token";
    case SecretPattern::gitlab_token: return "gitlab-token";
    case SecretPattern::slack_token: return "slack-token";
    case SecretPattern::google_api_key: return "google-api-key";
    case SecretPattern::stripe_key: return "stripe-key";
    case SecretPattern::vault_token: return "vault-token";
    case SecretPattern::json_web_token: return "json-web-token";
    case SecretPattern::url_password: return "url-password";
    case SecretPattern::azure_account_key: return "azure-account-key";
    case SecretPattern::connection_string_password: return "connection-string-password";
    }
    return {};
}

std::pair<std::size_t, std::size_t> find_aws_secret(std::string_view text)
{
    for (std::size_t at = 0; at < text.size(); ++at) {
        const auto run = text.substr(at, run_length(text.substr(at), is_base64));
        if (run.size() == 40 && std::ranges::any_of(run, is_lower) && std::ranges::any_of(run, is_upper) && std::ranges::any_of(run, is_digit))
            return {at, at + run.size()};
        at += run.size();
    }
    return {0, 0};
}

std::vector<SecretMatch> find_secrets(std::string_view text, UrlPlace urls)
{
    return Scanner{text, urls}.scan();
}

const SecretMatch* gravest(std::span<const SecretMatch> matches)
{
    const auto credential = std::ranges::find_if_not(matches, is_identifier_only, &SecretMatch::pattern);
    if (credential != matches.end()) return &*credential;
    return matches.empty() ? nullptr : &matches.front();
}

bool is_secret_name(std::string_view written)
{
    const auto name = to_lower(written.substr(written.size() > 253 ? written.size() - 253 : 0));
    const std::string_view text = name;
    for (const std::string_view end : {"password", "passwd", "passphrase", "credential", "credentials"})
        if (text.ends_with(end)) return true;
    if (ends_with_key(text) || ends_with_client_secret(text)) return true;
    for (const std::string_view word : {"pass", "pwd", "secret", "token", "bearer"}) {
        if (!text.ends_with(word)) continue;
        if (text.size() == word.size()) return true;
        const char before = text[text.size() - word.size() - 1];
        if (before == '_' || before == '.' || before == '-') return true;
    }
    return false;
}

double shannon_entropy(std::string_view value)
{
    std::array<std::size_t, 256> counts{};
    for (const char c : value)
        ++counts[static_cast<unsigned char>(c)];
    double bits = 0;
    for (const auto count : counts) {
        if (count == 0) continue;
        const auto share = static_cast<double>(count) / static_cast<double>(value.size());
        bits -= share * std::log2(share);
    }
    return bits;
}

bool looks_random(std::string_view value)
{
    return value.size() >= 8 && shannon_entropy(value) >= 3.0;
}

} // namespace seaworthy::controls

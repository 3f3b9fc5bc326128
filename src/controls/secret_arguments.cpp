// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "seaworthy/controls/secret_patterns.hpp"

namespace seaworthy::controls {

namespace {

constexpr std::size_t k_max_words = 4096;

/// A word of a command line: its place in the token that holds it.
struct Word {
    std::size_t token = 0;
    std::size_t begin = 0;
    std::size_t end = 0;
};

constexpr bool is_separator(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r') || c == ';' || c == '|' || c == '&';
}

/// Cuts each token into words as a shell would, quotes left in place. Tokens without blanks are one word each.
std::vector<Word> split_words(std::span<const std::string_view> tokens)
{
    std::vector<Word> words;
    for (std::size_t token = 0; token < tokens.size() && words.size() < k_max_words; ++token) {
        const auto text = tokens[token];
        const bool shell_line = std::ranges::any_of(text, [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
        if (!shell_line) {
            words.push_back({token, 0, text.size()});
            continue;
        }
        char quote = 0;
        std::size_t begin = 0;
        for (std::size_t at = 0; at <= text.size(); ++at) {
            if (at < text.size() && quote != 0) {
                if (text[at] == quote) quote = 0;
            } else if (at == text.size() || is_separator(text[at])) {
                if (at > begin) words.push_back({token, begin, at});
                begin = at + 1;
            } else if (text[at] == '"' || text[at] == '\'') {
                quote = text[at];
            }
        }
    }
    return words;
}

/// True if an option's name (dashes included) asks for a credential: its last dash is followed by one of the words. The bare word
/// `secret` counts only as the whole name, since `--tls-secret` names an object.
bool takes_credential(std::string_view option)
{
    std::string name{option.substr(0, 256)};
    std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    if (!name.starts_with('-')) return false;
    if (name == "-secret" || name == "--secret") return true;
    constexpr std::array<std::string_view, 8> k_words{"password", "passwd", "token", "api-key", "apikey", "access-key", "accesskey", "client-secret"};
    return std::ranges::any_of(k_words, [&](std::string_view word) { return name.ends_with(word) && name[name.size() - word.size() - 1] == '-'; });
}

bool is_literal(std::string_view value, const Pattern& value_exclude)
{
    return !value.empty() && value.front() != '$' && value.front() != '`' && !value_exclude.search(value);
}

/// The word without a pair of quotes around it.
Word unquoted(Word word, std::string_view token)
{
    if (word.end - word.begin >= 2) {
        const char first = token[word.begin];
        if ((first == '"' || first == '\'') && token[word.end - 1] == first) return {word.token, word.begin + 1, word.end - 1};
    }
    return word;
}

} // namespace

std::vector<ArgumentSecret> find_argument_secrets(std::span<const std::string_view> tokens, const Pattern& value_exclude)
{
    std::vector<ArgumentSecret> found;
    const auto words = split_words(tokens);
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto word = unquoted(words[at], tokens[words[at].token]);
        const auto text = tokens[word.token].substr(word.begin, word.end - word.begin);
        const auto equals = text.find('=');
        const auto option = text.substr(0, equals);
        if (!takes_credential(option)) continue;
        Word value{word.token, word.begin + equals + 1, word.end};
        if (equals == std::string_view::npos) {
            if (at + 1 == words.size()) continue;
            value = words[at + 1];
            if (tokens[value.token][value.begin] == '-') continue; // the next option: this one is a switch
        }
        value = unquoted(value, tokens[value.token]);
        if (is_literal(tokens[value.token].substr(value.begin, value.end - value.begin), value_exclude))
            found.push_back({value.token, value.begin, value.end, std::string{option}});
    }
    return found;
}

} // namespace seaworthy::controls

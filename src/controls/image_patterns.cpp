// SPDX-License-Identifier: Apache-2.0
#include "controls/image_patterns.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

namespace seaworthy::controls {
namespace {

using model::Value;

/// What `*` and `?` stand for in a grammar.
struct GlobForm {
    bool star_crosses = true; ///< `*` goes over `/` as well; false: only `**` does
    bool question = true;     ///< `?` is any character; false: itself
};
/// Kyverno's own, and that of its CEL policies as far as `[` and `{` are not in it.
constexpr GlobForm k_free{};
constexpr GlobForm k_by_component{.star_crosses = false, .question = false};

/// References have at most 255 characters and a tag or digest; a longer glob can match none of them and is not worth its time.
constexpr std::size_t k_longest_glob = 1024;

/// All positions of the text that the glob can have come to, moved on by one character of the glob after the other: time is the product of
/// both lengths, whatever they hold.
bool matches(std::string_view glob, std::string_view text, GlobForm form)
{
    if (glob.size() > k_longest_glob) return false;
    std::vector<char> at(text.size() + 1, 0);
    at[0] = 1;
    for (std::size_t i = 0; i < glob.size(); ++i) {
        if (glob[i] == '*') {
            const bool doubled = i + 1 < glob.size() && glob[i + 1] == '*';
            i += doubled ? 1 : 0;
            for (std::size_t j = 0; j < text.size(); ++j)
                if (at[j] != 0 && (doubled || form.star_crosses || text[j] != '/')) at[j + 1] = 1;
            continue;
        }
        const bool any = glob[i] == '?' && form.question;
        for (auto j = text.size(); j > 0; --j)
            at[j] = at[j - 1] != 0 && (any || text[j - 1] == glob[i]) ? 1 : 0;
        at[0] = 0;
    }
    return at[text.size()] != 0;
}

/// "docker.io/library/nginx:1.27"; the digest alone where there is one.
std::string whole(const model::ImageReference& image)
{
    return image.digest.empty() ? fmt::format("{}:{}", image.repository(), image.effective_tag())
                                : fmt::format("{}@{}", image.repository(), image.digest);
}

bool any_matches(const Value& globs, std::string_view text)
{
    return std::ranges::any_of(globs.items(), [&](const Value& glob) { return matches(glob.text(), text, k_free); });
}

/// True if `text` is `scope`, or goes on after it with a further component, or after a repository with its tag or digest. After a host a
/// colon begins a port, which makes it another one.
bool continues(std::string_view text, std::string_view scope)
{
    if (scope.empty() || !text.starts_with(scope)) return false;
    if (text.size() == scope.size() || text[scope.size()] == '/') return true;
    return scope.find('/') != std::string_view::npos && (text[scope.size()] == ':' || text[scope.size()] == '@');
}

} // namespace

Cover covered_by_verification(const Value& verification, const PatternedImage& image)
{
    const auto reference = whole(image.reference);
    const auto& globs = verification["imageReferences"];
    const auto old_form = verification["image"].text(); // of Kyverno before 1.6
    const bool named = globs.exists() ? any_matches(globs, reference) : old_form.empty() || matches(old_form, reference, k_free);
    return named && !any_matches(verification["skipImageReferences"], reference) ? Cover::yes : Cover::no;
}

Cover covered_by_references(const Value& references, const PatternedImage& image)
{
    if (references.items().empty()) return Cover::yes;
    auto cover = Cover::no;
    for (const auto& entry : references.items()) {
        const auto glob = entry["glob"].text();
        const bool followed = !glob.empty() && glob.find_first_of("[{\\") == std::string_view::npos;
        if (followed && matches(glob, image.text, k_free)) return Cover::yes;
        // It looks at what is written: "nginx" is not "docker.io/library/nginx" to every version.
        if (!followed || matches(glob, whole(image.reference), k_free)) cover = Cover::maybe;
    }
    return cover;
}

Cover covered_by_images(const Value& images, const PatternedImage& image)
{
    auto reference = whole(image.reference);
    if (image.reference.host == "docker.io") reference.insert(0, "index.");
    const auto names = [&](const Value& entry) {
        auto glob = entry["glob"].text();
        if (glob == "*") glob = "index.docker.io/library/*";
        if (glob == "*/*") glob = "index.docker.io/*/*";
        return matches(glob, reference, k_by_component) || matches(glob, image.text, k_by_component);
    };
    return std::ranges::any_of(images.items(), names) ? Cover::yes : Cover::maybe;
}

Cover covered_by_scopes(const Value& scopes, const PatternedImage& image)
{
    const auto reference = whole(image.reference);
    const auto names = [&](const Value& entry) {
        const auto scope = entry.text();
        if (scope.starts_with("*.")) return image.reference.host.size() > scope.size() - 1 && image.reference.host.ends_with(scope.substr(1));
        return continues(reference, scope);
    };
    return std::ranges::any_of(scopes.items(), names) ? Cover::yes : Cover::no;
}

} // namespace seaworthy::controls

// SPDX-License-Identifier: Apache-2.0
#include "kube/decode/spec_digest.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <openssl/evp.h>

namespace seaworthy::kube {

namespace {

constexpr std::string_view k_prefix = "kube-api-access-";
constexpr std::size_t k_suffix_size = 5;
// What follows the name in the API server's JSON, in its volume and in each mount of it. Nothing else in a pod spec looks so.
constexpr std::string_view k_volume_tail = R"(","projected":{"sources":[{"serviceAccountToken":)";
constexpr std::string_view k_mount_tail = R"(","readOnly":true,"mountPath":"/var/run/secrets/kubernetes.io/serviceaccount")";

bool is_suffix(std::string_view text)
{
    return text.size() == k_suffix_size &&
           std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

/// Offsets of the suffixes that may be left out; none where that could merge different specs.
void find_suffixes(std::string_view spec, std::vector<std::size_t>& offsets)
{
    offsets.clear();
    std::string_view common;
    std::size_t at = 0;
    const char* const end = spec.data() + spec.size();
    while (const void* hit = memmem(spec.data() + at, spec.size() - at, k_prefix.data(), k_prefix.size())) {
        const char* const suffix_begin = static_cast<const char*>(hit) + k_prefix.size();
        at = static_cast<std::size_t>(suffix_begin - spec.data());
        const std::string_view suffix = spec.substr(at, k_suffix_size);
        const std::string_view tail{suffix_begin + suffix.size(), static_cast<std::size_t>(end - suffix_begin) - suffix.size()};
        const bool generated =
            is_suffix(suffix) && (tail.substr(0, k_volume_tail.size()) == k_volume_tail || tail.substr(0, k_mount_tail.size()) == k_mount_tail);
        if (!generated || (!common.empty() && suffix != common)) {
            offsets.clear();
            return;
        }
        common = suffix;
        offsets.push_back(at);
    }
}

} // namespace

struct SpecDigest::State {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::vector<std::size_t> offsets;

    State() = default;
    State(const State&) = delete;
    State& operator=(const State&) = delete;
    ~State()
    {
        EVP_MD_CTX_free(context);
        EVP_MD_free(algorithm);
    }
};

SpecDigest::SpecDigest() : m_state(std::make_unique<State>()) {}
SpecDigest::~SpecDigest() = default;
SpecDigest::SpecDigest(SpecDigest&&) noexcept = default;

std::string SpecDigest::operator()(std::string_view spec, std::string_view node_name)
{
    find_suffixes(spec, m_state->offsets);
    EVP_DigestInit_ex2(m_state->context, m_state->algorithm, nullptr);
    std::size_t from = 0;
    const auto add_up_to = [&](std::size_t to) { EVP_DigestUpdate(m_state->context, spec.data() + from, to - from); };
    // A cut leaves a byte behind that JSON text cannot hold, so a spec with something left out never equals one written without it.
    const auto cut = [&](std::size_t at, std::size_t size) {
        if (at < from) return;
        add_up_to(at);
        EVP_DigestUpdate(m_state->context, "\0", 1);
        from = at + size;
    };
    const std::size_t node_at = node_name.empty() ? spec.size() : static_cast<std::size_t>(node_name.data() - spec.data());
    bool node_done = node_name.empty();
    for (const std::size_t offset : m_state->offsets) {
        if (!node_done && node_at < offset) {
            cut(node_at, node_name.size());
            node_done = true;
        }
        cut(offset, k_suffix_size);
    }
    if (!node_done) cut(node_at, node_name.size());
    add_up_to(spec.size());
    std::string digest(32, '\0');
    EVP_DigestFinal_ex(m_state->context, reinterpret_cast<unsigned char*>(digest.data()), nullptr); // NOLINT: OpenSSL's byte type
    return digest;
}

std::string_view stable_volume_name(std::string_view name)
{
    const bool generated =
        name.size() == k_prefix.size() + k_suffix_size && name.substr(0, k_prefix.size()) == k_prefix && is_suffix(name.substr(k_prefix.size()));
    return generated ? k_prefix.substr(0, k_prefix.size() - 1) : name;
}

} // namespace seaworthy::kube

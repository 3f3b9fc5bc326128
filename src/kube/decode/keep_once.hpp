// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "seaworthy/base/array.hpp"
#include "seaworthy/model/workload.hpp"

namespace seaworthy::kube {

// What a value is made of, to find its equal again. Texts and lists of Texts are stored once, so their addresses stand for their content.
inline auto parts(const model::ContainerStatus& it)
{
    return std::tuple{it.name,          it.image, it.image_id, it.waiting_reason, it.waiting_message, it.terminated_reason,
                      it.restart_count, it.ready, it.init};
}
inline auto parts(const model::Condition& it)
{
    return std::tuple{it.type, it.status, it.reason, it.message, it.last_transition.unix_seconds(), it.observed_generation};
}
inline auto parts(const model::EnvVar& it)
{
    return std::tuple{it.name, it.value, it.ref_name, it.ref_key, it.source, it.optional};
}
inline auto parts(const model::VolumeMount& it)
{
    return std::tuple{it.name, it.mount_path, it.sub_path, it.sub_path_expr, it.read_only};
}
inline auto parts(const model::Toleration& it)
{
    return std::tuple{it.key, it.op, it.value, it.effect};
}
inline auto parts(const model::Probe& it)
{
    return std::tuple{it.handler,          it.path, it.port, it.command.data(), it.initial_delay_seconds, it.period_seconds, it.timeout_seconds,
                      it.failure_threshold};
}
inline auto parts(const model::SecurityContext& it)
{
    return std::tuple{it.privileged,
                      it.allow_privilege_escalation,
                      it.run_as_non_root,
                      it.read_only_root_filesystem,
                      it.run_as_user,
                      it.run_as_group,
                      it.fs_group,
                      it.capabilities_add.data(),
                      it.capabilities_drop.data(),
                      it.seccomp_type};
}

/// The lists of one type that were stored, to store equal ones once.
template <typename T>
class KeptOnce {
public:
    [[nodiscard]] Array<T> list(std::span<const T> items, Arena& arena)
    {
        if (items.empty()) return {};
        std::uint64_t hash = items.size();
        for (const T& item : items)
            std::apply([&](const auto&... part) { (mix(hash, part), ...); }, parts(item));
        const auto equal = [](const T& a, const T& b) { return parts(a) == parts(b); };
        const auto [first, last] = m_known.equal_range(hash);
        for (auto at = first; at != last; ++at)
            if (std::equal(at->second.begin(), at->second.end(), items.begin(), items.end(), equal)) return at->second;
        return m_known.emplace(hash, Array<T>::copy(items, arena))->second;
    }

private:
    static void mix(std::uint64_t& hash, std::uint64_t value) { hash = (hash ^ value) * 0x9E3779B97F4A7C15U ^ hash >> 29U; }
    static void mix(std::uint64_t& hash, Text text) { mix(hash, text.view().data()); }
    static void mix(std::uint64_t& hash, const void* address) { mix(hash, std::uint64_t{reinterpret_cast<std::uintptr_t>(address)}); } // NOLINT
    template <typename Part>
    requires(std::is_integral_v<Part> || std::is_enum_v<Part>) static void mix(std::uint64_t& hash, Part part)
    {
        mix(hash, static_cast<std::uint64_t>(part));
    }
    template <typename Part>
    static void mix(std::uint64_t& hash, const std::optional<Part>& part)
    {
        mix(hash, static_cast<std::uint64_t>(part.value_or(Part{})) * 2U + (part ? 1U : 0U));
    }

    std::unordered_multimap<std::uint64_t, Array<T>> m_known;
};

} // namespace seaworthy::kube

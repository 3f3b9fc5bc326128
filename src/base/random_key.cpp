// SPDX-License-Identifier: Apache-2.0
#include "base/random_key.hpp"

#include <random>

namespace seaworthy {

const std::array<std::uint64_t, 4>& process_key()
{
    static const auto key = [] {
        std::random_device device;
        std::array<std::uint64_t, 4> words{};
        for (auto& word : words)
            word = (static_cast<std::uint64_t>(device()) << 32U) | device() | 1U;
        return words;
    }();
    return key;
}

} // namespace seaworthy

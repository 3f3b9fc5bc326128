// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

// A parser that reads what others wrote, and what must hold whatever they wrote. Each file is built twice: under clang as a program of
// libFuzzer, and into test_fuzz, which replays the seed corpus and a few thousand mutations of it in `make test`.
namespace seaworthy::fuzz {

struct Target {
    std::string_view name; ///< also of its folder below tests/fuzz/corpus
    void (*run)(std::string_view input);
};

/// Those of this program, in no order.
inline std::vector<Target>& targets()
{
    static std::vector<Target> list;
    return list;
}

struct Registration {
    explicit Registration(const Target& target) { targets().push_back(target); }
};

/// Ends the process, which is what libFuzzer and Catch2 report with the input at hand.
inline void require(bool holds)
{
    if (!holds) std::abort();
}

} // namespace seaworthy::fuzz

#ifdef SEAWORTHY_FUZZER
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): defines libFuzzer's entry point
#define SEAWORTHY_FUZZ_TARGET(name, input)                                                                                                           \
    static void fuzz_##name(std::string_view);                                                                                                       \
    extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)                                                                \
    {                                                                                                                                                \
        fuzz_##name({reinterpret_cast<const char*>(data), size});                                                                                    \
        return 0;                                                                                                                                    \
    }                                                                                                                                                \
    static void fuzz_##name(std::string_view input)
#else
// NOLINTNEXTLINE(cppcoreguidelines-macro-usage): registers a function under its own name
#define SEAWORTHY_FUZZ_TARGET(name, input)                                                                                                           \
    static void fuzz_##name(std::string_view);                                                                                                       \
    static const seaworthy::fuzz::Registration k_registered_##name{{#name, &fuzz_##name}};                                                           \
    static void fuzz_##name(std::string_view input)
#endif

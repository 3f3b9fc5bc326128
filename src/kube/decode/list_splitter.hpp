// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "seaworthy/base/error.hpp"

namespace seaworthy::kube {

/// The JSON text of one object. At least k_json_padding bytes behind it are readable, because the parser reads ahead.
/// Valid only during the call that hands it out.
struct PaddedJson {
    std::string_view text;
};
inline constexpr std::size_t k_json_padding = 64;

/// What a list says about itself, as far as it has been read. The API server sends `metadata` before `items` for built-in
/// kinds and after them for custom resources (their keys are sorted).
struct ListEnvelope {
    std::string api_version;
    std::string kind;           ///< "PodList", "List", "Table", "Status"
    std::string continue_token; ///< empty: the last page, or not read yet
    std::string resource_version;
    std::optional<std::int64_t> remaining_items;
    bool metadata_seen = false; ///< `metadata` has been read to its end
    bool items_seen = false;    ///< there was an `items` or `rows` member
};

struct SplitLimits {
    std::size_t object_bytes = 4U << 20U; ///< a larger element is skipped
    std::uint32_t depth = 64;             ///< of nested objects and arrays inside an element; a deeper one is skipped
    std::uint64_t elements = 5'000'000;   ///< more are an error
};

/// Receives what a ListSplitter finds, in the order of the body.
class ListSink {
public:
    virtual ~ListSink() = default;
    /// One element of `items` or `rows`, whole.
    virtual void element(PaddedJson json) = 0;
    /// An element beyond a limit; the list goes on behind it. `head` is its beginning, for naming the object.
    virtual void skipped(std::string_view reason, std::string_view head) = 0;
    /// `metadata` has just been read: the next page can be asked for.
    virtual void metadata(const ListEnvelope&) {}
};

/// Cuts the JSON body of a list, fed in chunks of any size, into its elements. Nothing larger than one element is ever
/// contiguous in memory. Elements are only delimited here: whether their inside is JSON is the decoder's business.
class ListSplitter {
public:
    explicit ListSplitter(ListSink& sink, SplitLimits limits = {});
    ~ListSplitter();
    ListSplitter(ListSplitter&&) noexcept;

    /// Takes the next bytes. After an error nothing more is taken. The error names the offset in the body.
    [[nodiscard]] Result<void> feed(std::string_view chunk);
    /// The body has ended: an error where it ended too early.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] const ListEnvelope& envelope() const;
    [[nodiscard]] std::uint64_t elements() const; ///< skipped ones included
    [[nodiscard]] std::uint64_t bytes() const;

private:
    class Machine;
    std::unique_ptr<Machine> m_machine;
};

} // namespace seaworthy::kube

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "seaworthy/base/error.hpp"

namespace seaworthy::kube {

/// Something in the input files that could not be read.
struct InputProblem {
    std::string file;
    std::size_t line = 0;   ///< 1-based; 0: the file as a whole
    std::size_t column = 0; ///< 1-based; 0: unknown
    std::string reason;
    std::string kind; ///< of the object, where a line of its text says so
    std::string api_version;

    /// "FILE:LINE:COLUMN: REASON".
    [[nodiscard]] std::string text() const;
};

/// One Kubernetes object in a file. Valid during the call that hands it out.
struct FileObject {
    std::string_view json; ///< at least 64 bytes behind it are readable
    std::string api_version;
    std::string kind;
    std::string ns; ///< as written
    std::string name;
    const std::string& file;
    std::size_t line = 0; ///< where its document begins
};

/// Finds the Kubernetes objects in manifest and snapshot files: folders recursively (*.yaml, *.yml, *.json; not those in hidden folders),
/// `-` for standard input; several documents a file; lists unfolded. A JSON list of any size is streamed; a YAML document or another
/// JSON document may have 64 MiB. Order: the paths as given, a folder's files by name.
class ObjectFiles {
public:
    explicit ObjectFiles(std::vector<std::string> paths);
    ~ObjectFiles();
    ObjectFiles(ObjectFiles&&) noexcept;

    /// Looks for the files and takes in standard input. An error for a path that is not there and where there is no file at all.
    [[nodiscard]] Result<void> open();

    struct Visit {
        std::function<void(const FileObject&)> object;
        std::function<void(InputProblem)> problem;
        std::function<void(std::string)> warning; ///< documents that are no Kubernetes objects
        /// Where set, only documents whose text holds one of these words are looked at.
        std::vector<std::string_view> only_with;
    };
    /// Reads all files from their beginning; may be called again. Stops early when asked to.
    void read(const Visit& visit, const std::stop_token& stop) const;

    [[nodiscard]] const std::vector<std::string>& paths() const { return m_paths; }

private:
    struct Source;
    std::vector<std::string> m_paths;
    std::vector<Source> m_sources;
};

} // namespace seaworthy::kube

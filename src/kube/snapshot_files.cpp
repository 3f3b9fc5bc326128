// SPDX-License-Identifier: Apache-2.0
#include "seaworthy/kube/snapshot_files.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "kube/decode/element_scanner.hpp"
#include "kube/decode/identity.hpp"
#include "kube/decode/list_splitter.hpp"
#include "seaworthy/base/printable.hpp"
#include "seaworthy/base/yaml_json.hpp"

namespace seaworthy::kube {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t k_document_bytes = 64U << 20U;
constexpr std::size_t k_chunk_bytes = 256U << 10U;
constexpr int k_nested_lists = 3;

struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

bool has_manifest_suffix(const fs::path& path)
{
    const std::string suffix = path.extension().string();
    return suffix == ".yaml" || suffix == ".yml" || suffix == ".json";
}

std::size_t read_some(std::FILE* file, std::string& buffer, std::size_t size)
{
    const std::size_t before = buffer.size();
    buffer.resize(before + size);
    const std::size_t got = std::fread(buffer.data() + before, 1, size, file);
    buffer.resize(before + got);
    return got;
}

bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

std::size_t count_lines(std::string_view text)
{
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool holds_any(std::string_view text, const std::vector<std::string_view>& words)
{
    return words.empty() || std::any_of(words.begin(), words.end(),
                                        [&](std::string_view word) { return memmem(text.data(), text.size(), word.data(), word.size()) != nullptr; });
}

/// The value of a top-level `key: value` line; for naming the object of a document that cannot be read.
std::string sniff_line(std::string_view text, std::string_view key)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (line.size() <= key.size() || line.substr(0, key.size()) != key || line[key.size()] != ':') continue;
        line.remove_prefix(key.size() + 1);
        std::string word;
        for (const char c : line)
            if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '/' || c == '-') word += c;
        return word;
    }
    return {};
}

std::string drop_suffix(std::string_view text, std::string_view suffix)
{
    const bool there = text.size() > suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
    return std::string{there ? text.substr(0, text.size() - suffix.size()) : std::string_view{}};
}

constexpr std::string_view k_mark = "\n---";

/// Where the next document begins, behind `from`; npos if that is not in the buffer, or not certain before more is read.
std::size_t find_mark(std::string_view buffer, std::size_t from, bool more)
{
    for (std::size_t at = buffer.find(k_mark, from); at != std::string_view::npos; at = buffer.find(k_mark, at + 1)) {
        const std::size_t behind = at + k_mark.size();
        if (behind == buffer.size()) return more ? std::string_view::npos : at + 1;
        if (is_space(buffer[behind])) return at + 1;
    }
    return std::string_view::npos;
}

/// Reads one file.
class FileReader {
public:
    FileReader(const std::string& name, std::FILE* file, const ObjectFiles::Visit& visit, const std::stop_token& stop)
        : m_name(name), m_file(file), m_visit(visit), m_stop(stop)
    {}

    void read()
    {
        std::string head;
        read_some(m_file, head, k_chunk_bytes);
        const auto first = std::find_if_not(head.begin(), head.end(), is_space);
        const bool json = m_name.size() > 5 && m_name.substr(m_name.size() - 5) == ".json";
        const auto second = first == head.end() ? first : std::find_if_not(first + 1, head.end(), is_space);
        // JSON by its name or by how it begins: a YAML flow map seldom quotes its first key.
        if (json || (first != head.end() && *first == '{' && second != head.end() && (*second == '"' || *second == '}')))
            read_json(std::move(head));
        else
            read_yaml(std::move(head));
    }

private:
    struct Lists;
    void read_json(std::string head);
    void read_yaml(std::string buffer);
    void stream_json(std::string chunk);
    void json_documents(std::string_view text, std::size_t line);
    void yaml_document(std::string_view text, std::size_t line);
    /// A JSON document: a list or one object. `padded`: as PaddedJson wants it.
    void json_document(std::string_view padded, std::size_t line, bool from_yaml, int nesting);
    void object(std::string_view padded, std::size_t line, std::string_view list_api_version, std::string_view list_kind, int nesting);
    void problem(std::size_t line, std::size_t column, const std::string& reason, std::string_view text = {})
    {
        m_visit.problem({m_name, line, column, printable(reason), sniff_line(text, "kind"), sniff_line(text, "apiVersion")});
    }

    const std::string& m_name;
    std::FILE* m_file;
    const ObjectFiles::Visit& m_visit;
    const std::stop_token& m_stop;
    IdentityReader m_identify;
};

/// Hands the elements of a list on as objects.
struct FileReader::Lists final : ListSink {
    Lists(FileReader& reader, std::size_t at_line, int level) : m_reader(reader), m_line(at_line), m_nesting(level) {}

    void element(PaddedJson json) override
    {
        if (m_reader.m_stop.stop_requested()) return;
        if (!holds_any(json.text, m_reader.m_visit.only_with)) return;
        const std::string kind = drop_suffix(splitter->envelope().kind, "List");
        m_reader.object(json.text, m_line, splitter->envelope().api_version, kind, m_nesting + 1);
    }
    void skipped(std::string_view reason, std::string_view) override
    {
        m_reader.problem(m_line, 0, fmt::format("element {} of the list was not read: {}", splitter->elements(), reason));
    }
    const ListSplitter* splitter = nullptr;

private:
    FileReader& m_reader;
    std::size_t m_line;
    int m_nesting;
};

void FileReader::read_json(std::string head)
{
    if (head.size() == k_chunk_bytes) head.reserve(k_document_bytes + 2 * k_chunk_bytes); // growing would hold it twice; unused pages cost nothing
    while (head.size() <= k_document_bytes)
        if (read_some(m_file, head, k_chunk_bytes) == 0) break;
    if (head.size() > k_document_bytes)
        stream_json(std::move(head));
    else {
        head.append(k_json_padding, ' ');
        json_documents(std::string_view{head}.substr(0, head.size() - k_json_padding), 1);
    }
}

/// A file that is too big for memory must be one list.
void FileReader::stream_json(std::string chunk)
{
    Lists lists{*this, 1, 0};
    ListSplitter splitter{lists};
    lists.splitter = &splitter;
    std::size_t line = 1;
    Result<void> result;
    do {
        result = splitter.feed(chunk);
        line += count_lines(chunk);
        if (chunk.size() > k_chunk_bytes) chunk = std::string{}; // the beginning, which was read to see how large the file is
        chunk.clear();
    } while (result && !m_stop.stop_requested() && read_some(m_file, chunk, k_chunk_bytes) > 0);
    if (m_stop.stop_requested()) return;
    if (result) result = splitter.finish();
    if (!result)
        problem(line, 0, result.error().message);
    else if (!splitter.envelope().items_seen)
        problem(1, 0,
                fmt::format("larger than {} MiB and not a list: save the objects as one list (kubectl get -o json) or as several files",
                            k_document_bytes >> 20U));
}

/// A line that separates YAML documents: also found between documents that are JSON.
bool is_separator(std::string_view text)
{
    if (!text.starts_with("---")) return false;
    const auto rest = text.substr(3, text.find('\n', 3) - 3);
    return std::all_of(rest.begin(), rest.end(), is_space);
}

/// JSON documents one behind the other.
void FileReader::json_documents(std::string_view text, std::size_t line)
{
    ElementScanner scanner;
    for (std::size_t at = 0; at < text.size() && !m_stop.stop_requested();) {
        if (is_space(text[at])) {
            line += text[at++] == '\n' ? 1U : 0U;
            continue;
        }
        if (is_separator(text.substr(at))) {
            at += 3;
            continue;
        }
        std::size_t size = text.size() - at;
        if (text[at] == '{') {
            scanner.begin();
            const std::size_t end = scanner.scan(text.substr(at));
            if (scanner.done()) size = end;
        }
        const auto document = text.substr(at, size);
        if (holds_any(document, m_visit.only_with)) json_document(document, line, false, 0);
        line += count_lines(document);
        at += size;
    }
}

void FileReader::json_document(std::string_view padded, std::size_t line, bool from_yaml, int nesting)
{
    Lists lists{*this, line, nesting};
    ListSplitter splitter{lists};
    lists.splitter = &splitter;
    auto result = splitter.feed(padded);
    if (result) result = splitter.finish();
    if (!result) {
        const auto before = padded.substr(0, from_yaml ? 0 : splitter.bytes());
        const std::size_t newline = before.rfind('\n');
        problem(line + count_lines(before), before.size() - (newline == std::string_view::npos ? 0 : newline + 1) + 1, result.error().message,
                padded);
    } else if (!splitter.envelope().items_seen) {
        object(padded, line, {}, {}, nesting);
    }
}

void FileReader::object(std::string_view padded, std::size_t line, std::string_view list_api_version, std::string_view list_kind, int nesting)
{
    auto identity = m_identify({padded});
    if (!identity) return problem(line, 0, identity.error().message);
    if (identity->kind.empty() && !list_kind.empty()) {
        identity->kind = list_kind;
        identity->api_version = list_api_version;
    }
    if (identity->kind.empty() && identity->api_version.empty()) {
        if (m_visit.warning)
            m_visit.warning(printable(fmt::format("{}:{}: neither apiVersion nor kind: not a Kubernetes object, left out", m_name, line)));
        return;
    }
    if (identity->kind.empty() || identity->api_version.empty())
        return problem(line, 0, identity->kind.empty() ? "kind is missing" : "apiVersion is missing");
    if (identity->has_items && nesting > 0) {
        if (nesting > k_nested_lists) return problem(line, 0, "lists nested too deeply");
        return json_document(padded, line, true, nesting);
    }
    m_visit.object(
        {padded, std::move(identity->api_version), std::move(identity->kind), std::move(identity->ns), std::move(identity->name), m_name, line});
}

/// Cuts at lines that begin with `---`, as kubectl does.
void FileReader::read_yaml(std::string buffer)
{
    std::size_t line = 1;
    std::size_t searched = 0;
    bool skipping = false; ///< inside a document that is too large
    for (bool more = true; more && !m_stop.stop_requested();) {
        more = read_some(m_file, buffer, k_chunk_bytes) > 0;
        std::size_t from = 0;
        for (std::size_t mark = 0; (mark = find_mark(buffer, std::max(from, searched), more)) != std::string::npos; from = mark) {
            const auto text = std::string_view{buffer}.substr(from, mark - from);
            if (!skipping) yaml_document(text, line);
            skipping = false;
            line += count_lines(text);
        }
        buffer.erase(0, from);
        if (buffer.size() > k_document_bytes) {
            if (!skipping)
                problem(line, 0,
                        fmt::format("a YAML document of more than {} MiB: split it, or save it as a JSON list, which is read as a stream",
                                    k_document_bytes >> 20U));
            skipping = true;
            const std::size_t kept = buffer.size() - k_mark.size();
            line += count_lines(std::string_view{buffer}.substr(0, kept));
            buffer.erase(0, kept);
        }
        searched = buffer.size() > k_mark.size() ? buffer.size() - k_mark.size() : 0;
    }
    if (!skipping && !m_stop.stop_requested()) yaml_document(buffer, line);
}

void FileReader::yaml_document(std::string_view text, std::size_t line)
{
    if (!holds_any(text, m_visit.only_with)) return;
    // The first line that says something is where the document begins for people; comments and directives alone are none.
    std::size_t content_line = line;
    bool has_content = false;
    for (std::size_t at = 0; at < text.size() && !has_content; ++content_line) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view row = text.substr(at, end - at);
        at = end + 1;
        if (row.substr(0, 3) == "---") row.remove_prefix(3);
        while (!row.empty() && is_space(row.front()))
            row.remove_prefix(1);
        has_content = !row.empty() && row.front() != '#' && row.front() != '%' && row != "...";
        if (has_content) break;
    }
    if (!has_content) return;
    auto json = yaml_to_json(text);
    if (!json) return problem(line + json.error().line - 1, json.error().column, json.error().reason, text);
    if (*json == "null") return;
    const std::size_t size = json->size();
    json->append(k_json_padding, ' ');
    const auto padded = std::string_view{*json}.substr(0, size);
    if (padded.front() != '{') return problem(content_line, 1, "not a Kubernetes object: the document is no map", text);
    json_document(padded, content_line, true, 0);
}

} // namespace

std::string InputProblem::text() const
{
    std::string where = printable(file);
    if (line != 0) where += fmt::format(":{}", line);
    if (column != 0) where += fmt::format(":{}", column);
    return fmt::format("{}: {}", where, reason);
}

struct ObjectFiles::Source {
    std::string name;
    File spooled; ///< standard input, kept in a nameless file so that it can be read twice
};

ObjectFiles::ObjectFiles(std::vector<std::string> paths) : m_paths(std::move(paths)) {}
ObjectFiles::~ObjectFiles() = default;
ObjectFiles::ObjectFiles(ObjectFiles&&) noexcept = default;

Result<void> ObjectFiles::open()
{
    m_sources.clear();
    for (const std::string& path : m_paths) {
        if (path == "-") {
            Source source{"<stdin>", File{std::tmpfile()}};
            if (!source.spooled) return failure(Error::Kind::internal, "cannot create a temporary file for standard input", "check TMPDIR");
            std::string chunk;
            while (read_some(stdin, chunk, k_chunk_bytes) > 0) {
                if (std::fwrite(chunk.data(), 1, chunk.size(), source.spooled.get()) != chunk.size())
                    return failure(Error::Kind::internal, "cannot keep standard input in a temporary file: the disk is full");
                chunk.clear();
            }
            m_sources.push_back(std::move(source));
            continue;
        }
        std::error_code error;
        const auto status = fs::status(path, error);
        if (!fs::exists(status)) return failure(Error::Kind::not_found, fmt::format("{}: no such file or folder", printable(path)));
        if (!fs::is_directory(status)) {
            m_sources.push_back({path, {}});
            continue;
        }
        std::vector<std::string> found;
        fs::recursive_directory_iterator walk{path, fs::directory_options::skip_permission_denied, error};
        for (; !error && walk != fs::recursive_directory_iterator{}; walk.increment(error)) {
            const fs::path& entry = walk->path();
            std::error_code ignored;
            if (walk->is_directory(ignored) && !entry.filename().empty() && entry.filename().string().front() == '.')
                walk.disable_recursion_pending();
            else if (walk->is_regular_file(ignored) && has_manifest_suffix(entry))
                found.push_back(entry.string());
        }
        if (error) return failure(Error::Kind::invalid_input, fmt::format("{}: cannot list the folder: {}", printable(path), error.message()));
        std::sort(found.begin(), found.end());
        for (auto& file : found)
            m_sources.push_back({std::move(file), {}});
    }
    if (!m_sources.empty()) return {};
    std::string folders;
    for (const std::string& path : m_paths)
        folders += fmt::format("{}{}", folders.empty() ? "" : ", ", printable(path));
    return failure(Error::Kind::not_found,
                   fmt::format("no Kubernetes objects in {} (looked for *.yaml, *.yml, *.json)", folders.empty() ? "nothing" : folders));
}

void ObjectFiles::read(const Visit& visit, const std::stop_token& stop) const
{
    for (const Source& source : m_sources) {
        if (stop.stop_requested()) return;
        File opened;
        std::FILE* file = source.spooled.get();
        if (file != nullptr) {
            std::rewind(file);
        } else {
            opened.reset(std::fopen(source.name.c_str(), "rbe"));
            file = opened.get();
        }
        if (file == nullptr) {
            visit.problem({source.name, 0, 0, fmt::format("cannot be opened: {}", std::strerror(errno)), {}, {}});
            continue;
        }
        FileReader{source.name, file, visit, stop}.read();
        if (std::ferror(file) != 0) visit.problem({source.name, 0, 0, "cannot be read to its end", {}, {}});
    }
}

} // namespace seaworthy::kube

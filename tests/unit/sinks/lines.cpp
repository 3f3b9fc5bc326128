// SPDX-License-Identifier: Apache-2.0
#include "sinks/lines.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "scripted.hpp"
#include "seaworthy/base/descriptor.hpp"
#include "seaworthy/base/file_content.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

std::string lines_of(int from, int to)
{
    std::string text;
    for (const auto& row : numbered(from, to))
        text += row.body + "\n";
    return text;
}

std::string content(const std::string& path)
{
    return must(read_file(path));
}

config::Sink file_sink(const TemporaryDirectory& directory)
{
    config::Sink sink;
    sink.name = "audit";
    sink.type = config::Sink::Type::file;
    sink.path = directory.path("events.jsonl");
    return sink;
}

/// A limit of file sizes stands for a full disk.
class SmallFiles {
public:
    explicit SmallFiles(rlim_t bytes)
    {
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        m_handler = ::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    SmallFiles(const SmallFiles&) = delete;
    SmallFiles& operator=(const SmallFiles&) = delete;
    ~SmallFiles()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        ::signal(SIGXFSZ, m_handler);
    }

private:
    rlimit m_before{};
    sighandler_t m_handler = nullptr;
};

} // namespace

TEST_CASE("a file gets one event a line, behind what it has")
{
    const TemporaryDirectory directory;
    const auto sink = file_sink(directory);
    directory.write("events.jsonl", "{\"old\":1}\n");
    const auto transport = sinks::make_file(sink);
    CHECK(transport->send(numbered(1, 3), {}).answer == Answer::delivered);
    CHECK(transport->send(numbered(4, 4), {}).answer == Answer::delivered);
    CHECK(content(sink.path) == "{\"old\":1}\n" + lines_of(1, 4));
}

TEST_CASE("a new file is for its owner and group")
{
    const TemporaryDirectory directory;
    const auto sink = file_sink(directory);
    CHECK(sinks::make_file(sink)->send(numbered(1, 1), {}).answer == Answer::delivered);
    CHECK((std::filesystem::status(sink.path).permissions() & std::filesystem::perms::others_all) == std::filesystem::perms::none);
}

TEST_CASE("a file that would grow too long is renamed, and a new one begun")
{
    const TemporaryDirectory directory;
    auto sink = file_sink(directory);
    sink.max_file.bytes = lines_of(1, 3).size();
    const auto transport = sinks::make_file(sink);
    CHECK(transport->send(numbered(1, 2), {}).answer == Answer::delivered);
    CHECK(transport->send(numbered(3, 3), {}).answer == Answer::delivered);
    CHECK_FALSE(std::filesystem::exists(sink.path + ".1"));
    CHECK(transport->send(numbered(4, 5), {}).answer == Answer::delivered);
    CHECK(content(sink.path + ".1") == lines_of(1, 3));
    CHECK(content(sink.path) == lines_of(4, 5));
    CHECK(transport->send(numbered(6, 9), {}).answer == Answer::delivered); // longer than a file may be: it has one of its own
    CHECK(content(sink.path + ".1") == lines_of(4, 5));
    CHECK(content(sink.path) == lines_of(6, 9));
}

TEST_CASE("a file that was moved away or deleted is opened anew")
{
    const TemporaryDirectory directory;
    const auto sink = file_sink(directory);
    const auto transport = sinks::make_file(sink);
    CHECK(transport->send(numbered(1, 1), {}).answer == Answer::delivered);
    std::filesystem::rename(sink.path, sink.path + ".old");
    CHECK(transport->send(numbered(2, 2), {}).answer == Answer::delivered);
    std::filesystem::remove(sink.path);
    CHECK(transport->send(numbered(3, 3), {}).answer == Answer::delivered);
    CHECK(content(sink.path + ".old") == lines_of(1, 1));
    CHECK(content(sink.path) == lines_of(3, 3));
}

TEST_CASE("of a write that fails half-way, whole lines stay and count")
{
    const TemporaryDirectory directory;
    const auto sink = file_sink(directory);
    const auto transport = sinks::make_file(sink);
    Delivery delivery;
    {
        const SmallFiles limit{lines_of(1, 2).size() + 5};
        delivery = transport->send(numbered(1, 4), {});
    }
    CHECK(delivery.answer == Answer::transient);
    CHECK(delivery.accepted_first == 2);
    CHECK(content(sink.path) == lines_of(1, 2));
    CHECK(transport->send(numbered(3, 4), {}).answer == Answer::delivered);
    CHECK(content(sink.path) == lines_of(1, 4));
}

TEST_CASE("after a line that was torn by a crash, events begin on a line of their own")
{
    const TemporaryDirectory directory;
    const auto sink = file_sink(directory);
    directory.write("events.jsonl", R"({"metadata":{"ui)");
    CHECK(sinks::make_file(sink)->send(numbered(1, 1), {}).answer == Answer::delivered);
    CHECK(content(sink.path) == "{\"metadata\":{\"ui\n" + lines_of(1, 1));
}

TEST_CASE("a path that cannot be written is a fault of the sink")
{
    const TemporaryDirectory directory;
    auto sink = file_sink(directory);
    sink.path = directory.path(GENERATE("no/such/directory", ""));
    const auto delivery = sinks::make_file(sink)->send(numbered(1, 1), {});
    CHECK(delivery.answer == Answer::sink_fault);
    CHECK(delivery.reason == "path");
    CHECK(delivery.detail.find(sink.path) == 0);
}

TEST_CASE("a device that is full is waited for")
{
    const TemporaryDirectory directory;
    auto sink = file_sink(directory);
    sink.path = "/dev/full";
    const auto delivery = sinks::make_file(sink)->send(numbered(1, 1), {});
    CHECK(delivery.answer == Answer::transient);
    CHECK(delivery.reason == "disk_full");
    CHECK(delivery.accepted_first == 0);
}

TEST_CASE("a pipe whose reader is slow takes what it can, and nothing twice")
{
    int ends[2] = {};
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const Descriptor reader{ends[0]};
    Descriptor writer{ends[1]};
    config::Sink sink;
    sink.timeout = 1ms;
    const auto transport = sinks::make_stream(sink, writer.number());
    const auto events = numbered(1, 4000);
    const auto delivery = transport->send(events, {});
    CHECK(delivery.answer == Answer::transient);
    CHECK(delivery.reason == "timeout");
    REQUIRE(delivery.accepted_first > 100);
    REQUIRE(delivery.accepted_first < 4000);

    std::string got(1U << 20U, '\0');
    const auto size = ::read(reader.number(), got.data(), got.size());
    REQUIRE(size > 0);
    got.resize(static_cast<std::size_t>(size));
    const std::vector next(events.end() - 3, events.end());
    CHECK(transport->send(next, {}).answer == Answer::delivered);
    writer.close();
    std::string rest(1U << 20U, '\0');
    const auto more = ::read(reader.number(), rest.data(), rest.size());
    rest.resize(static_cast<std::size_t>(std::max<ssize_t>(more, 0)));
    std::istringstream all{got + rest};
    std::size_t whole = 0;
    for (std::string line; std::getline(all, line);)
        if (line.ends_with("}}")) ++whole;
    CHECK(whole == delivery.accepted_first + next.size());
}

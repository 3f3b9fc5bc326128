// SPDX-License-Identifier: Apache-2.0
// What a store makes of the file that it finds.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <sqlite3.h>

#include "seaworthy/base/file_content.hpp"
#include "spool.hpp"
#include "state/location.hpp"
#include "state/schema.hpp"

using namespace seaworthy;
using namespace seaworthy::test;

namespace {

void write_file(const std::string& path, const std::string& content)
{
    std::ofstream{path, std::ios::binary} << content;
}

/// Overwrites bytes in the middle of a file.
void damage(const std::string& path, std::streamoff from, std::size_t bytes)
{
    std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
    file.seekp(from);
    file << std::string(bytes, '\xa5');
}

/// Lets SQLite itself run a script, as an operator or another program would.
void run_sql(const std::string& path, const std::string& sql)
{
    sqlite3* database = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
    INFO(sqlite3_errmsg(database));
    REQUIRE(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(database);
}

/// A database with 200 events of 3 kB and a sink; without a log, which would heal what it has of a damaged file.
void fill(const Spool& spool)
{
    {
        const auto store = spool.open();
        must(store->set_sinks({"a"}));
        std::vector<state::EventRow> events;
        for (int i = 0; i < 200; ++i)
            events.push_back(event("e" + std::to_string(i)));
        write(*store, events);
    }
    std::filesystem::remove(spool.log());
}

void check_fresh(const state::Store& opened, state::Store& store, const Spool& spool)
{
    CHECK(opened.quarantined().starts_with(spool.path() + ".corrupt-20260821T"));
    must(store.set_sinks({"a"}));
    CHECK(waiting(store, "a").empty());
    write(store, {event("new")});
    CHECK(uids(waiting(store, "a")) == std::vector<std::string>{"new"});
}

} // namespace

TEST_CASE("siem row 7: a damaged database is moved aside, a new one begun, and the next start finds that one sound", "[opening]")
{
    const Spool spool;
    std::string content;
    SECTION("no database at all")
    {
        write_file(spool.path(), "kind: ConfigMap\n");
    }
    SECTION("of length zero")
    {
        write_file(spool.path(), "");
    }
    SECTION("cut in the middle")
    {
        fill(spool);
        std::filesystem::resize_file(spool.path(), std::filesystem::file_size(spool.path()) / 2);
    }
    SECTION("cut within the first page")
    {
        fill(spool);
        std::filesystem::resize_file(spool.path(), 600);
    }
    SECTION("a damaged header")
    {
        fill(spool);
        damage(spool.path(), 0, 32);
    }
    SECTION("damaged pages of the schema")
    {
        fill(spool);
        damage(spool.path(), 100, 4000);
    }
    SECTION("damaged pages of tables")
    {
        fill(spool);
        damage(spool.path(), 4096, 40 * 4096);
    }
    SECTION("a sound database that lacks a table")
    {
        fill(spool);
        run_sql(spool.path(), "DROP TABLE parked");
    }
    SECTION("a sound database with a trigger that nobody of ours made")
    {
        fill(spool);
        run_sql(spool.path(), "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END");
    }
    content = must(read_file(spool.path(), 16 * k_mib));
    {
        const auto store = spool.open();
        check_fresh(*store, *store, spool);
        const bool is_unchanged = must(read_file(store->quarantined(), 16 * k_mib)) == content;
        CHECK(is_unchanged); // for whoever looks into it
    }
    const auto again = spool.open();
    CHECK(again->quarantined().empty());
    CHECK(uids(waiting(*again, "a")) == std::vector<std::string>{"new"});
}

TEST_CASE("siem row 7: of damaged databases one is kept, so that they do not fill the volume", "[opening]")
{
    const Spool spool;
    write_file(spool.path(), "first");
    CHECK_FALSE(spool.open()->quarantined().empty());
    write_file(spool.path(), "second");
    auto options = spool.options();
    options.now = [] { return state::Milliseconds{1'800'000'000'000}; };
    const auto store = must(state::Store::open(options));
    CHECK(must(read_file(store->quarantined())) == "second");
    int copies = 0;
    for (const auto& entry : std::filesystem::directory_iterator{spool.directory().path()}) {
        const auto name = entry.path().filename().string();
        copies += name.find(".corrupt-") != std::string::npos && !name.ends_with("-wal") ? 1 : 0;
    }
    CHECK(copies == 1);
}

TEST_CASE("siem row 7: after a log that was cut or lost no number is given a second time", "[opening]")
{
    const Spool spool;
    std::int64_t last = 0;
    {
        const auto store = spool.open();
        must(store->set_sinks({"a"}));
        write(*store, {event("e1"), event("e2")});
        last = waiting(*store, "a").back().sequence;
    }
    SECTION("cut")
    {
        std::filesystem::resize_file(spool.log(), 10'000);
    }
    SECTION("cut within its header")
    {
        std::filesystem::resize_file(spool.log(), 20);
    }
    SECTION("lost")
    {
        std::filesystem::remove(spool.log());
    }
    const auto log_bytes = [&] { return std::filesystem::file_size(spool.log()); };
    {
        const auto store = spool.open();
        CHECK(store->quarantined().empty());
        write(*store, {event("e3")});
        CHECK(waiting(*store, "a").back().sequence > last + 100'000);
        last = waiting(*store, "a").back().sequence;
        CHECK(log_bytes() > k_mib); // its place is taken again
    }
    const auto store = spool.open();
    write(*store, {event("e4")});
    CHECK(waiting(*store, "a").back().sequence == last + 1);
}

TEST_CASE("siem row 8: a second store on the same path is refused with what to do, and the first goes on", "[opening]")
{
    const Spool spool;
    const auto first = spool.open();
    const auto error = refusal_of(state::Store::open(spool.options()));
    CHECK(error.kind == Error::Kind::usage);
    CHECK(error.message.find(spool.path()) != std::string::npos);
    CHECK(error.hint.find("another process has it open") != std::string::npos);
    CHECK(first->quarantined().empty());
    must(first->set_sinks({"a"}));
    write(*first, {event("e1")});
    CHECK(waiting(*first, "a").size() == 1);
    CHECK_FALSE(state::Store::open(spool.options())); // still
}

TEST_CASE("another program's database is refused, and not touched", "[opening]")
{
    const Spool spool;
    run_sql(spool.path(), "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('https://example.org')");
    const auto error = refusal_of(state::Store::open(spool.options()));
    CHECK(error.kind == Error::Kind::usage);
    CHECK(error.message.find("another program") != std::string::npos);
    CHECK(error.hint.find("spool.path") != std::string::npos);
    run_sql(spool.path(), "INSERT INTO bookmarks SELECT url FROM bookmarks");
}

TEST_CASE("a database of a later version is refused with what to do, and not touched", "[opening]")
{
    const Spool spool;
    fill(spool);
    run_sql(spool.path(), "PRAGMA user_version = 999");
    const auto error = refusal_of(state::Store::open(spool.options()));
    CHECK(error.kind == Error::Kind::usage);
    CHECK(error.message.find("999") != std::string::npos);
    CHECK(error.hint.find("later") != std::string::npos);
    run_sql(spool.path(), "PRAGMA user_version = " + std::to_string(state::migrations().size()));
    CHECK(waiting(*spool.open(), "a").size() == 200);
}

TEST_CASE("a path that cannot hold a database is refused by name", "[opening]")
{
    const Spool spool;
    const auto refused = [&](const std::string& path) {
        auto options = spool.options();
        options.path = path;
        auto error = refusal_of(state::Store::open(options));
        CHECK(error.kind == Error::Kind::usage);
        CHECK(error.message.find(path) != std::string::npos);
        CHECK_FALSE(error.hint.empty());
        return error.message;
    };
    CHECK(refused(spool.directory().path("missing/spool.db")).find("No such file or directory") != std::string::npos);
    std::filesystem::create_directory(spool.path());
    CHECK(refused(spool.path()).find("no regular file") != std::string::npos);
    write_file(spool.directory().path("file"), "x");
    CHECK(refused(spool.directory().path("file") + "/spool.db").find("Not a directory") != std::string::npos);
}

TEST_CASE("siem row 7: network file systems and FUSE are refused, local ones are not", "[opening]")
{
    CHECK(state::refused_file_system(0x6969) == "NFS");
    CHECK(state::refused_file_system(0xff534d42) == "CIFS");
    CHECK(state::refused_file_system(static_cast<std::int32_t>(0xff534d42)) == "CIFS"); // where f_type is a signed word
    CHECK(state::refused_file_system(0xfe534d42) == "SMB2");
    CHECK(state::refused_file_system(0x65735546) == "FUSE");
    for (const std::int64_t local : {0xef53, 0x58465342, 0x01021994, 0x794c7630})
        CHECK(state::refused_file_system(local).empty()); // ext4, XFS, tmpfs, overlayfs
}

TEST_CASE("a database that is too small to be one is refused", "[opening]")
{
    const Spool spool{1000};
    CHECK(refusal_of(state::Store::open(spool.options())).kind == Error::Kind::usage);
}

TEST_CASE("files that others could read are their owner's only from the next start", "[opening]")
{
    const Spool spool;
    fill(spool);
    (void)spool.open();
    for (const auto& file : {spool.path(), spool.log()})
        std::filesystem::permissions(file, std::filesystem::perms{0664});
    const auto store = spool.open();
    for (const auto& file : {spool.path(), spool.log()})
        CHECK(std::filesystem::status(file).permissions() == std::filesystem::perms{0600});
}

TEST_CASE("what version 1 of the schema wrote is read by this one", "[opening]")
{
    const Spool spool;
    run_sql(spool.path(), must(read_file(SEAWORTHY_SOURCE_DIR "/tests/unit/state/version_1.sql")));
    const auto store = spool.open();
    CHECK(store->quarantined().empty());
    const auto finding = must(store->finding("f1:9c0a3c3b5d6f4b7fa2d1e8c7b6a59483"));
    REQUIRE(finding);
    CHECK(finding->check == "netpol-ns-default-deny-ingress");
    CHECK(finding->episode == 2);
    CHECK(finding->memory == R"({"passes":1})");
    CHECK(must(store->note("baseline")) == "done");
    CHECK(must(store->backlog("soc")).events == 1);
    CHECK(must(store->backlog("soc")).dropped == 3);
    CHECK(must(store->parked("soc", 9)).at(0).reason == "mapper_parsing_exception");
    const auto events = waiting(*store, "soc");
    REQUIRE(events.size() == 1);
    CHECK(events[0].sequence == 42);
    CHECK(must(store->observations("probe")).at(0).value == R"({"status":200})");
    must(store->write([](state::Writer& writer) -> Result<void> {
        CHECK(must(writer.dropped())->count == 2);
        CHECK(must(writer.dropped())->expired == 0);
        CHECK(must(writer.next_sequence()) == 43);
        return {};
    }));
    // What it could not tell apart is taken for a lack of room.
    CHECK(must(store->backlog("soc")).expired == 0);
    CHECK(must(store->drop_older_than(events[0].created + 1)) == 2); // the parked one, too
    CHECK(must(store->backlog("soc")).dropped == 5);
    CHECK(must(store->backlog("soc")).expired == 2);
}

TEST_CASE("versions of the schema are gone through one after the other, from wherever a database is", "[opening]")
{
    const std::vector<std::string_view> steps = {"CREATE TABLE a (x)", "ALTER TABLE a ADD COLUMN y DEFAULT 7; INSERT INTO a (x) VALUES (1)",
                                                 "CREATE TABLE b AS SELECT x + y AS z FROM a"};
    state::Connection connection;
    must(connection.open(":memory:"));
    must(state::migrate(connection, std::span{steps}.first(1)));
    CHECK(must(connection.count("PRAGMA user_version")) == 1);
    must(state::migrate(connection, steps));
    CHECK(must(connection.count("PRAGMA user_version")) == 3);
    CHECK(must(connection.count("SELECT z FROM b")) == 8);
    must(state::migrate(connection, steps));
    CHECK(must(connection.count("SELECT count(*) FROM a")) == 1);

    const std::vector<std::string_view> broken = {steps[0], steps[1], steps[2], "CREATE TABLE c (x); INSERT INTO nowhere VALUES (1)"};
    CHECK_FALSE(state::migrate(connection, broken));
    CHECK(must(connection.count("PRAGMA user_version")) == 3);
    CHECK(must(connection.count("SELECT count(*) FROM sqlite_schema WHERE name = 'c'")) == 0);
}

TEST_CASE("siem row 29: without its file the database begins anew, whatever is left of the log", "[opening]")
{
    const Spool spool;
    {
        const auto store = spool.open();
        must(store->set_sinks({"a"}));
        write(*store, {event("e1")});
    }
    std::filesystem::remove(spool.path());
    const auto store = spool.open();
    CHECK(store->quarantined().empty());
    must(store->set_sinks({"a"}));
    CHECK(waiting(*store, "a").empty());
    write(*store, {event("e2")});
    CHECK(waiting(*store, "a").at(0).sequence == 1);
}

TEST_CASE("siem row 3: what was not acknowledged is given again, byte for byte, over a restart", "[opening]")
{
    const Spool spool;
    std::vector<state::EventRow> before;
    {
        const auto store = spool.open();
        must(store->set_sinks({"a"}));
        auto row = event("e2");
        row.body = "{\"name\":\"\u202e \xf0\x9f\x9a\xa2\",\"n\":1.50}";
        write(*store, {event("e1"), row});
        before = waiting(*store, "a");
    }
    const auto after = waiting(*spool.open(), "a");
    REQUIRE(after.size() == 2);
    for (std::size_t i = 0; i < after.size(); ++i) {
        CHECK(after[i].sequence == before[i].sequence);
        CHECK(after[i].uid == before[i].uid);
        CHECK(after[i].body == before[i].body);
    }
}

// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/output_file.hpp"
#include "support/temporary_directory.hpp"

using namespace seaworthy;
using namespace seaworthy::app;

namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& file)
{
    std::ifstream stream{file};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

std::size_t entries(const fs::path& folder)
{
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
}

} // namespace

TEST_CASE("a file is replaced by the whole new text", "[app]")
{
    const test::TemporaryDirectory folder;
    const auto file = fs::path{folder.path()} / "report.json";
    std::ofstream{file} << "old";
    const std::string text(200'000, 'x');

    REQUIRE(write_file(file, [&](std::ostream& out) { out << text; }));

    CHECK(content(file) == text);
    CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a file that cannot be written whole is left as it was", "[app]")
{
    const test::TemporaryDirectory folder;

    CHECK_FALSE(write_file(fs::path{folder.path()} / "missing" / "report.json", [](std::ostream& out) { out << "x"; }));
    CHECK_FALSE(write_file(folder.path(), [](std::ostream& out) { out << "x"; }));
    CHECK_FALSE(write_file("/dev/full", [](std::ostream& out) { out << std::string(200'000, 'x'); }));
    CHECK(entries(folder.path()) == 0);
}

TEST_CASE("a symbolic link keeps pointing where it did", "[app]")
{
    const test::TemporaryDirectory folder;
    std::ofstream{fs::path{folder.path()} / "target"} << "old";
    fs::create_symlink("target", fs::path{folder.path()} / "link");

    REQUIRE(write_file(fs::path{folder.path()} / "link", [](std::ostream& out) { out << "new"; }));

    CHECK(fs::is_symlink(fs::path{folder.path()} / "link"));
    CHECK(content(fs::path{folder.path()} / "target") == "new");
}

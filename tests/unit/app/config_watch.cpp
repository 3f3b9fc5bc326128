// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "app/config_watch.hpp"
#include "support/temporary_directory.hpp"

using namespace seaworthy;
using namespace seaworthy::app;

namespace fs = std::filesystem;

TEST_CASE("a file that is written, replaced or moved in behind a link has changed, once", "[app]")
{
    const test::TemporaryDirectory folder;
    const auto file = fs::path{folder.path()} / "config.yaml";
    fs::create_directory(fs::path{folder.path()} / "a");
    fs::create_directory(fs::path{folder.path()} / "b");
    std::ofstream{fs::path{folder.path()} / "a" / "config.yaml"} << "one";
    std::ofstream{fs::path{folder.path()} / "b" / "config.yaml"} << "two";
    fs::create_symlink("a/config.yaml", file);
    ConfigWatch watch{file.string()};
    CHECK_FALSE(watch.changed());

    std::ofstream{fs::path{folder.path()} / "a" / "config.yaml"} << "longer";
    CHECK(watch.changed());
    CHECK_FALSE(watch.changed());

    fs::create_symlink("b/config.yaml", fs::path{folder.path()} / "next");
    fs::rename(fs::path{folder.path()} / "next", file);
    CHECK(watch.changed());
    CHECK_FALSE(watch.changed());
}

TEST_CASE("a file that is gone for a moment changes when it is back", "[app]")
{
    const test::TemporaryDirectory folder;
    const auto file = fs::path{folder.path()} / "config.yaml";
    std::ofstream{file} << "one";
    ConfigWatch watch{file.string()};

    fs::remove(file);
    CHECK_FALSE(watch.changed());
    std::ofstream{file} << "again";
    CHECK(watch.changed());
    CHECK_FALSE(ConfigWatch{""}.changed());
}

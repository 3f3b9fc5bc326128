// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "seaworthy/model/image_reference.hpp"

using seaworthy::model::image_list_matches;
using seaworthy::model::parse_image_reference;

TEST_CASE("short names are docker.io, assumed and not written", "[image]")
{
    const auto image = parse_image_reference("nginx");
    REQUIRE(image);
    CHECK(image->repository() == "docker.io/library/nginx");
    CHECK_FALSE(image->host_written);
    CHECK(image->effective_tag() == "latest");
    CHECK(parse_image_reference("index.docker.io/nginx:1")->repository() == "docker.io/library/nginx");
}

TEST_CASE("text before the first slash is a host only with a dot, a colon, localhost or an upper-case letter", "[image]")
{
    CHECK(parse_image_reference("team/app")->host == "docker.io");
    CHECK(parse_image_reference("localhost/app")->host == "localhost");
    CHECK(parse_image_reference("localhost:5000/app")->host == "localhost:5000");
    CHECK(parse_image_reference("Registry/app")->host == "Registry");
    CHECK(parse_image_reference("harbor.example/a/b:1")->path == "a/b");
    CHECK(parse_image_reference("[::1]:5000/app")->host == "[::1]:5000");
}

TEST_CASE("a digest wins over the tag", "[image]")
{
    const std::string digest = "sha256:" + std::string(64, 'a');
    const auto image = parse_image_reference("ghcr.io/x/y:v1@" + digest);
    REQUIRE(image);
    CHECK(image->tag == "v1");
    CHECK(image->digest == digest);
    CHECK(parse_image_reference("ghcr.io/x/y@" + digest)->effective_tag().empty());
}

TEST_CASE("what breaks the grammar is no reference", "[image]")
{
    for (const auto* text : {"", "UPPER", "a//b", "a/b:", "a:-tag", "a@sha256:xyz", "-a", "a..b/c:t/x", "host:port/app", "a/ b", "a___b"})
        CHECK_FALSE(parse_image_reference(text).has_value());
    CHECK(parse_image_reference("a__b/c-d--e").has_value());
}

TEST_CASE("software is recognised by repository suffix", "[image]")
{
    CHECK(parse_image_reference("harbor.x/dockerhub/falcosecurity/falco:1")->is_repository("falcosecurity/falco"));
    CHECK(parse_image_reference("falcosecurity/falco")->is_repository("falcosecurity/falco"));
    CHECK_FALSE(parse_image_reference("evil/notfalco")->is_repository("falco"));
    CHECK(parse_image_reference("aquasec/kube-enforcer")->is_repository("aquasec/*enforcer"));
    CHECK_FALSE(parse_image_reference("aquasec/x/enforcer")->is_repository("aquasec/*enforcer"));
}

TEST_CASE("an image list matches by repository prefix on a slash, by whole reference or by glob", "[image]")
{
    const auto image = *parse_image_reference("harbor.example/team/app:1.2");
    CHECK(image_list_matches("harbor.example", image));
    CHECK(image_list_matches("harbor.example/team", image));
    CHECK(image_list_matches("harbor.example/team/app:1.2", image));
    CHECK(image_list_matches("*/app", image));
    CHECK_FALSE(image_list_matches("harbor.example/te", image));
    CHECK_FALSE(image_list_matches("harbor.example/team/app:1.3", image));
    CHECK_FALSE(image_list_matches("harbor", image));
}

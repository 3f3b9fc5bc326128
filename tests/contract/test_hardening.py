# SPDX-License-Identifier: Apache-2.0
"""The release binary is hardened: read from the ELF file itself, since a flag that a compiler ignores changes nothing."""
import subprocess

import pytest



@pytest.fixture(scope="module", autouse=True)
def shipped(preset):
    if preset != "release":
        pytest.skip("only the release build is shipped")


@pytest.fixture(scope="module")
def readelf(binary):
    def call(*arguments):
        return subprocess.run(["readelf", "-W", *arguments, str(binary)], check=True, capture_output=True, text=True).stdout

    return call


def test_the_program_is_position_independent(readelf):
    assert "DYN (Position-Independent Executable file)" in readelf("-h")


def test_relocations_are_resolved_at_start_and_read_only_afterwards(readelf):
    dynamic = readelf("-d")

    assert "BIND_NOW" in dynamic or "NOW" in dynamic.split("FLAGS_1")[-1]
    assert "GNU_RELRO" in readelf("-l")
    assert "TEXTREL" not in dynamic


def test_the_stack_is_not_executable_and_no_segment_is_writable_and_executable(readelf):
    segments = [line.split() for line in readelf("-l").splitlines() if line.strip().startswith(("LOAD", "GNU_STACK"))]
    flags = {segment[0]: "".join(part for part in segment[6:-1]) for segment in segments if segment[0] == "GNU_STACK"}

    assert flags == {"GNU_STACK": "RW"}
    assert not [segment for segment in segments if {"W", "E"} <= set("".join(segment[6:-1]))]


def test_stack_canaries_and_fortified_functions_are_in_use(readelf):
    symbols = readelf("--dyn-syms")

    assert "__stack_chk_fail" in symbols
    assert [line for line in symbols.splitlines() if "_chk@GLIBC" in line]


def test_no_run_path_is_left_in_the_program(readelf):
    assert "RPATH" not in readelf("-d") and "RUNPATH" not in readelf("-d")


def test_the_program_does_not_tell_where_it_was_built(binary, root):
    assert str(root).encode() not in binary.read_bytes()

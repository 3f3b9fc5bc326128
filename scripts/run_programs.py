#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""run_programs.py BUILD RESULTS: runs every test that ctest knows in BUILD, a JUnit file each in RESULTS.

ctest itself would count a program with two hundred test cases as one test; so ctest is only asked what there is,
and each Catch2 program (test_*) reports its own cases. A program that dies before it reports is one failure.
"""
import json
import os
import pathlib
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor

TIMEOUT_SECONDS = 1800


def known_tests(build):
    listing = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], check=True, capture_output=True, text=True)
    return [test for test in json.loads(listing.stdout)["tests"] if "command" in test]


def properties(test):
    return {item["name"]: item["value"] for item in test.get("properties", [])}


def write_single(path, suite, seconds, failure):
    """A report for what does not report itself."""
    root = ET.Element("testsuites")
    case = ET.SubElement(ET.SubElement(root, "testsuite", name=suite), "testcase", classname=suite, name=suite, time=f"{seconds:.3f}")
    if failure:
        ET.SubElement(case, "failure", message=failure)
    ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def complete(path):
    try:
        return ET.parse(path).getroot().find(".//testcase") is not None
    except (OSError, ET.ParseError):
        return False


def run(test, results):
    report = results / (test["name"].replace("/", "-") + ".xml")
    command = list(test["command"])
    speaks_junit = pathlib.Path(command[0]).name.startswith("test_")
    if speaks_junit:
        command += ["--reporter", "junit", "--out", str(report)]
    directory = properties(test).get("WORKING_DIRECTORY")
    began = time.monotonic()
    try:
        done = subprocess.run(command, cwd=directory, timeout=TIMEOUT_SECONDS, capture_output=True)
        output, errors, problem = done.stdout, done.stderr, f"exit status {done.returncode}" if done.returncode else ""
    except subprocess.TimeoutExpired as late:
        output, errors, problem = late.stdout or b"", late.stderr or b"", f"still running after {TIMEOUT_SECONDS} s"
    seconds = time.monotonic() - began
    if not speaks_junit or not complete(report):
        write_single(report, test["name"], seconds, problem or (speaks_junit and "no report written") or "")
        problem = problem or ("no report written" if speaks_junit else "")
    # What a program prints of its own accord (the table of the case files) is for the reader of the run; its log only matters when it fails.
    return test["name"], seconds, problem, (output + (errors if problem else b"")).decode(errors="replace")


def main(build, results):
    results = pathlib.Path(results).resolve()  # a test may run in a folder of its own
    results.mkdir(parents=True, exist_ok=True)
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, seconds, problem, output in pool.map(lambda test: run(test, results), known_tests(build)):
            print(f"{'FAILED' if problem else 'ok':7}{name} ({seconds:.1f} s){': ' + problem if problem else ''}", flush=True)
            failed += bool(problem)
            if output.strip():
                print(output, flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))

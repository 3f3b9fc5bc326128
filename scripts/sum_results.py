#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sum_results.py FOLDER [STEP=STATUS…]: adds up the JUnit files below FOLDER, names each failure, ends with `N passed, N failed`.

STEP is a folder below FOLDER and STATUS the exit status of what filled it. A step that failed without a failing
test (the build broke, a program never started) or that left no test at all counts as one failure.
"""
import pathlib
import sys
import xml.etree.ElementTree as ET
from collections import Counter


def outcome(case):
    for tag in ("failure", "error"):
        node = case.find(tag)
        if node is not None:
            return "failed", (node.get("message") or (node.text or "").strip()).splitlines()[:1]
    return ("skipped" if case.find("skipped") is not None else "passed"), []


def read(path):
    counts, failures = Counter(), []
    try:
        cases = ET.parse(path).getroot().iter("testcase")
    except ET.ParseError as broken:
        return Counter(failed=1), [f"{path}: unreadable report: {broken}"]
    for case in cases:
        status, why = outcome(case)
        counts[status] += 1
        if status == "failed":
            failures.append(f"{case.get('classname') or path.stem}: {case.get('name')}{': ' + why[0] if why else ''}")
    return counts, failures


def main(folder, steps):
    folder = pathlib.Path(folder)
    total, failures, by_step = Counter(), [], Counter()
    print(f"{'suite':40}{'passed':>8}{'failed':>8}{'skipped':>9}")
    for path in sorted(folder.rglob("*.xml")):
        counts, found = read(path)
        name = path.relative_to(folder).with_suffix("")
        print(f"{str(name):40}{counts['passed']:8}{counts['failed']:8}{counts['skipped']:9}")
        total += counts
        failures += found
        by_step[name.parts[0]] += counts["failed"]
        by_step[name.parts[0], "any"] += counts["passed"] + counts["failed"]
    for step, status in (item.split("=") for item in steps):
        if not by_step[step, "any"] or (status != "0" and not by_step[step]):
            failures.append(f"{step}: ended with status {status}, {by_step[step, 'any']} tests reported")
            total["failed"] += 1
    for failure in failures:
        print(f"FAILED {failure}")
    if not total["passed"] + total["failed"]:
        total["failed"] = 1
        print("FAILED no test ran")
    print(f"{total['passed']} passed, {total['failed']} failed")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))

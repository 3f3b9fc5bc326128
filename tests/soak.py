#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""soak.py BUILD [EVENTS] [SEED]: events to receivers that fail at random, by a program that is killed at random.

Prints what became of the events, and fails where one is neither received nor counted as lost. See tests/integration/event_soak.cpp.
"""
import array
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from processes import clean_environment  # noqa: E402

POISON = 4999  # the receiver "flaky" takes no multiple of it
MEMORY_KIB = 32 * 1024  # of a release build
DISK_BYTES = 64 << 20


def soak(binary, folder, events, seed, kills, memory_kib=MEMORY_KIB):
    """What was received, by sink; an AssertionError where the promise was broken."""
    dice, began = random.Random(seed), time.monotonic()
    sizes = set()

    def start(life):
        return subprocess.Popen([str(binary), str(folder), str(seed + life), str(events)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                env=clean_environment())

    killed = 0
    for life in range(kills):
        process = start(life)
        try:
            process.wait(dice.uniform(0.05, 1))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            killed += 1
        _, errors = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), errors
        sizes.add(sum(file.stat().st_size for file in folder.glob("spool.db*")))
    process = start(kills)
    out, errors = process.communicate()
    assert process.returncode == 0, errors
    told = json.loads(out)
    sizes.add(sum(file.stat().st_size for file in folder.glob("spool.db*")))

    assert told["written"] == events
    assert 0 < told["peak_kib"] <= memory_kib, told
    assert max(sizes) <= DISK_BYTES, sizes
    result = {"events": events, "seed": seed, "kills": killed, "seconds": round(time.monotonic() - began, 1), "peak_mib": told["peak_kib"] // 1024,
              "disk_mib": max(sizes) >> 20, "sinks": {}}
    for name, lost in told["sinks"].items():
        numbers = array.array("q")
        numbers.frombytes((folder / f"{name}.got").read_bytes())
        received = set(numbers)
        missing = set(range(1, events + 1)) - received
        assert not received - set(range(1, events + 1))
        assert lost["waiting"] == 0, (name, lost)
        assert len(missing) <= lost["dropped"] + lost["parked"], f"{name}: {len(missing)} are missing, and {lost} is all that was said"
        if name == "steady":
            assert sorted(received) == list(dict.fromkeys(numbers)), "what is new does not come in order"
        if name == "flaky":
            assert not any(number % POISON == 0 for number in received)
        result["sinks"][name] = {"received": len(received), "duplicates": len(numbers) - len(received), "dropped": lost["dropped"], "parked": lost["parked"],
                                 "missing": len(missing)}
    return result


def main():
    build, events, seed = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or [1_000_000])[0]), int((sys.argv[3:] or [34])[0])
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(soak(build / "tests" / "event_soak", pathlib.Path(folder), events, seed, kills=max(3, events // 20_000)), indent=1))


if __name__ == "__main__":
    os.nice(5)
    main()

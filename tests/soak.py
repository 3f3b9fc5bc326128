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
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from processes import clean_environment  # noqa: E402

POISON = 4999  # the receiver "flaky" takes no multiple of it
MEMORY_KIB = 32 * 1024  # of a release build
DISK_BYTES = 64 << 20
ENDLESS = 10**12


class Soak:
    """The program's lives, one after the other, and what came of them."""

    def __init__(self, binary, folder, seed, memory_kib=MEMORY_KIB):
        self.binary, self.folder, self.seed, self.memory_kib = binary, folder, seed, memory_kib
        self.dice, self.began = random.Random(seed), time.monotonic()
        self.lives = self.killed = self.peak_kib = self.disk_bytes = 0
        self.told = None  # of what was lost, by the last life

    def start(self, events, pace):
        self.lives += 1
        return subprocess.Popen(["nice", str(self.binary), str(self.folder), str(self.seed + self.lives - 1), str(events), *map(str, pace)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean_environment())

    def end(self, process):
        out, errors = process.communicate()
        assert process.returncode in (0, -signal.SIGKILL), errors
        self.disk_bytes = max(self.disk_bytes, sum(file.stat().st_size for file in self.folder.glob("spool.db*")))
        return out

    def live(self, events, shortest, longest, *pace, stop=None):
        """Once: killed after a random time, in seconds, or at `stop`."""
        process = self.start(events, pace)
        try:
            limit = self.dice.uniform(shortest, longest)
            if stop is None:
                process.wait(limit)
            else:
                stop.wait(limit)
        except subprocess.TimeoutExpired:
            pass
        if process.poll() is None:
            self.note_memory(process.pid)
            process.send_signal(signal.SIGKILL)
            self.killed += 1
        self.end(process)

    def note_memory(self, pid):
        try:
            peak = re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())
        except FileNotFoundError:
            return  # it ended just now
        self.peak_kib = max(self.peak_kib, int(peak[1]) if peak else 0)

    def finish(self, events):
        """Lives to the end; then what was received, by sink. An AssertionError where the promise was broken."""
        process = self.start(events, ())
        told = json.loads(self.end(process) or "{}")
        assert process.returncode == 0 and told["written"] >= events, told
        self.peak_kib = max(self.peak_kib, told["peak_kib"])
        self.told = told
        return self.judge(told)

    def judge(self, told):
        events = told["written"]
        assert 0 < self.peak_kib <= self.memory_kib, self.peak_kib
        assert 0 < self.disk_bytes <= DISK_BYTES, self.disk_bytes
        result = {"events": events, "seed": self.seed, "kills": self.killed, "seconds": round(time.monotonic() - self.began, 1),
                  "peak_mib": self.peak_kib // 1024, "disk_mib": self.disk_bytes >> 20, "sinks": {}}
        for name, lost in told["sinks"].items():
            numbers = array.array("q")
            numbers.frombytes((self.folder / f"{name}.got").read_bytes())
            received = set(numbers)
            missing = set(range(1, events + 1)) - received
            assert not received - set(range(1, events + 1))
            assert lost["waiting"] == 0, (name, lost)
            assert len(missing) <= lost["dropped"] + lost["parked"], f"{name}: {len(missing)} are missing, and {lost} is all that was said"
            if name == "steady":
                assert sorted(received) == list(dict.fromkeys(numbers)), "what is new does not come in order"
            if name == "flaky":
                assert not any(number % POISON == 0 for number in received)
            result["sinks"][name] = {"received": len(received), "duplicates": len(numbers) - len(received), "dropped": lost["dropped"],
                                     "parked": lost["parked"], "missing": len(missing)}
        return result


def soak(binary, folder, events, seed, kills, memory_kib=MEMORY_KIB):
    """As many events as fast as it goes."""
    one = Soak(binary, folder, seed, memory_kib)
    for _ in range(kills):
        one.live(events, 0.05, 1)
    return one.finish(events)


def slow_soak(binary, folder, seconds, seed, per_second, stop=None):
    """So many events a second for as long, which leaves the processor to others. Nothing where `stop` was set before."""
    one, stop = Soak(binary, folder, seed), stop or threading.Event()
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0 and not stop.is_set():
        one.live(ENDLESS, min(1, left), min(30, left), per_second, stop=stop)
    return None if stop.is_set() else one.finish(0)


def main():
    build, events, seed = pathlib.Path(sys.argv[1]), int((sys.argv[2:] or [1_000_000])[0]), int((sys.argv[3:] or [34])[0])
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(soak(build / "tests" / "event_soak", pathlib.Path(folder), events, seed, kills=max(3, events // 20_000)), indent=1))


if __name__ == "__main__":
    os.nice(5)
    main()

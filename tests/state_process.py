# SPDX-License-Identifier: Apache-2.0
"""A store as a process that tests may kill: see tests/integration/state_driver.cpp."""
import json
import os
import random
import shlex
import signal
import sqlite3
import subprocess

from processes import clean_environment

MIB = 1 << 20


class StateProcess:
    """A running driver. `inside` are shell commands that come before it, in a mount namespace of their own, which goes with the process."""

    def __init__(self, binary, path, max_bytes, inside=None, environment=None):
        command = [str(binary), str(path), str(max_bytes)]
        if inside is not None:
            user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
            command = ["unshare", *user, "--mount", "sh", "-ec", f"{inside}\nexec {shlex.join(command)}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**clean_environment(), **(environment or {})})
        line = self.process.stdout.readline()
        self.opened = json.loads(line) if line else {"error": self.process.communicate()[1]}

    def send(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def ask(self, **command):
        self.send(**command)
        return json.loads(self.process.stdout.readline())

    def kill(self):
        """kill -9. The whole lines that it had yet written."""
        self.process.send_signal(signal.SIGKILL)
        rest = self.process.stdout.read()  # communicate() would leave out what readline() had read ahead
        self.process.communicate()
        return [json.loads(line) for line in rest.split("\n")[:-1]]

    def stop(self):
        """Its exit status."""
        self.process.communicate()
        return self.process.returncode


def can_mount():
    user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    return subprocess.run(["unshare", *user, "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True).returncode == 0


class Ledger:
    """What a store said that it had committed, over all its lives, and whether it keeps its word."""

    def __init__(self):
        self.uid_of = {}  # sequence: uid
        self.owed = {}  # uid: sequence, of what was told and not yet acknowledged
        self.rounds = self.committed = self.batches = self.received = self.duplicates = self.unheard = 0

    def told(self, events):
        for sequence, uid in events:
            assert self.uid_of.setdefault(sequence, uid) == uid, f"number {sequence} was given to {self.uid_of[sequence]} and to {uid}"
            self.owed[uid] = sequence
            self.committed += 1
        self.batches += 1

    def compare(self, found, batch):
        """Everything owed is there, each transaction is whole, and the finding is that of the last one."""
        there = {uid: sequence for sequence, uid in found}
        lost = {uid: sequence for uid, sequence in self.owed.items() if there.get(uid) != sequence}
        assert not lost, f"committed and not there: {lost}"
        self.received += len(found)
        self.duplicates += len(found) - len(there)
        sizes = {}
        for sequence, uid in found:
            assert self.uid_of.setdefault(sequence, uid) == uid, f"number {sequence} was given to {self.uid_of[sequence]} and to {uid}"
            name, _, size = uid.split("/")
            sizes.setdefault((name, int(size)), []).append(uid)
        torn = {name: uids for (name, size), uids in sizes.items() if len(uids) != size}
        assert not torn, f"half a transaction: {torn}"
        assert [sequence for sequence, _ in found] == sorted(sequence for sequence, _ in found)
        if found:
            assert batch == int(found[-1][1].split("/")[0].rsplit("-", 1)[1]), "the state is not that of the last event"
        self.unheard += len(there) - len(self.owed)  # committed, and killed before it could say so
        self.owed.clear()

    def __str__(self):
        return (f"{self.rounds} rounds of kill -9: {self.committed} events told as committed in {self.batches} transactions, {self.received} received, "
                f"{self.duplicates} duplicates, 0 lost; {self.unheard} committed without being told")


def kill_at_random(binary, path, rounds, seed):
    """Lets a store be written to and killed, again and again. The ledger of it; fails where a word was not kept."""
    dice = random.Random(seed)
    ledger = Ledger()
    for number in range(rounds):
        store = StateProcess(binary, path, 16 * MIB)
        try:
            assert store.opened == {"quarantined": ""}, store.opened
            assert store.ask(sinks=["soc"]) == {"ok": True}
            waiting = store.ask(waiting="soc")
            ledger.compare(waiting["events"], waiting["batch"])
            if waiting["events"]:
                assert store.ask(acknowledge=["soc", waiting["events"][-1][0]]) == {"ok": True}
            store.send(enqueue=[f"k{number}-", dice.getrandbits(31)])
            for _ in range(dice.randrange(40)):
                ledger.told(json.loads(store.process.stdout.readline())["events"])
            if dice.random() < 0.5:  # else wherever it is just now
                try:
                    store.process.wait(dice.uniform(0, 0.02))
                except subprocess.TimeoutExpired:
                    pass
        finally:
            rest = store.kill()
        for line in rest:
            ledger.told(line["events"])
        ledger.rounds += 1
    last = StateProcess(binary, path, 16 * MIB)
    assert last.opened == {"quarantined": ""}, last.opened
    waiting = last.ask(waiting="soc")
    ledger.compare(waiting["events"], waiting["batch"])
    assert last.stop() == 0
    with sqlite3.connect(path) as database:
        assert database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
    database.close()
    return ledger

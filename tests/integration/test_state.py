# SPDX-License-Identifier: Apache-2.0
"""The store against what happens to processes and disks, and the daemon on it."""
import http.server
import os
import pathlib
import sqlite3
import threading

import pytest
from state_process import MIB, StateProcess, can_mount, kill_at_random


@pytest.fixture
def driver(binary):
    return binary.parent / "tests" / "state_driver"


@pytest.fixture(scope="module")
def mounts():
    if not can_mount():
        pytest.skip("NOT TESTED: mounting is not permitted here, neither as root nor in a user namespace (unshare --mount)")


def test_siem_row_2_kill_9_while_events_are_written_loses_nothing_that_was_committed(driver, tmp_path, record_property):
    ledger = kill_at_random(driver, tmp_path / "spool.db", 20, seed=2)
    record_property("counts", str(ledger))
    assert ledger.committed > 500, ledger


def test_siem_row_5_a_full_disk_keeps_the_newest_events_and_counts_what_it_gave_up(driver, tmp_path, mounts):
    volume = tmp_path / "volume"
    volume.mkdir()
    store = StateProcess(driver, volume / "spool.db", 8 * MIB, inside=f"mount -t tmpfs -o size=20m tmpfs {volume}")
    assert store.opened == {"quarantined": ""}, store.opened
    inside = pathlib.Path(f"/proc/{store.process.pid}/root{volume}")
    assert store.ask(sinks=["soc"]) == {"ok": True}
    filler = os.open(inside / "filler", os.O_CREAT | os.O_WRONLY)
    with pytest.raises(OSError, match="No space left"):
        while True:
            os.write(filler, b"x" * 4096)
    free = os.statvfs(inside)
    assert free.f_bavail == 0
    sizes = {file.name: file.stat().st_size for file in inside.iterdir()}
    written = 6000
    assert store.ask(write=["e", written, 3000, 100]).get("error") is None
    # The largest transaction that the store promises to take.
    assert store.ask(write=["last", 1000, 4000, 1000]).get("error") is None
    backlog, dropped, waiting = store.ask(backlog="soc"), store.ask(dropped=True), store.ask(waiting="soc")["events"]
    assert backlog["events"] + backlog["dropped"] == written + 1000
    assert dropped == {"count": backlog["dropped"], "first": 1, "last": backlog["dropped"]}
    assert [sequence for sequence, _ in waiting] == list(range(backlog["dropped"] + 1, written + 1001))
    assert waiting[-1][1] == "last999"
    assert store.ask(acknowledge=["soc", waiting[-1][0]]) == {"ok": True}
    assert {file.name: file.stat().st_size for file in inside.iterdir()} == sizes
    os.close(filler)
    assert store.stop() == 0


def test_a_volume_without_room_for_the_database_is_refused_with_what_is_missing(driver, tmp_path, mounts):
    store = StateProcess(driver, tmp_path / "spool.db", 64 * MIB, inside=f"mount -t tmpfs -o size=20m tmpfs {tmp_path}")
    assert "needs" in store.opened["error"] and "volume has left" in store.opened["error"], store.opened
    assert "larger volume" in store.opened["hint"]
    assert store.stop() == 1


def test_siem_row_7_a_damaged_database_gives_way_where_there_is_no_room_for_both(driver, tmp_path, mounts):
    inside = f"""mount -t tmpfs -o size=20m tmpfs {tmp_path}
head -c {8 * MIB} /dev/zero > {tmp_path}/spool.db
"""
    store = StateProcess(driver, tmp_path / "spool.db", 8 * MIB, inside=inside)
    assert "deleted, as the volume has no room for both" in store.opened.get("quarantined", ""), store.opened
    assert store.ask(usage=True)["capacity"] > 7 * MIB
    assert store.stop() == 0


def test_siem_row_7_a_volume_that_is_mounted_read_only_is_refused(driver, tmp_path, mounts):
    inside = f"mount -t tmpfs -o size=20m tmpfs {tmp_path}\nmount -o remount,ro {tmp_path}"
    store = StateProcess(driver, tmp_path / "spool.db", 4 * MIB, inside=inside)
    assert "Read-only file system" in store.opened["error"], store.opened
    assert "writable" in store.opened["hint"]
    assert store.stop() == 1


def test_siem_row_8_a_second_process_is_refused_until_the_first_is_gone_however_it_went(driver, tmp_path):
    path = tmp_path / "spool.db"
    first = StateProcess(driver, path, 4 * MIB)
    assert first.opened == {"quarantined": ""}
    second = StateProcess(driver, path, 4 * MIB)
    assert str(path) in second.opened["error"]
    assert "another process has it open" in second.opened["hint"]
    assert second.stop() == 1
    assert first.ask(sinks=["soc"]) == {"ok": True}
    first.kill()
    third = StateProcess(driver, path, 4 * MIB)
    assert third.opened == {"quarantined": ""}
    assert third.ask(backlog="soc")["events"] == 0
    assert third.stop() == 0


def test_the_store_needs_little_memory_whatever_is_in_the_database(driver, tmp_path, preset):
    if preset != "release":
        pytest.skip(f"a program of {preset} needs memory of its own")
    store = StateProcess(driver, tmp_path / "spool.db", 64 * MIB)
    assert store.ask(sinks=["soc"]) == {"ok": True}
    assert "seconds" in store.ask(write=["e", 30_000, 3000, 2000])
    peak = next(line for line in pathlib.Path(f"/proc/{store.process.pid}/status").read_text().splitlines() if line.startswith("VmHWM"))
    assert int(peak.split()[1]) < 16_000, peak  # kB
    assert store.stop() == 0


class Registry:
    """A registry on loopback that answers with the status that it is told to."""

    def __init__(self):
        self.status, self.asked = 200, 0
        registry = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                registry.asked += 1
                self.send_response(registry.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def registry():
    one = Registry()
    yield one
    one.stop()


def availability(daemon):
    """The verdict on the registry and how many probes it rests on."""
    found = [result for result in daemon.report()["results"] if result["check"] == "registry-probe-availability"]
    assert len(found) == 1, found
    return found[0]["status"], found[0].get("evidence", {}).get("probes")


def config_with(registry, spool):
    return {"audit": {"interval": "1s"}, "probes": {"interval": "5s", "registries": [{"host": "registry.example", "apiUrl": registry.url}]},
            "controls": {"checks": {"registry-probe-availability": {"minSamples": 2, "window": "24h"}}},
            **({"spool": {"path": str(spool), "maxBytes": "16MiB"}} if spool else {})}


@pytest.mark.parametrize("kept", [True, False])
def test_a_restarted_daemon_judges_a_window_by_what_was_probed_before(daemon, replay, registry, eventually, tmp_path, kept):
    _, kubeconfig = replay()
    config = config_with(registry, tmp_path / "state.db" if kept else None)
    registry.status = 503
    first = daemon(kubeconfig, config)
    eventually(lambda: availability(first)[0] == "fail", what="a verdict on a registry that is down")
    before = availability(first)[1]
    assert first.stop() == 0
    registry.status = 200
    second = daemon(kubeconfig, config)
    if kept:
        status, probes = availability(second)
        assert status == "fail" and probes >= before, (status, probes, before)
    else:
        eventually(lambda: availability(second)[0] == "pass", what="a verdict that knows nothing of the time before")


def test_a_daemon_leaves_out_what_makes_no_sense_in_the_database_and_says_so(daemon, replay, registry, eventually, tmp_path):
    _, kubeconfig = replay()
    config = config_with(registry, tmp_path / "state.db")
    first = daemon(kubeconfig, config)
    eventually(lambda: availability(first)[0] == "pass", what="enough probes")
    assert first.stop() == 0
    with sqlite3.connect(tmp_path / "state.db") as database:
        assert database.execute("SELECT count(*) FROM observation WHERE kind = 'probe'").fetchone()[0] > 0
        database.execute("UPDATE observation SET value = '{\"at\": 1e999'")
    database.close()
    second = daemon(kubeconfig, config)
    assert "earlier observations make no sense and are left out" in second.log.read_text()


def test_a_daemon_whose_database_another_one_uses_says_so_and_ends(daemon, replay, registry, run, tmp_path):
    _, kubeconfig = replay()
    first = daemon(kubeconfig, config_with(registry, tmp_path / "state.db"))
    done = run("serve", "--config", first.config, "--kubeconfig", kubeconfig, "--listen", "127.0.0.1:0", "--probe-listen", "127.0.0.1:0", status=None)
    assert done.returncode == 2, done.stderr
    assert "another process has it open" in done.stderr
    assert first.live()

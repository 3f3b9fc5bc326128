# SPDX-License-Identifier: Apache-2.0
"""What every Python test shares: the binary under test and polling with a deadline."""
import os
import pathlib
import subprocess
import time

import pytest
from processes import Daemon, clean_environment

ROOT = pathlib.Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def preset():
    """The CMake preset that the binary was built with."""
    return os.environ.get("SEAWORTHY_PRESET", "release")


@pytest.fixture(scope="session")
def binary(preset):
    """The program under test: SEAWORTHY_BINARY, else build/<preset>/seaworthy."""
    path = pathlib.Path(os.environ.get("SEAWORTHY_BINARY", ROOT / "build" / preset / "seaworthy"))
    assert path.is_file(), f"{path} is not there; build it first: make build"
    return path


@pytest.fixture(scope="session")
def eventually():
    """eventually(check, seconds=30, what="…"): calls check until it returns something true, returns that; fails at the deadline.

    An exception of check counts as "not yet"; the last one is shown when time is up.
    """

    def poll(check, seconds=30.0, what="the expected state", every=0.05):
        deadline = time.monotonic() + seconds
        last = None
        while True:
            try:
                value = check()
                if value:
                    return value
                last = f"last answer: {value!r}"
            except Exception as error:  # noqa: BLE001 - whatever it was, it may pass
                last = f"last error: {error!r}"
            if time.monotonic() > deadline:
                pytest.fail(f"{what} did not come within {seconds:g} s; {last}")
            time.sleep(every)

    return poll


@pytest.fixture(scope="session")
def run(binary):
    """run(*arguments, status=0): the program's finished process; fails where the exit status is another one."""

    def call(*arguments, status=0, environment=None, timeout=120, **options):
        done = subprocess.run([str(binary), *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                              env={**clean_environment(), **(environment or {})}, **options)
        assert status is None or done.returncode == status, f"exit status {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done

    return call


@pytest.fixture
def daemon(binary, tmp_path, eventually):
    """daemon(kubeconfig, config={}): a running one, with its first report unless wait is "live"; it has to stop in good order after the test."""
    running = []

    def start(kubeconfig, config=None, wait="ready", environment=None):
        one = Daemon(binary, tmp_path, kubeconfig, {"audit": {"interval": "2s"}, **(config or {})}, environment)
        running.append(one)

        def arrived():
            if one.process.poll() is not None:
                pytest.fail(f"the daemon ended with {one.process.returncode}:\n{one.log.read_text()[-4000:]}")
            return one.ready() if wait == "ready" else one.live()

        eventually(arrived, 60, f"a daemon that is {wait}; its log is {one.log}")
        return one

    yield start
    statuses = [(one, one.stop()) for one in running]
    for one, status in statuses:
        assert status == 0, f"exit status {status} after SIGTERM:\n{one.log.read_text()[-4000:]}"

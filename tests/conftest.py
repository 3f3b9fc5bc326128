# SPDX-License-Identifier: Apache-2.0
"""What every Python test shares: the binary under test and polling with a deadline."""
import os
import pathlib
import time

import pytest

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

# SPDX-License-Identifier: Apache-2.0
"""The short version of `make soak`."""
from soak import MEMORY_KIB, soak


def test_siem_row_34_whatever_fails_an_event_is_received_or_counted_as_lost(binary, preset, tmp_path, record_property):
    result = soak(binary.parent / "tests" / "event_soak", tmp_path, 30_000, seed=34, kills=4, memory_kib=MEMORY_KIB if preset == "release" else 1 << 30)
    record_property("counts", str(result))
    assert result["sinks"]["flaky"]["duplicates"] > 0 and result["sinks"]["flaky"]["parked"] > 0, result

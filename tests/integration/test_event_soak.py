# SPDX-License-Identifier: Apache-2.0
"""The short version of `make soak`."""
import pytest
from soak import MEMORY_KIB, Soak, slow_soak, soak


def test_siem_row_34_whatever_fails_an_event_is_received_or_counted_as_lost(binary, preset, tmp_path, record_property):
    result = soak(binary.parent / "tests" / "event_soak", tmp_path, 30_000, seed=34, kills=4, memory_kib=MEMORY_KIB if preset == "release" else 1 << 30)
    record_property("counts", str(result))
    assert result["sinks"]["flaky"]["duplicates"] > 0 and result["sinks"]["flaky"]["parked"] > 0, result


def test_the_soak_fails_where_an_event_is_lost_untold_or_comes_out_of_order_and_where_a_bound_is_broken(binary, tmp_path):
    one = Soak(binary.parent / "tests" / "event_soak", tmp_path, 35, memory_kib=1 << 30)
    one.live(100, 5, 5)
    one.finish(100)
    steady = tmp_path / "steady.got"
    whole = steady.read_bytes()
    one.judge(one.told)
    for what, broken in (("are missing", whole[8:]), ("in order", whole[8:16] + whole[:8] + whole[16:])):
        steady.write_bytes(broken)
        with pytest.raises(AssertionError, match=what):
            one.judge(one.told)
    steady.write_bytes(whole)
    one.memory_kib = one.peak_kib - 1
    with pytest.raises(AssertionError):
        one.judge(one.told)


def test_the_slow_soak_keeps_its_pace_and_is_killed_on_its_way(binary, preset, tmp_path):
    if preset != "release":
        pytest.skip("its memory is bounded for a release build")
    result = slow_soak(binary.parent / "tests" / "event_soak", tmp_path, seconds=3, seed=36, per_second=500)
    assert result["kills"] >= 1 and result["sinks"]["steady"]["received"] == result["events"], result

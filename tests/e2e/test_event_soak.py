# SPDX-License-Identifier: Apache-2.0
"""Ten minutes of the soak, beside the other tests: the fixture starts it with the first of them, and this is the last."""
import faulthandler


def test_siem_row_34_ten_minutes_of_failing_receivers_and_kills_lose_nothing_untold(finished_soak, record_property):
    faulthandler.cancel_dump_traceback_later()  # alone, it waits longer than faulthandler_timeout
    result = finished_soak()
    print(result)
    record_property("counts", str(result))
    assert result["seconds"] >= 600 and result["kills"] >= 10, result
    assert result["events"] >= 200_000, result
    assert result["sinks"]["flaky"]["duplicates"] > 0 and result["sinks"]["flaky"]["parked"] > 0, result

# SPDX-License-Identifier: Apache-2.0
"""What takes longer of tests/integration/test_state.py."""
from state_process import kill_at_random


def test_siem_row_2_kill_9_at_200_moments_loses_nothing_that_was_committed(binary, tmp_path, record_property):
    ledger = kill_at_random(binary.parent / "tests" / "state_driver", tmp_path / "spool.db", 200, seed=20)
    print(ledger)
    record_property("counts", str(ledger))
    assert ledger.committed > 10_000, ledger

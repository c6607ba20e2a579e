"""The account: each input counts once, also across restarts."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from treatywatch.account import Account, Outcome


@given(st.lists(st.sampled_from(list(Outcome)), max_size=60), st.data())
def test_redeliveries_change_no_count(outcomes: list[Outcome], data: st.DataObject) -> None:
    """Received equals the number of inputs, however often the tail of them is delivered again."""
    account = Account("detect")
    position = 0
    redelivered = 0
    while position < len(outcomes):
        account.count(outcomes[position], "r", at=("items", 0, position))
        position += 1
        if data.draw(st.booleans()) and data.draw(st.integers(0, 3)) == 0:
            back = data.draw(st.integers(0, position))
            for again in range(back, position):
                assert not account.count(outcomes[again], "r", at=("items", 0, again))
                redelivered += 1

    assert account.received == len(outcomes)
    assert sum(account.total(o) for o in Outcome) == account.received
    assert account.redelivered == redelivered


def test_a_saved_account_goes_on_after_a_restart(tmp_path: Path) -> None:
    """Saved before the offsets are committed, it covers at least what is committed."""
    path = tmp_path / "account" / "detect.json"
    before = Account("detect", path)
    before.count(Outcome.REJECTED, "no_act", at=("items", 0, 0))
    before.count(Outcome.PASSED, at=("items", 0, 1))
    before.sent("signals", 2, 7)
    before.save()

    after = Account("detect", path)

    assert not after.count(Outcome.PASSED, at=("items", 0, 1))
    assert after.count(Outcome.DEAD, "malformed", at=("items", 0, 2))
    assert (after.received, after.redelivered, after.outputs) == (3, 1, {"signals-2": 8})
    assert after.reasons(Outcome.REJECTED) == {"no_act": 1}


def test_outputs_never_go_back() -> None:
    """A repeated, earlier acknowledgement moves nothing."""
    account = Account("track")
    account.sent("cases", 0, 5)
    account.sent("cases", 0, 3)

    assert account.outputs == {"cases-0": 6}

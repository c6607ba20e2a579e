"""Facts about a case that the page and the messages share."""

from __future__ import annotations

from sinks.facts import taken_back
from tests.sinks.told import a_step, a_transition, told_case
from treatywatch.model import ChangeKind, Stage


def test_a_step_whose_reports_were_withdrawn_is_taken_back() -> None:
    """The older alert must not stand as if it were still reported; the withdrawal itself is not taken back."""
    told = a_transition("told", stage=Stage.CONSIDERED)
    withdrawn = a_transition("withdrawn", stage=Stage.CONSIDERED, kind=ChangeKind.WITHDRAWN)
    case = told_case(told, withdrawn, history=())

    assert taken_back(case, told)
    assert not taken_back(case, withdrawn)


def test_a_step_that_is_still_reported_or_was_only_renamed_is_not() -> None:
    """The near misses: the entry is there, or it has another name now and nothing was withdrawn."""
    told = a_transition("told", stage=Stage.CONSIDERED)
    kept = a_step(Stage.CONSIDERED, episode=told.episode, action=told.action, institution=told.institution)

    assert not taken_back(told_case(told, history=(kept,)), told)
    assert not taken_back(told_case(told, history=()), told)

"""Filters: query parameters in, cases out."""

from __future__ import annotations

import pytest

from sinks.live.filters import Filter, choices, read_filter
from tests.sinks.live.cases import NAMES, sample


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ({"treaty": "APMBC", "stage": "suspended"}, {"UA:APMBC"}),
        ({"treaty": "-"}, {"RU:~fishing-gb"}),  # every instrument outside the register
        ({"actor": "FI"}, {"FI:APMBC"}),
        ({"kind": "outside the register"}, {"RU:~fishing-gb"}),
        ({"kind": "IHL/disarmament", "stage": "rejected"}, {"NO:APMBC"}),
        ({"severity": "urgent", "actor": "NO"}, set()),
        ({"treaty": "NPT"}, set()),
        ({"stage": "marched out", "actor": "PL"}, {"PL:APMBC"}),  # a step that does not exist filters nothing
        ({"severity": "none", "actor": "NO"}, {"NO:APMBC"}),
    ],
)
def test_filter_lets_exactly_its_cases_through(query: dict[str, str], ids: set[str]) -> None:
    """All conditions hold together."""
    chosen = read_filter(query)

    assert {case.id for case in sample() if chosen.matches(case, NAMES)} == ids


def test_notice_lets_urgent_through() -> None:
    """The severity is the least that passes."""
    assert {case.severity for case in sample() if Filter(severity="notice").matches(case, NAMES)} == {"urgent"}


def test_filter_survives_its_own_query_string() -> None:
    """Links of the page carry the filter on, and change one part of it."""
    chosen = Filter(treaty="A&B=C", kind="IHL/disarmament")

    assert chosen.query() == "?treaty=A%26B%3DC&kind=IHL%2Fdisarmament"
    assert chosen.query(page=2).endswith("&page=2")
    assert Filter(stage="notified").query(stage="") == ""


def test_choices_count_the_cases_and_steps_stand_in_their_order() -> None:
    """What is offered is what is there."""
    offered = choices(sample(), NAMES)

    assert [(choice.label, choice.cases) for choice in offered["treaty"]] == [
        ("Ottawa Convention", 7),
        ("Outside the register", 1),
    ]
    assert [choice.value for choice in offered["stage"]] == ["considered", "notified", "suspended", "rejected"]

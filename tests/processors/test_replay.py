"""Replay: the live path's functions in one loop, with the story's own clock."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.replay import final, replay
from processors.track.advance import Rules
from processors.track.lines import case_line, transition_line
from tests.processors.track.made import RULES, at, say
from treatywatch.model import Case, ChangeKind, Flag, Institution, Item, Signal, Stage
from treatywatch.register import Register


@dataclass(frozen=True)
class Found:
    """What the fake detector finds in one item."""

    signals: Sequence[Signal]


class Known:
    """A detector that knows its signals by item."""

    def __init__(self, signals: Sequence[Signal]) -> None:
        self.by_item: dict[str, list[Signal]] = {}
        for signal in signals:
            self.by_item.setdefault(signal.item, []).append(signal)

    def read(self, item: Item) -> Found:
        """Return the signals of this item; nothing for any other."""
        return Found(self.by_item.get(item.id, ()))


def items(signals: Sequence[Signal]) -> list[Item]:
    """Make the items that hold these signals, one per signal's item."""
    return list({s.item: Item(id=s.item, title=s.title, published=s.published) for s in signals}.values())


NEWS = (
    say("2025-03-18", Stage.ADVOCATED, by=Institution.GOVERNMENT, item="batch"),
    say("2025-03-18", Stage.ADVOCATED, by=Institution.GOVERNMENT, item="batch", case="PL:APMBC"),
    say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE, on="2025-05-08"),
    say("2025-06-27", Stage.NOTIFIED, by=Institution.DEPOSITARY, on="2025-06-27"),
    say("2026-01-20", Stage.CONSIDERED, case="FI:CCM", by=Institution.GOVERNMENT),
)


def lines(written: Sequence[Case]) -> list[str]:
    """Write the closing case lines as the command does."""
    return [json.dumps(case_line(case)) for case in final(written)]


def test_replay_tells_each_transition_as_it_happens() -> None:
    """In the order of the items, dated by the story's clock; the date of effect passes between two of them."""
    told = [transition_line(case) for case in replay(Known(NEWS), items(NEWS), RULES) if case.changed]

    assert [(line["id"], line["changed"]["kind"], line["changed"]["stage"]) for line in told] == [
        ("LT:APMBC", "entry", "advocated"),
        ("PL:APMBC", "entry", "advocated"),
        ("LT:APMBC", "entry", "approved"),
        ("LT:APMBC", "entry", "notified"),
        ("LT:APMBC", "due", "notified"),
        ("FI:CCM", "entry", "considered"),
    ]
    assert told[4]["changed"]["at"] == "2026-01-20T09:00:00Z"


def test_the_last_record_of_each_case_is_its_final_state_by_id() -> None:
    """What `--json` prints at the end."""
    cases = final(replay(Known(NEWS), items(NEWS), RULES))

    assert [case.id for case in cases] == ["FI:CCM", "LT:APMBC", "PL:APMBC"]
    assert [case.stage for case in cases] == [Stage.CONSIDERED, Stage.NOTIFIED, Stage.ADVOCATED]
    assert Flag.DUE in cases[1].flags


@settings(max_examples=100, deadline=None)
@given(st.permutations(items(NEWS)))
def test_case_lines_are_equal_for_any_order_of_the_file(order: list[Item]) -> None:
    """Also the dates that pass."""
    assert lines(list(replay(Known(NEWS), order, RULES))) == lines(list(replay(Known(NEWS), items(NEWS), RULES)))


def test_now_can_be_set() -> None:
    """Before the date of effect nothing is due; the published dates do not move the clock."""
    early = final(replay(Known(NEWS), items(NEWS), RULES, now=at("2025-07-01")))
    late = final(replay(Known(NEWS[:4]), items(NEWS[:4]), RULES, now=at("2026-07-01")))

    assert Flag.DUE not in early[1].flags
    assert Flag.DUE in late[0].flags


def test_a_date_that_passes_is_told_only_where_time_has_come_so_far() -> None:
    """The near miss: the story ends before the date."""
    written = list(replay(Known(NEWS[:4]), items(NEWS[:4]), RULES))

    assert all(case.changed is None or case.changed.kind is not ChangeKind.DUE for case in written)


def test_an_item_without_a_published_date_moves_no_clock() -> None:
    """It is read all the same."""
    undated = Item(id="batch", title="Illustrative")

    cases = final(replay(Known(NEWS), [undated], RULES))

    assert [case.id for case in cases] == ["LT:APMBC", "PL:APMBC"]


def test_a_repeated_file_changes_nothing() -> None:
    """Everything twice, shuffled."""
    twice = items(NEWS) * 2
    random.Random(1).shuffle(twice)

    assert lines(list(replay(Known(NEWS), twice, RULES))) == lines(list(replay(Known(NEWS), items(NEWS), RULES)))


def test_a_corrected_article_amends_the_case() -> None:
    """The second revision takes the step back."""

    class Revising(Known):
        def read(self, item: Item) -> Found:
            found = super().read(item).signals
            return Found(
                [msgspec.structs.replace(s, revision=item.revision, withdrawn=item.revision > 1) for s in found]
            )

    article = Item(id=NEWS[2].item, title="Illustrative", published=NEWS[2].published)
    corrected = msgspec.structs.replace(article, revision=2)

    for order in ([article, corrected], [corrected, article]):
        (case,) = final(replay(Revising(NEWS), order, RULES))
        assert case.flags == (Flag.WITHDRAWN,)


@pytest.mark.parametrize("slug", ["~open-sky-deal", "open-sky-deal"])
def test_signals_of_a_replaced_slug_go_to_the_register_row(slug: str) -> None:
    """Replay with today's register: one case, under its id."""
    rows = [row.model_copy(update={"replaces": (slug,)}) if row.id == "OST" else row for row in RULES.register]
    news = (
        say("2020-05-21", Stage.ANNOUNCED, case="US:~open-sky-deal"),
        say("2020-05-22", Stage.NOTIFIED, case="US:OST", on="2020-05-22"),
    )

    (case,) = final(replay(Known(news), items(news), Rules(Register(tuple(rows)), RULES.policy)))

    assert (case.id, [entry.stage for entry in case.history]) == ("US:OST", [Stage.ANNOUNCED, Stage.NOTIFIED])


def test_an_empty_file_gives_nothing() -> None:
    """And so does one without any signal."""

    assert list(replay(Known(()), [], RULES)) == []
    assert list(replay(Known(()), items(NEWS), RULES)) == []

"""The stream of changes: who gets what, and what a page that was away gets."""

from __future__ import annotations

from collections.abc import Callable

from sinks.live.events import QUEUED, Hub, write
from tests.sinks.live.cases import finland, poland
from treatywatch.model import Case


def everything(_: Case) -> bool:
    """Want every case."""
    return True


def only(stage: str) -> Callable[[Case], bool]:
    """Want the cases at a step."""
    return lambda case: case.stage == stage


def news(case: Case) -> dict[str, object]:
    """What a page is told of a case."""
    return {"id": case.id, "was": None, "stage": case.stage, "row": "<li>"}


async def test_page_that_was_away_gets_exactly_what_it_missed() -> None:
    """Reconnecting with the last id loses nothing and repeats nothing."""
    hub = Hub("run")
    hub.publish(None, poland(1), news(poland(1)))
    seen = hub.position
    hub.publish(None, finland(), news(finland()))

    text = await hub.subscribe(seen, everything).next(1)

    assert text == write("came", news(finland()), "run-2")


async def test_page_that_was_away_too_long_fetches_itself_anew() -> None:
    """Neither an id of another run nor one that is not kept any more can be caught up with."""
    hub = Hub("run", kept=2)
    for steps in range(1, 6):
        hub.publish(None, poland(steps), news(poland(steps)))

    for lost in ("other-5", "run-2", "run-99", "run-x", "nonsense"):
        assert await hub.subscribe(lost, everything).next(1) == write("resync", {}, "run-5")
    assert b"resync" not in (await hub.subscribe("run-3", everything).next(1) or b"")


async def test_filtered_page_hears_when_a_case_comes_changes_and_goes() -> None:
    """A page of notices shows the case while it is there, and is told when it is not."""
    hub = Hub("run")
    page = hub.subscribe(None, only("approved"))
    elsewhere = hub.subscribe(None, only("rejected"))
    records = [poland(1), poland(2), poland(4), poland(5)]
    heard = []
    for before, after in zip([None, *records], records, strict=False):
        hub.publish(before, after, news(after))
        heard.append((await page.next(0.01) or b"").split(b"\n")[1:2])

    assert heard == [[], [b"event: came"], [b"event: case"], [b"event: gone"]]
    assert await elsewhere.next(0.01) == b""


async def test_several_waiting_messages_come_in_one_piece() -> None:
    """A burst costs one write for each page, in order."""
    hub = Hub("run")
    page = hub.subscribe(None, everything)
    for steps in (1, 2, 3):
        hub.publish(None, poland(steps), news(poland(steps)))

    text = await page.next(1)

    assert text is not None
    assert [line for line in text.split(b"\n") if line.startswith(b"id:")] == [b"id: run-1", b"id: run-2", b"id: run-3"]


async def test_reader_that_does_not_read_is_dropped_and_others_are_not() -> None:
    """Nobody waits for a stuck page; it is closed and counted once."""
    hub, dropped = Hub("run"), []
    hub.subscribe(None, everything, lambda: dropped.append("stuck"))
    good = hub.subscribe(None, everything)
    for steps in range(QUEUED + 3):
        hub.publish(None, poland(1 + steps % 5), news(poland(1 + steps % 5)))
        assert await good.next(1)

    assert (dropped, hub.dropped, len(hub)) == (["stuck"], 1, 1)


async def test_closing_ends_every_stream_after_its_last_message() -> None:
    """What was said before the end is still heard."""
    hub = Hub("run")
    page = hub.subscribe(None, everything)
    hub.publish(None, poland(1), news(poland(1)))
    hub.close()

    assert await page.next(1) == write("came", news(poland(1)), "run-1")
    assert await page.next(1) is None


def test_event_is_one_line_of_data_whatever_it_holds() -> None:
    """A line break in a headline cannot end the event or begin another."""
    text = write("case", {"row": "a\n\nevent: fake\r\n"}, "run-1")

    assert text.count(b"\n") == 4
    assert b"\r" not in text

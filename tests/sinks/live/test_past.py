"""The case page as of a past day, and the background of a case, over a real socket."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from aiohttp.test_utils import TestClient, TestServer

from processors.track.advance import advance
from processors.track.as_of import record_at
from sinks.live.server import Live, build_app
from sinks.names import Names
from tests.processors.track.made import LATE, RULES, say
from treatywatch.actors import load_actors
from treatywatch.history import load_history
from treatywatch.locate import config_dir
from treatywatch.model import Case, Institution, Stage

CONFIG = config_dir()
NAMES = Names(RULES.register, load_actors(CONFIG), load_history(CONFIG, RULES.register))
WALL = datetime(2026, 3, 1, tzinfo=UTC)


def poland() -> Case:
    """A case of three steps."""
    story = (
        say("2025-06-25", Stage.APPROVED, case="PL:APMBC", by=Institution.LOWER_HOUSE, on="2025-06-25"),
        say("2025-08-20", Stage.NOTIFIED, case="PL:APMBC", by=Institution.DEPOSITARY, on="2025-08-20"),
        say("2026-02-20", Stage.EFFECTIVE, case="PL:APMBC", on="2026-02-20"),
    )
    record = advance(None, story, LATE, LATE, RULES).record
    assert record is not None
    return record


async def page(query: str = "", *, past: bool = True) -> tuple[int, str]:
    """Ask for the page of the case."""
    live = Live(NAMES, lambda: WALL, past=partial(record_at, rules=RULES) if past else None)
    live.take(poland())
    live.catch_up()
    async with TestClient(TestServer(build_app(live))) as client, client.get(f"/case/PL:APMBC{query}") as answer:
        return answer.status, await answer.text()


async def test_the_page_shows_a_case_as_it_was_known_on_a_day() -> None:
    """With the step of then, no live updates, and the way back to now."""
    status, text = await page("?as-of=2025-06-30")

    assert status == 200
    assert "as it was known at the end of 2025-06-30" in text
    assert 'value="2025-06-30"' in text
    assert "k-approved" in text
    assert "k-notified" not in text
    assert "data-stream" not in text


async def test_the_page_of_now_offers_the_choice() -> None:
    """And stands at the latest step, with its updates."""
    status, text = await page()

    assert (status, 'name="as-of"' in text, "k-effective" in text, "data-stream" in text) == (200, True, True, True)


async def test_a_day_before_the_first_report_and_a_day_that_is_none_are_told() -> None:
    """Each with a page that says what to do."""
    assert (await page("?as-of=2025-01-01"))[0] == 404
    assert (await page("?as-of=yesterday"))[0] == 400


async def test_where_the_past_cannot_be_told_the_page_shows_the_present() -> None:
    """A page without rules to fold with."""
    assert "k-effective" in (await page("?as-of=2025-06-30", past=False))[1]


async def test_the_page_tells_who_left_before() -> None:
    """The sentence, and the known cases of the treaty behind it."""
    _, text = await page()

    assert "Fifth state to leave since 2025" in text
    assert "Norway: stayed" in text

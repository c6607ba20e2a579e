"""Whatever a record holds, its pages can be rendered, and what it holds stays text."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import TypeVar

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinks.live.case_page import case_page
from sinks.live.filters import Filter
from sinks.live.pages import now_page
from sinks.live.server import Live
from tests.sinks.live.cases import NAMES
from treatywatch import model

T = TypeVar("T")

WALL = datetime(2025, 8, 20, 15, 0, tzinfo=UTC)
ATTACKS = (
    "<xss>",
    "</title><xss>",
    '" onxss="1',
    "' onxss='1",
    "<!--",
    "]]>",
    "&lt;",
    "\x00",
    "javascript:xss()",
    "\u202e",
)
TEXT = st.lists(st.sampled_from(ATTACKS) | st.text(max_size=6), max_size=4).map("".join)
DATES = st.dates()
TIMES = st.datetimes(timezones=st.just(UTC))
CONFIDENCE = st.floats(0, 1)


def maybe(strategy: st.SearchStrategy[T]) -> st.SearchStrategy[T | None]:
    """The thing or none."""
    return st.none() | strategy


def some(strategy: st.SearchStrategy[T], most: int = 3) -> st.SearchStrategy[tuple[T, ...]]:
    """A few of the thing."""
    return st.lists(strategy, max_size=most).map(tuple)


EVIDENCE = st.builds(
    model.Evidence,
    field=st.sampled_from(["title", "summary"]),
    start=st.integers(0, 50),
    end=st.integers(0, 50),
    text=TEXT,
    part=st.sampled_from(["actor", "act"]) | TEXT,
)
SPEAKER = st.builds(model.Speaker, kind=st.sampled_from(model.SpeakerKind), text=TEXT)
SIGNAL = st.builds(
    model.Signal,
    id=TEXT,
    case_id=TEXT,
    actor=TEXT,
    treaty=maybe(TEXT),
    treaty_text=TEXT,
    action=st.sampled_from(model.Action),
    stage=st.sampled_from(model.Stage),
    confidence=CONFIDENCE,
    item=TEXT,
    revision=st.integers(1, 3),
    speaker=maybe(SPEAKER),
    hedge=st.sampled_from(model.Hedge),
    event_date=maybe(DATES),
    effective_date=maybe(DATES),
    sentence=TEXT,
    evidence=some(EVIDENCE),
    rules=some(TEXT),
    url=maybe(TEXT),
    title=TEXT,
    outlet=TEXT,
    owner=TEXT,
    language=TEXT,
    published=maybe(TIMES),
)
ENTRY = st.builds(
    model.Entry,
    episode=TEXT,
    stage=st.sampled_from(model.Stage),
    action=st.sampled_from(model.Action),
    institution=maybe(st.sampled_from(model.Institution)),
    event_date=maybe(DATES),
    first_seen=maybe(TIMES),
    owners=some(TEXT),
    voices=st.integers(0, 50),
    confidence=CONFIDENCE,
    severity=st.sampled_from(model.Severity),
    evidence=some(SIGNAL),
)
TRANSITION = st.builds(
    model.Transition,
    id=TEXT,
    kind=st.sampled_from(model.ChangeKind),
    from_stage=maybe(st.sampled_from(model.Stage)),
    to=st.sampled_from(model.Stage),
    at=TIMES,
    because=maybe(TEXT),
    episode=TEXT,
    stage=st.sampled_from(model.Stage),
    action=st.sampled_from(model.Action),
    institution=maybe(st.sampled_from(model.Institution)),
    severity=st.sampled_from(model.Severity),
    alertable_at=maybe(TIMES),
)
EFFECT = st.builds(model.EffectiveDate, value=DATES, basis=st.sampled_from(model.Basis), note=maybe(TEXT))
POSITION = st.builds(model.Position, state=TEXT, stance=st.sampled_from(model.Stance))
CASE = st.builds(
    model.Case,
    id=TEXT,
    actor=TEXT,
    treaty=maybe(st.sampled_from(["APMBC", "INF"]) | TEXT),
    treaty_text=TEXT,
    stage=st.sampled_from(model.Stage),
    action=st.sampled_from(model.Action),
    since=maybe(DATES),
    history=some(ENTRY),
    effective_date=maybe(EFFECT),
    flags=some(st.sampled_from(model.Flag), 8),
    severity=st.sampled_from(model.Severity),
    confidence=CONFIDENCE,
    reasons=some(TEXT),
    positions=some(POSITION),
    superseded_by=maybe(TEXT),
    revision=st.integers(0, 5),
    transitions=some(TRANSITION),
)


class Reader(HTMLParser):
    """Reads a page as a browser does, and notes what must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note tags and attributes that only the record can have brought in."""
        if tag == "xss":
            self.wrong.append(tag)
        self.wrong += [name for name, _ in attrs if name.startswith("on")]
        links = [value for name, value in attrs if name in {"href", "src", "cite"}]
        self.wrong += [value for value in links if value and not value.startswith(("/", "#", "http://", "https://"))]
        if tag not in {"meta", "link", "input", "br", "hr", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note an end that ends nothing."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        """Note a comment: we write none."""
        self.wrong.append(data)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(CASE)
def test_any_case_renders_and_stays_text(case: model.Case) -> None:
    """Both pages and the live update of a record come out well-formed, with nothing of it as markup."""
    live = Live(NAMES, lambda: WALL)
    live.catch_up()
    live.take(case)
    pages = [
        case_page(case, live.view(), live.frame()),
        now_page(live.now(Filter(), 1), live.view(), live.frame()),
    ]

    for page in pages:
        page.encode()  # can be sent
        reader = Reader()
        reader.feed(page)
        reader.close()
        assert (reader.wrong, reader.open) == ([], [])
        assert not re.search("[\x00\u202a-\u202e]", page)

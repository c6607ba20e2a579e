"""The pages as a reader sees them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from html import unescape

import msgspec

from sinks.live.case_page import case_page
from sinks.live.filters import Filter
from sinks.live.pages import now_page
from sinks.live.server import Live
from tests.sinks.live.cases import NAMES, baltic, fishing, norway, poland, report, sample, step, ukraine
from treatywatch.model import Case, Severity, Stage

WALL = datetime(2025, 8, 20, 15, 0, tzinfo=UTC)


def live(*cases: Case) -> Live:
    """Make the state of a server that has read these cases."""
    made = Live(NAMES, lambda: WALL)
    for case in cases:
        made.take(case)
    made.catch_up()
    return made


def now(*cases: Case, chosen: Filter | None = None, page: int = 1) -> str:
    """Render Now."""
    made = live(*cases)
    return now_page(made.now(chosen or Filter(), page), made.view(), made.frame())


def one(case: Case) -> str:
    """Render the page of a case."""
    made = live(case)
    return case_page(case, made.view(), made.frame())


def text(page: str) -> str:
    """What a reader reads: the page without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


def test_alert_says_in_one_line_what_happened_and_shows_the_sentence() -> None:
    """Who, which treaty, which step, when it takes effect, and the words that prove it, marked."""
    page = now(poland(5))

    assert "Poland → Ottawa Convention : notice deposited; leaves 20 Feb 2026 (computed)" in text(page)
    assert '<mark class="m-stage" title="stage">deposited its notice</mark>' in page


def test_row_shows_step_date_of_effect_sources_and_flags() -> None:
    """The list answers most questions without a click."""
    page = text(now(ukraine(), poland(5)))

    assert "notice deposited on 20 Aug 2025 3 sources demo data leaves 20 Feb 2026 in 184 days" in page
    assert "treaty suspended on 21 Jul 2025 1 source contested demo data" in page


def test_four_papers_of_three_owners_are_three_sources() -> None:
    """Sources are independent owners, not outlets."""
    assert "notice deposited 20 Aug 2025 3 sources" in text(one(poland(5)))


def test_copies_of_a_wire_text_are_one_source_in_the_list_and_on_the_page() -> None:
    """The step's voices are shown, not its owners; these are named where one asks."""
    case = poland(5)
    wire = msgspec.structs.replace(case.history[-1], voices=1)
    case = msgspec.structs.replace(case, history=(*case.history[:-1], wire))

    assert "notice deposited on 20 Aug 2025 1 source demo data" in text(now(case))
    assert "notice deposited 20 Aug 2025 1 source" in text(one(case))
    assert f"{', '.join(wire.owners)}; copies of one text count once" in one(case)


def test_illustrative_cases_are_marked_and_real_ones_are_not() -> None:
    """Nobody may take the demonstration for news, nor news for a demonstration."""
    real = msgspec.structs.replace(poland(5), flags=())

    assert "illustrative demo data" in one(poland(5))
    assert "Illustrative demo data" in now(poland(5))
    assert "demo data" not in now(real) + one(real)


def test_quiet_page_says_that_the_program_is_alive() -> None:
    """No news is shown as no news, with the state of the program."""
    page = text(now())

    assert "Quiet: no state has been reported to move" in page
    assert "Up to date at 15:00 UTC" in page
    assert "last record none yet" in page


def test_page_made_while_reading_says_so() -> None:
    """An empty list at the start is not taken for quiet."""
    made = Live(NAMES, lambda: WALL)
    page = text(now_page(made.now(Filter(), 1), made.view(), made.frame()))

    assert "Reading earlier records" in page
    assert "Quiet" not in page


def test_case_page_shows_rules_voices_and_what_people_were_told() -> None:
    """Why did I get this, who is for and against, and when was I told."""
    page = text(one(poland(5)))

    assert "Rules that fired: act.verb stage.notified treaty.alias" in page
    assert "For the move Finland Against the move Norway Not a party United States" in page
    assert "Speaking: official the defence minister" in page
    assert "alerted 20 Aug 2025, 09:12 UTC" in page
    assert "Notice 6 months" in page


def test_case_page_says_why_nothing_was_sent() -> None:
    """What was held back, and what was back-filled, is shown as such."""
    quiet = one(norway())
    late = poland(1)
    filled = msgspec.structs.replace(late.transitions[0], alertable_at=None)

    assert "held back: not weighty enough by itself" in quiet
    assert "not alerted: back-filled" in one(msgspec.structs.replace(late, transitions=(filled,)))


def test_treaty_outside_the_register_is_named_in_the_words_of_the_text() -> None:
    """No notice period is made up for it."""
    page = text(one(fishing()))

    assert "Russia → fishing agreement with the United Kingdom" in page
    assert "no notice period is known" in page


def test_replaced_case_points_to_its_successor() -> None:
    """A permanent link leads on."""
    page = one(msgspec.structs.replace(fishing(), superseded_by="RU:INF"))

    assert '<a href="/case/RU:INF">RU:INF</a>' in page


def test_chosen_filter_is_shown_in_the_form_and_kept_by_the_links() -> None:
    """A reader sees what is filtered, and a click on a step does not undo it."""
    page = now(*sample(), chosen=Filter(actor="PL"))

    assert '<option value="PL" selected>Poland (1)</option>' in page
    assert 'href="/?actor=PL&amp;stage=notified"' in page
    assert 'data-stream="/events?actor=PL"' in page
    assert "Lithuania → Ottawa Convention" not in page


def test_long_list_is_cut_into_pages() -> None:
    """Forty cases to a page, a page number too high is the last page, and the page stays under 100 kB."""
    many = [msgspec.structs.replace(poland(5), id=f"PL:~{number}", revision=1) for number in range(95)]
    page = now(*many, page=99)

    assert text(page).count("leaves 20 Feb 2026 in 184 days") == 15
    assert "Page 3 of 3" in page
    assert len(now(*many).encode()) < 100_000


def test_hostile_title_stays_text_everywhere() -> None:
    """A headline that tries to be markup is shown as the letters it is."""
    attack = "<script>alert(1)</script><img src=x onerror=alert(2)> Poland quits"
    entry = step(
        "PL:APMBC",
        Stage.ANNOUNCED,
        date(2025, 8, 1),
        report("<b>Outlet", '"><svg onload=alert(3)>', attack, "actor:<script>", "act:quits"),
        severity=Severity.URGENT,
    )
    case = Case(
        id='PL:~"><script>',
        actor="<i>PL",
        treaty=None,
        treaty_text="</title><script>x",
        stage=Stage.ANNOUNCED,
        action=entry.action,
        since=None,
        history=(entry,),
        severity=Severity.URGENT,
        revision=1,
        transitions=(msgspec.structs.replace(poland(1).transitions[0], because=entry.evidence[0].id),),
    )

    for page in (now(case), one(case)):
        assert "<script>alert" not in page
        assert page.count("<script") == 1  # our own
        assert not re.search(r"<img|<svg onload|<b>Outlet|<i>PL", page)
        assert "&lt;script&gt;" in page


def test_pages_hold_no_inline_script_or_style() -> None:
    """The content security policy would refuse them."""
    for page in (now(*sample()), one(poland(6)), one(baltic("LT", date(2025, 5, 8)))):
        assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", page)
        assert re.findall(r"<script[^>]*>[^<]", page) == []

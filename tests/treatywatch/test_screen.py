"""The terminal of `up`: each transition with its proof, tables that fit, and nothing that a headline could break."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from tests.sinks.made import a_signal
from tests.sinks.told import a_step, a_transition, told_case
from treatywatch.account import Account, Outcome
from treatywatch.actors import load_actors
from treatywatch.embedded import _begin_demo
from treatywatch.locate import config_dir
from treatywatch.model import Basis, Case, ChangeKind, EffectiveDate, Severity, Stage
from treatywatch.register import load_register
from treatywatch.screen import Screen


def screen(width: int = 120) -> tuple[Screen, io.StringIO]:
    """A screen on a terminal that is none."""
    out = io.StringIO()
    console = Console(file=out, width=width, force_terminal=False)
    return Screen(console, load_register(config_dir()), load_actors(config_dir())), out


def a_case(sentence: str = "Poland notifies the depositary.", **changes: object) -> Case:
    """A notified case whose transition rests on one signal."""
    signal = a_signal(1, id="proof", sentence=sentence, stage=Stage.NOTIFIED, outlet="Example Wire (illustrative)")
    step = Stage.NOTIFIED
    told = a_transition("t", stage=step, to=step, because="proof", severity=Severity.URGENT, institution=None)
    return told_case(
        told,
        stage=step,
        changed=told,
        history=(a_step(step, evidence=(signal,)),),
        effective_date=EffectiveDate(value=date(2026, 2, 20), basis=Basis.COMPUTED),
        **changes,
    )


def test_a_transition_names_state_treaty_step_date_outlet_and_sentence() -> None:
    """What a duty officer wants of one glance."""
    shown, out = screen()

    shown.transition(a_case())

    first, second = out.getvalue().splitlines()
    assert "Poland → Ottawa Convention: notified; takes effect 2026-02-20 (computed)" in first
    assert first.startswith("!!")
    assert second.strip() == "“Poland notifies the depositary.” — Example Wire (illustrative)"


def test_markup_in_a_headline_is_shown_as_it_is() -> None:
    """A feed's text must not colour or break the terminal."""
    shown, out = screen()

    shown.transition(a_case("[bold red]Leave[/] the [treaty]"))

    assert "“[bold red]Leave[/] the [treaty]”" in out.getvalue()


def test_a_record_without_a_transition_prints_nothing() -> None:
    """Only evidence moved."""
    shown, out = screen()

    shown.transition(told_case())

    assert out.getvalue() == ""


@pytest.mark.parametrize("kind", list(ChangeKind))
def test_every_kind_of_change_has_words(kind: ChangeKind) -> None:
    """A new kind must not be shown as nothing."""
    shown, out = screen()
    told = a_transition("t", kind=kind)

    shown.transition(told_case(told, changed=told, history=(a_step(told.stage),)))

    assert "Poland → Ottawa Convention: " in out.getvalue()


@pytest.mark.parametrize("width", [80, 160])
def test_the_table_of_cases_fits_the_terminal(width: int) -> None:
    """Narrow terminals go without the flags."""
    shown, out = screen(width)

    shown.cases([a_case()])

    assert max(map(len, out.getvalue().splitlines())) <= width
    assert "notified" in out.getvalue()
    assert ("flags" in out.getvalue()) == (width > 100)


def test_the_account_shows_every_stage_and_every_reason() -> None:
    """Received is the sum of what became of the inputs."""
    shown, out = screen()
    account = Account("detect")
    account.count(Outcome.PASSED)
    account.count(Outcome.REJECTED, "no_act")
    account.count(Outcome.DEAD, "malformed")

    shown.accounts({"detect": account}, {"signals": 1, "cases": 1})

    text = out.getvalue()
    assert "detect: rejected 1 no_act" in text
    assert "detect: dead 1 malformed" in text
    assert "store: 1 signals, 1 cases" in text


def test_a_demo_that_ended_begins_anew_and_one_that_was_killed_goes_on(tmp_path: Path) -> None:
    """The lock is this very process's and stays."""
    (tmp_path / "lock").touch()
    (tmp_path / "store.sqlite").touch()
    (tmp_path / "logs").mkdir()

    _begin_demo(tmp_path)
    assert (tmp_path / "store.sqlite").exists()

    (tmp_path / "ended").touch()
    _begin_demo(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock"]

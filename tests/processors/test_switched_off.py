"""A kind of instrument that alerts.yml switches off is detected and tracked, marked, and told to nobody."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from processors.detect.pipeline import load_detector
from processors.replay import final, replay
from processors.track.policy import Rules, load_rules
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir
from treatywatch.model import Case, Flag, Item, Severity, Stage

DETECTOR = load_detector(config_dir())
DAY = datetime(2025, 3, 3, 9, tzinfo=UTC)
OWNERS = ("North Press (illustrative)", "South Press (illustrative)")


def rules(folder: Path, off: str) -> Rules:
    """Load the shipped register with a policy that switches these kinds off."""
    shutil.copy(config_dir() / "treaties.yml", folder)
    policy = (config_dir() / "alerts.yml").read_text(encoding="utf-8")
    assert "off: []" in policy
    (folder / "alerts.yml").write_text(policy.replace("off: []", f"off: [{off}]"), encoding="utf-8")
    return load_rules(folder)


def told(title: str, by: Rules) -> tuple[Case, list[Case]]:
    """Read what two outlets report, and give the case and the records that would alert somebody."""
    items = [
        Item(id=owner, title=title, published=DAY, fetched=DAY + timedelta(minutes=5), outlet=owner, owner=owner)
        for owner in OWNERS
    ]
    written = list(replay(DETECTOR, items, by))
    (case,) = final(written)
    return case, [record for record in written if record.changed and record.changed.alertable_at]


@pytest.mark.parametrize(
    ("kind", "title", "stage"),
    [
        ('"human rights"', "Latvia withdraws from Istanbul Convention", Stage.EFFECTIVE),
        ('"regional org"', "Mali announces withdrawal from ECOWAS", Stage.ANNOUNCED),
        ('"climate"', "United States notifies UN of withdrawal from Paris Agreement", Stage.NOTIFIED),
        ('"trade"', "Mexico suspends USMCA", Stage.SUSPENDED),
        ('"IHL/disarmament"', "Lithuania notifies UN of withdrawal from Ottawa Convention", Stage.NOTIFIED),
    ],
)
def test_kind_that_is_off_is_tracked_and_marked_and_not_told(
    tmp_path: Path, kind: str, title: str, stage: Stage
) -> None:
    """The case is there with its step, flagged and with the reason; with the kind on, the same report is told."""
    case, alerts = told(title, rules(tmp_path, kind))
    assert case.stage is stage
    assert case.severity is Severity.NONE
    assert Flag.SWITCHED_OFF in case.flags
    assert any(f"the kind '{kind.strip(chr(34))}' is switched off" in reason for reason in case.reasons)
    assert alerts == []
    on, loud = told(title, load_rules(config_dir()))
    assert on.severity is not Severity.NONE
    assert Flag.SWITCHED_OFF not in on.flags
    assert loud


def test_another_kind_stays_on(tmp_path: Path) -> None:
    """To switch off trade says nothing about mines."""
    case, alerts = told("Lithuania notifies UN of withdrawal from Ottawa Convention", rules(tmp_path, '"trade"'))
    assert case.severity is Severity.URGENT
    assert Flag.SWITCHED_OFF not in case.flags
    assert alerts


def test_computed_date_of_a_kind_that_is_off_passes_in_silence(tmp_path: Path) -> None:
    """What nobody was told of is not told when its date passes."""
    by = rules(tmp_path, '"IHL/disarmament"')
    items = [
        Item(id="1", title="Finland notifies UN of withdrawal from Ottawa Convention", published=DAY, owner=OWNERS[0]),
        Item(id="2", title="Weather report", published=DAY + timedelta(days=300), owner=OWNERS[0]),
    ]
    written = list(replay(DETECTOR, items, by))
    assert Flag.DUE in final(written)[0].flags
    assert not any(record.changed and record.changed.severity is not Severity.NONE for record in written)


def test_misspelt_kind_is_a_fault_with_its_line(tmp_path: Path) -> None:
    """A kind that no instrument has would switch off nothing in silence."""
    with pytest.raises(
        ConfigError, match=r"alerts.yml:\d+: no instrument has the kind 'climat', did you mean 'climate'"
    ):
        rules(tmp_path, '"climat"')

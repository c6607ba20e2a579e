"""The judged alerts hold hashes only, and the page on cases names tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

from tests.processors.alerts.measure import HERE, load_alerts

ROOT = Path(__file__).parents[3]


def test_judged_alerts_hold_hashes_only_and_each_once() -> None:
    """No word of a publisher's text is in the repository."""
    alerts = load_alerts()

    assert len(alerts) == len((HERE / "judged.jsonl").read_text(encoding="utf-8").splitlines())
    assert all(re.fullmatch(r"[0-9a-f]{16}", alert.text) for alert in alerts.values())


def test_at_most_one_judged_alert_in_twenty_is_false() -> None:
    """What the page on cases says of them."""
    alerts = load_alerts().values()
    false = sum(not alert.event for alert in alerts)
    page = (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")

    assert 0 < false <= len(alerts) / 20
    assert f"| alerts | {len(alerts)}, " in page
    assert f"| {false} (1 in {round(len(alerts) / false)})" in page


def test_every_test_that_the_page_on_cases_names_is_there() -> None:
    """A trap whose test was renamed would be held by nothing."""
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs" / "cases.md").read_text(encoding="utf-8")))
    there = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert len(named) >= 25
    assert named <= there

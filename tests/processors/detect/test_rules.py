"""Every rule that speaks leaves its id: with a signal, and with a refusal."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from processors.detect.pipeline import load_detector
from treatywatch.locate import config_dir
from treatywatch.model import Item, Reason

DETECTOR = load_detector(config_dir())
DAY = datetime(2025, 7, 1, tzinfo=UTC)

FIRED = [
    ("Poland's withdrawal from the mine ban takes effect", "who.named-by-act"),
    ("Norway urges Finland to leave the mine ban", "who.called-on"),
    ("Finland leaves the mine ban", "who.subject"),
    ("Exit from the mine ban takes effect for Lithuania", "who.affected"),
    ("We are leaving the oil cartel OPEC, Quito declares", "who.speaker-behind"),
    ("Manila suspends termination of the Visiting Forces Agreement", "undo:suspends"),
    ("Islamabad rejects India's suspension of the Indus Waters Treaty", "turn.rejects-anothers"),
    ("Norway wants Finland to quit the mine ban", "turn.wants-another"),
    ("Lithuania said it would leave the cluster munitions convention", "turn.backshift"),
    ("Estonia's exit from the mine ban will take effect in December", "right.effect:take effect"),
    ("Poland to leave the mine ban", "settled.headline-future"),
    ("Russia scraps its fishing deal with Norway", "instrument.with-partner"),
    ("Georgia ends the 1994 transit treaty", "instrument.with-purpose"),
]

REFUSED = [
    ("Washington, which quit the INF Treaty in 2019, tests a rocket", "no.relative", Reason.HISTORICAL),
    ("If Iran leaves the NPT, prices will rise", "hypothetical:if", Reason.HYPOTHETICAL),
    ("If sanctions return, Iran leaves the NPT", "no.leading-if", Reason.HYPOTHETICAL),
    ("Were Iran to quit the NPT, prices would rise", "no.inversion", Reason.HYPOTHETICAL),
    ("Britain left the London Fisheries Convention in 2019", "no.old", Reason.HISTORICAL),
    ("Will Slovakia leave the mine ban?", "no.no-news", Reason.HYPOTHETICAL),
    ("Rebels quit the Minsk accords", "who.non-state", Reason.NO_ACTOR),
    ("Kenya denounces the pact as a betrayal", "no.condemned", Reason.OTHER_SENSE),
]


@pytest.mark.parametrize(("text", "rule"), FIRED)
def test_signal_names_its_rules(text: str, rule: str) -> None:
    """The rules of a signal tell how it came about."""
    (signal,) = DETECTOR.read(Item(id="1", title=text, published=DAY)).signals
    assert rule in signal.rules


@pytest.mark.parametrize(("text", "rule", "reason"), REFUSED)
def test_refusal_names_its_rule(text: str, rule: str, reason: Reason) -> None:
    """A candidate that became no signal keeps the rule that said so, with the reason."""
    detection = DETECTOR.read(Item(id="1", title=text, published=DAY))
    assert not detection.signals
    assert any(rule in candidate.rules and candidate.reason is reason for candidate in detection.candidates)


def test_act_without_instrument_is_told() -> None:
    """Troops that are withdrawn are no exit: the act is kept with its reason."""
    detection = DETECTOR.read(Item(id="1", title="Kenya withdraws troops from the treaty zone", published=DAY))
    assert not detection.signals
    assert Reason.OTHER_OBJECT in {one.reason for one in detection.refused}

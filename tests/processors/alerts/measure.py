"""Count the alerts of a file of news, as `treatywatch replay` tells them, against what a reader said of each.

    python -m tests.processors.alerts.measure FILE          prints the figures
    python -m tests.processors.alerts.measure FILE --blank  prints a line to fill in for each unjudged alert

The texts stay where they are; `judged.jsonl` beside this file keeps a hash of each. `event`: the text reports such a
move of that state, or, for a date that passed or a doubt, the step that it rests on is so. `step_ok`: so is the step.
An exit counts as alerted where its text, or an earlier one of the same step, was alerted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from processors.detect.pipeline import Detection, Detector, load_detector
from processors.detect.scoring.judged import load_judged
from processors.detect.scoring.labels import text_key
from processors.replay import replay
from processors.track.advance import load_rules
from processors.track.lifecycle import MOVES
from producers.files import lines, read_lines
from treatywatch.locate import config_dir
from treatywatch.model import Case, Item, Severity, Signal, Transition

HERE = Path(__file__).parent
EXITS = HERE.parent / "detect" / "judged.jsonl"


class Alert(msgspec.Struct, frozen=True, omit_defaults=True):
    """One alert as it was judged."""

    text: str
    case: str
    kind: str
    step: str
    event: bool
    step_ok: bool = True


class Remembering:
    """A detector that remembers what each signal was read from."""

    def __init__(self, detector: Detector) -> None:
        self.detector = detector
        self.texts: dict[str, str] = {}
        self.signals: dict[str, list[Signal]] = {}

    def read(self, item: Item) -> Detection:
        """Read one item."""
        found = self.detector.read(item)
        key = text_key(item)
        self.signals[key] = list(found.signals)
        self.texts.update({signal.id: key for signal in found.signals})
        return found


def load_alerts() -> dict[tuple[str, str, str, str], Alert]:
    """Read the judgements, by text, case, kind and step."""
    rows = (HERE / "judged.jsonl").read_bytes().splitlines()
    read = [msgspec.json.decode(row, type=Alert) for row in rows]
    return {(one.text, one.case, one.kind, one.step): one for one in read}


def main(file: str, blank: bool) -> None:
    """Replay the file and print."""
    config = config_dir()
    detector = Remembering(load_detector(config))
    months: set[str] = set()

    def items() -> Iterator[Item]:
        with lines(file) as stream:
            for line in read_lines(stream, source=file):
                if isinstance(line, Item):
                    months.update([f"{line.published:%Y-%m}"] if line.published else [])
                    yield line

    told: list[tuple[Case, Transition]] = [
        (case, case.changed)
        for case in replay(detector, items(), load_rules(config))
        if case.changed and case.changed.severity is not Severity.NONE
    ]
    judged, exits = load_alerts(), load_judged(EXITS)
    keys = [(detector.texts[t.because or ""], case.id, t.kind.value, t.stage.value) for case, t in told]
    if blank:
        for key in keys:
            if key not in judged:
                print(msgspec.json.encode(Alert(*key, event=True)).decode())
        return
    known = [judged[key] for key in keys if key in judged]
    false = sum(not one.event for one in known)
    print(f"{len(keys)} alerts in {len(months)} months of news: {len(keys) * 12 / len(months):.1f} a year")
    print(f"false {false}, step wrong {sum(one.event and not one.step_ok for one in known)}, ", end="")
    print(f"unjudged {len(keys) - len(known)}")
    alerted = {key[0] for key in keys}
    steps = {(case, step) for _, case, kind, step in keys if kind == "entry"}
    moved = 0
    missed = []
    for text, signals in detector.signals.items():
        true = [s for s in signals if s.stage in MOVES and (one := exits.of(text, s)) is not None and one.event]
        if true:
            moved += 1
            if text not in alerted and not any((s.case_id, s.stage.value) in steps for s in true):
                missed.append((text, true[0].case_id))
        elif exits.event(text) and not signals:
            moved += 1
            missed.append((text, "no signal"))
    print(f"judged exits at announced or later: {moved}, alerted {moved - len(missed)}, not: {missed}")


if __name__ == "__main__":
    main(sys.argv[1], "--blank" in sys.argv)

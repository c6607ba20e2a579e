"""Which words find a signal and a case: the text that every store indexes, folded."""

from __future__ import annotations

from sinks.names import Names
from sinks.search_text import fold_all
from treatywatch.model import Case, Signal


def signal_text(signal: Signal, names: Names) -> str:
    """Return the folded words of a signal: state and treaty by all their names, text, outlet, speaker, step."""
    return fold_all(
        [
            signal.title,
            signal.sentence,
            names.actor(signal.actor),
            signal.actor,
            signal.treaty_text,
            *names.treaty_words(signal.treaty),
            signal.outlet,
            signal.owner,
            signal.speaker.text if signal.speaker else None,
            signal.stage,
            signal.action,
            signal.institution,
            *(span.text for span in signal.evidence),
            *(names.actor(position.state) for position in signal.positions),
        ]
    )


def case_text(case: Case, names: Names) -> str:
    """Return the folded words of a case: its names, its flags, and the steps and evidence of its history."""
    words: list[str | None] = [
        names.actor(case.actor),
        case.actor,
        case.treaty_text,
        names.treaty(case.treaty, case.treaty_text),
        *names.treaty_words(case.treaty),
        *case.flags,
        *(names.actor(position.state) for position in case.positions),
    ]
    for entry in case.history:
        words += [entry.stage, entry.action, entry.institution, *entry.outlets, *entry.owners]
        for signal in entry.evidence:
            words += [signal.title, signal.sentence, signal.speaker.text if signal.speaker else None]
    return fold_all(words)

"""How well a step is attested: independent voices, not articles.

A wire story under forty mastheads is one voice: owners are counted, an agency's by-line makes the agency the voice, and
the same words printed by two owners count once. A depositary's notification confirms.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from processors.track.policy import Rules
from treatywatch.model import Institution, Signal, SpeakerKind, Stage

_MIN_WORDS = 5  # shorter texts are alike by chance: "Poland leaves treaty"
_TAIL = re.compile(r"\s+[-–—|]\s+[^-–—|]{2,40}$")  # " - Name of the outlet"
_FOREIGN_VOICE = 0.6  # how much the word of a third state weighs about what another state has done
_FOREIGN = frozenset({SpeakerKind.THIRD_STATE})
_MOST = 0.99  # press reports alone are never certain
_CONFIRMED = 0.995


@dataclass(frozen=True, slots=True)
class Attestation:
    """How well a step is attested. `voices` are the independent owners or agencies, sorted."""

    voices: tuple[str, ...]
    confidence: float
    confirmed: bool
    foreign_only: bool
    reasons: tuple[str, ...]


def attest(signals: Sequence[Signal], stage: Stage, rules: Rules) -> Attestation:
    """Judge the signals of one step. Expects at least one."""
    best: dict[str, float] = {}
    told_of = voices(signals, rules)
    for signal in signals:
        weight = _FOREIGN_VOICE if _foreign(signal) else 1.0
        voice = told_of[signal.id]
        best[voice] = max(best.get(voice, 0.0), signal.confidence * weight)
    doubt = 1.0
    for _, confidence in sorted(best.items()):
        doubt *= 1.0 - min(max(confidence, 0.0), 1.0)
    confirmed = any(confirms(signal, rules) for signal in signals)
    owners = {signal.owner for signal in signals}
    reasons = [f"{len(best)} independent source{'s' if len(best) != 1 else ''}"]
    if len(best) < len(owners):
        reasons.append(f"{len(owners)} owners print it, copies of one text count once")
    if confirmed:
        reasons.append("the depositary confirms it")
    foreign_only = all(_foreign(signal) for signal in signals)
    if foreign_only:
        reasons.append("only another state says so")
    confidence = max(_CONFIRMED, 1 - doubt) if confirmed else min(_MOST, 1 - doubt)
    return Attestation(tuple(sorted(best)), round(confidence, 3), confirmed, foreign_only, tuple(reasons))


def voices(signals: Sequence[Signal], rules: Rules) -> dict[str, str]:
    """Name each signal's voice, by signal id: the agency or owner; those who print the same words share one."""
    name = {signal.id: _byline(signal, rules) or signal.owner for signal in signals}
    leader = {voice: voice for voice in name.values()}

    def head(voice: str) -> str:
        while leader[voice] != voice:
            voice = leader[voice]
        return voice

    first: dict[str, str] = {}
    for signal in sorted(signals, key=lambda s: s.id):
        for text in _texts(signal):
            one, other = sorted((head(first.setdefault(text, name[signal.id])), head(name[signal.id])))
            leader[other] = one
    return {id: head(voice) for id, voice in name.items()}


def confirms(signal: Signal, rules: Rules) -> bool:
    """Say whether a signal is the depositary's own word, or reports it as such."""
    return signal.institution is Institution.DEPOSITARY or (
        signal.kind is not None and signal.kind in rules.policy.sources.depositaries
    )


def organ(signal: Signal, rules: Rules) -> Institution | None:
    """Name the organ that took the step: as the text says; a notice in a depositary's own feed is its own."""
    if signal.institution is None and signal.stage is Stage.NOTIFIED and confirms(signal, rules):
        return Institution.DEPOSITARY
    return signal.institution


def _foreign(signal: Signal) -> bool:
    return signal.speaker is not None and signal.speaker.kind in _FOREIGN


def _byline(signal: Signal, rules: Rules) -> str | None:
    pattern = rules.byline
    if pattern is None:
        return None
    for text in (signal.title, signal.sentence):
        if found := pattern.search(text):
            return found.group(1) or found.group(2)
    return None


def _texts(signal: Signal) -> set[str]:
    texts = set()
    for text in (_TAIL.sub("", signal.title), signal.sentence):
        words = re.findall(r"\w+", text.casefold())
        if len(words) >= _MIN_WORDS:
            texts.add(" ".join(words))
    return texts

"""How loudly a step is told: the one place that decides it, from the policy in config/alerts.yml."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from processors.track.policy import Policy
from treatywatch.model import Institution, Severity, SpeakerKind, Stage


@dataclass(frozen=True, slots=True)
class Step:
    """What the decision looks at.

    `kind` is the register's, none outside it. `announced`: the exit had come so far before this step; `notified`: the
    notice was given, or the suspension declared; `over`: the exit had taken effect, a lower step is only retold.
    """

    stage: Stage
    kind: str | None
    weighty: bool
    voices: int
    confidence: float
    announced: bool
    notified: bool = False
    over: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision with its reason, for a reader."""

    severity: Severity
    reason: str


def decide(step: Step, policy: Policy) -> Verdict:
    """Decide how loudly a step is told."""
    if step.kind is not None and step.kind in policy.kinds.off:
        return Verdict(Severity.NONE, f"not told: the kind '{step.kind}' is switched off")
    if step.stage in policy.only_after_announced and not step.announced:
        return Verdict(Severity.NONE, f"not told: {step.stage} without an exit announced before")
    if step.over:
        return Verdict(Severity.NONE, f"not told: {step.stage} after the exit took effect is told in retrospect")
    if step.stage in policy.only_before_announced and step.announced:
        return Verdict(Severity.NONE, f"not told: {step.stage} after the exit was announced")
    if step.stage in policy.only_before_notified and step.notified:
        return Verdict(
            Severity.NONE, f"not told: {step.stage} after the notice or the suspension is told in retrospect"
        )
    if step.stage in policy.weight.steps and not step.weighty:
        return Verdict(Severity.NONE, f"not told: {step.stage} by nobody who decides or governs")
    if held_back(step.voices, step.confidence, policy):
        return Verdict(Severity.NONE, f"held back: one report of low confidence ({step.confidence:.2f})")
    arms = step.kind is not None and step.kind in policy.kinds.arms
    loudness = policy.steps[step.stage]
    severity = loudness.arms if arms else loudness.other
    return Verdict(severity, f"{severity}: {step.stage}, {'arms control or defence' if arms else 'other instruments'}")


def held_back(voices: int, confidence: float, policy: Policy) -> bool:
    """Say whether a step rests on one report of low confidence."""
    return voices < policy.single_report.owners and confidence < policy.single_report.below


def weighty(stage: Stage, voices: Iterable[tuple[SpeakerKind | None, Institution | None]], policy: Policy) -> bool:
    """Say whether one of these voices weighs where nothing is decided yet: the organ, else the speaker, else nobody."""
    for speaker, institution in voices:
        if institution is not None and institution in policy.weight.institutions:
            return True
        if speaker is not None and speaker in policy.weight.speakers:
            return True
        if speaker is None and institution is None and stage in policy.weight.unnamed:
            return True
    return False

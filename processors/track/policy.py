"""The policy of severity: `config/alerts.yml` as typed data. What decides with it is `severity.py`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import Field, model_validator

from treatywatch.config import Strict, lines_of, load, nearest
from treatywatch.errors import ConfigError
from treatywatch.model import Institution, Severity, SpeakerKind, Stage
from treatywatch.register import Register, load_register


class Loudness(Strict):
    """How loudly one step is told: for arms control and defence, and for everything else."""

    arms: Severity
    other: Severity


class Kinds(Strict):
    """Which kinds of instrument (the `kind` of treaties.yml) are arms control and defence, and which are never told."""

    arms: tuple[str, ...]
    off: tuple[str, ...] = ()


class Weight(Strict):
    """Whose word about leaving weighs, where nothing is decided yet."""

    steps: tuple[Stage, ...]
    speakers: tuple[SpeakerKind, ...]
    institutions: tuple[Institution, ...]
    unnamed: tuple[Stage, ...] = Field((), description="steps that weigh also where the text names no speaker")


class Single(Strict):
    """When one report is held back: below this confidence, until so many independent owners have it."""

    below: float = Field(ge=0, le=1)
    owners: int = Field(ge=1)


class Unconfirmed(Strict):
    """After how many days a claimed notice or effect, without the depositary's word, is said to be unconfirmed."""

    days: int = Field(ge=1)
    severity: Severity


class Agencies(Strict):
    """By-lines that make an outlet's article an agency's voice, and feed kinds that speak for a depositary."""

    bylines: tuple[str, ...] = ()
    depositaries: tuple[str, ...] = ()


class Example(Strict):
    """One row of the table of examples: given this, people are told so. A test checks each."""

    step: Stage
    kind: str | None = Field(None, description="none: an instrument outside the register")
    speaker: SpeakerKind | None = None
    institution: Institution | None = None
    owners: int = 2
    confidence: float = 0.9
    announced: bool = Field(False, description="the exit had been announced, or was further, before this step")
    notified: bool = Field(False, description="the notice had been given, or the suspension declared, before this step")
    told: Severity
    why: str


class Policy(Strict):
    """The whole of alerts.yml."""

    steps: dict[Stage, Loudness]
    only_after_announced: tuple[Stage, ...]
    only_before_announced: tuple[Stage, ...] = ()
    only_before_notified: tuple[Stage, ...] = ()
    kinds: Kinds
    weight: Weight
    single_report: Single
    unconfirmed: Unconfirmed
    due: Severity
    withdrawn: Severity
    stands_again: Severity
    sources: Agencies = Agencies()
    examples: tuple[Example, ...] = ()

    @model_validator(mode="after")
    def _every_step_is_given(self) -> Policy:
        missing = [stage.value for stage in Stage if stage not in self.steps]
        if missing:
            raise ValueError(f"no loudness is given for: {', '.join(missing)}")
        return self


@dataclass(frozen=True)
class Rules:
    """What `track` decides by: the register and the policy."""

    register: Register
    policy: Policy

    @cached_property
    def byline(self) -> re.Pattern[str] | None:
        """Match an agency's by-line: "(Agency)" anywhere, "Agency -" or "Agency:" in front."""
        names = "|".join(re.escape(name) for name in self.policy.sources.bylines)
        return re.compile(rf"\(({names})\)|^({names})\s*[-–—:]") if names else None


def load_rules(config: Path) -> Rules:
    """Read treaties.yml and alerts.yml. Raises ConfigError with every fault of the first file that has any.

    A kind that no row of the register has is a fault: misspelt, it would switch off nothing.
    """
    path = config / "alerts.yml"
    register, policy = load_register(config), load(path, Policy)
    known = {row.kind for row in register}
    unknown = [kind for kind in (*policy.kinds.off, *policy.kinds.arms) if kind not in known]
    if unknown:
        line = lines_of(path, "kinds")[-1]
        raise ConfigError(
            [f"{path}:{line}: no instrument has the kind '{kind}'{nearest(kind, known)}" for kind in unknown]
        )
    return Rules(register, policy)

"""Fit the confidence to what readers said: the weight of each doubt, then the table that the products are read off.

Few signals are judged, some hundred, so nothing is believed at once: each factor starts at a reasoned prior that counts
as much as `_PRIOR` judged signals, and each step of the table as `_STEADY` signals that are as right as the product.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import yaml

from processors.detect.confidence import PREFIX, Confidence, Doubt, Knot, Weight
from processors.detect.scoring.score import Reading

_PRIOR = 20
_STEADY = 20
_MOST = 0.97  # no text alone is surer: the source itself can be wrong
_LEAST = 12  # signals in a step of the table, or their share means nothing


@dataclass(frozen=True, slots=True)
class Judged:
    """What is fitted on: the doubts of one signal, and whether it is right in every part."""

    doubts: frozenset[Doubt]
    right: bool


def judged_signals(readings: Iterable[Reading]) -> list[Judged]:
    """Take the signals that somebody has judged, each signal of a text once, in an order that is always the same."""
    seen: dict[tuple[str, str, str], Judged] = {}
    for one in readings:
        if one.right is not None:
            doubts = frozenset(Doubt(rule.removeprefix(PREFIX)) for rule in one.signal.rules if rule.startswith(PREFIX))
            seen[one.key, one.signal.case_id, one.signal.stage.value] = Judged(doubts, one.right)
    return [seen[key] for key in sorted(seen)]


def calibrate(before: Confidence, judged: Sequence[Judged], fitted: Mapping[str, str | int]) -> Confidence:
    """Fit factors and table anew; priors, sentences and the start stay. The same input gives the same figures."""
    plain = [one.right for one in judged if not one.doubts]
    base = (sum(plain) + _PRIOR * before.start) / (len(plain) + _PRIOR)
    doubts = {doubt: _weight(weight, doubt, judged, base) for doubt, weight in before.doubts.items()}
    weighed = before.model_copy(update={"doubts": doubts, "table": (), "fitted": dict(fitted)})
    return weighed.model_copy(update={"table": _table(weighed, judged)})


def _weight(weight: Weight, doubt: Doubt, judged: Sequence[Judged], base: float) -> Weight:
    """Move the prior by the signals that have this doubt, as far as others do not explain them (they rarely meet)."""
    have = [one.right for one in judged if doubt in one.doubts]
    share = (sum(have) + _PRIOR * weight.prior * base) / (len(have) + _PRIOR)
    factor = round(min(1.0, max(0.05, share / base)), 3)
    return weight.model_copy(update={"factor": factor, "right": sum(have), "of": len(have)})


def _table(weighed: Confidence, judged: Sequence[Judged]) -> tuple[Knot, ...]:
    """Pool neighbours until the shares rise (isotonic regression), with the product itself as the steadying prior."""
    rows = sorted((round(weighed.raw(sorted(one.doubts)), 4), one.right) for one in judged)
    steps: list[list[tuple[float, bool]]] = []
    for row in rows:
        if steps and (steps[-1][-1][0] == row[0] or len(steps[-1]) < _LEAST):
            steps[-1].append(row)
        else:
            steps.append([row])
    if len(steps) > 1 and len(steps[-1]) < _LEAST:
        last = steps.pop()
        steps[-1].extend(last)
    pooled: list[list[tuple[float, bool]]] = []
    for step in steps:
        pooled.append(step)
        while len(pooled) > 1 and _share(pooled[-2]) >= _share(pooled[-1]):
            above = pooled.pop()
            pooled[-1].extend(above)
    return tuple(
        Knot(
            raw=round(_mean(step), 4),
            confidence=round(min(_MOST, _share(step)), 3),
            right=sum(right for _, right in step),
            of=len(step),
        )
        for step in pooled
    )


def _mean(step: Sequence[tuple[float, bool]]) -> float:
    return sum(raw for raw, _ in step) / len(step)


def _share(step: Sequence[tuple[float, bool]]) -> float:
    return (sum(right for _, right in step) + _STEADY * _mean(step)) / (len(step) + _STEADY)


def as_yaml(fitted: Confidence, head: str) -> str:
    """Write config/confidence.yml; `head` is the comment that stands above the old one."""
    data = fitted.model_dump(mode="json")
    doubts = data.pop("doubts")
    lines = [head.rstrip(), f"start: {data['start']}", f"fitted: {_inline(data['fitted'])}", "doubts:"]
    lines += [f"  {name}: {_inline(weight)}" for name, weight in doubts.items()]
    lines.append("table:" if data["table"] else "table: []")
    lines += [f"  - {_inline(knot)}" for knot in data["table"]]
    return "\n".join(lines) + "\n"


def _inline(value: object) -> str:
    return yaml.safe_dump(value, default_flow_style=True, width=10_000, allow_unicode=True, sort_keys=False).strip()

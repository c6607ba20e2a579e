"""Write a score for a person at a terminal, and for a script."""

from __future__ import annotations

from processors.detect.scoring.score import GROUPS, Count, Score, Share, Tally
from processors.detect.scoring.wilson import wilson

_SHOWN = {"stage": "stage", "family": "family", "language": "language", "half": "half by hash"}


def report(score: Score, faults: int = 0) -> str:
    """Write the score as lines, with the first `faults` texts that came out wrong."""
    tally, events = score.all, score.all.events
    low, high = wilson(events.false, tally.rows)
    lines = [
        f"{tally.rows} rows, {score.unreadable} unreadable",
        f"events     P {events.precision:.3f}  R {events.recall:.3f}  F1 {events.f1:.3f}"
        f"  ({events.hits} hits, {events.false} false, {events.missed} missed, {tally.unjudged} unjudged)",
        f"of hits    stage {_of(tally.stage)}  actor {_of(tally.actor)}  treaty {_of(tally.treaty)}",
        f"false alarms per 100,000 of these rows: {tally.false_per_100k:.1f}"
        f" (95 %: {low * 1e5:.1f} to {high * 1e5:.1f}); with the unjudged {tally.upper_per_100k:.1f}",
    ]
    if tally.full.hits + tally.full.missed:
        lines.append(
            f"signals    actor and treaty P {tally.pairs.precision:.3f} R {tally.pairs.recall:.3f},"
            f" and stage P {tally.full.precision:.3f} R {tally.full.recall:.3f}"
        )
    for group in GROUPS:
        lines += [_line(_SHOWN[group], name, one) for name, one in sorted(score.groups[group].items())]
    lines += [
        f"{fault.outcome.value}: {fault.text[:240]}\n    {fault.key}  wanted {fault.wanted}, got {fault.got}"
        for fault in score.faults[:faults]
    ]
    if len(score.faults) > faults:
        lines.append(f"{len(score.faults) - faults} more came out wrong; --misses {len(score.faults)} lists all")
    return "\n".join(lines)


def as_json(score: Score) -> dict[str, object]:
    """Write the score for a script; `rows` at the end is what `--compare` reads: how each text came out."""
    return {
        **figures(score.all),
        "unreadable": score.unreadable,
        **{
            f"by_{group}": {name: figures(one) for name, one in sorted(score.groups[group].items())} for group in GROUPS
        },
        "outcomes": {key: outcome.value for key, outcome in sorted(score.outcomes.items())},
    }


def figures(tally: Tally) -> dict[str, object]:
    """Write the figures of one group of texts."""
    return {
        "rows": tally.rows,
        "events": _count(tally.events),
        "unjudged": tally.unjudged,
        "false_alarms_per_100k": round(tally.false_per_100k, 1),
        "upper_per_100k": round(tally.upper_per_100k, 1),
        "stage": _share(tally.stage),
        "actor": _share(tally.actor),
        "treaty": _share(tally.treaty),
        "pairs": _count(tally.pairs),
        "full": _count(tally.full),
    }


def _count(count: Count) -> dict[str, float]:
    return {
        "hits": count.hits,
        "false": count.false,
        "missed": count.missed,
        "precision": round(count.precision, 4),
        "recall": round(count.recall, 4),
        "f1": round(count.f1, 4),
    }


def _share(share: Share) -> dict[str, float]:
    return {"right": share.right, "of": share.of, "rate": round(share.rate, 4)}


def _of(share: Share) -> str:
    return f"{share.right}/{share.of}"


def _line(group: str, name: str, tally: Tally) -> str:
    events = tally.events
    return (
        f"  {group} {name:<22} P {events.precision:.3f}  R {events.recall:.3f}"
        f"  ({events.hits} hits, {events.false} false, {events.missed} missed)"
        f"  stage {_of(tally.stage)}"
    )

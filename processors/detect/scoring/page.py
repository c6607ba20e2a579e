"""Write docs/quality.md: what was measured, on what, with which detector, and how sure the figures are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from processors.detect.scoring.measure import Figures
from processors.detect.scoring.reliability import Band, bands, known
from processors.detect.scoring.score import Share, Tally
from processors.detect.scoring.wilson import wilson

_SURE = 0.9  # the confidence from which on at least nine in ten must be right
_ABOUT_NEWS = (
    "A signal is right where who, which instrument and which step are all right. These are the signals that the "
    "calibration was fitted on (`make calibrate`)."
)
_ABOUT_LABELLED = "By the labels. Only texts that also stand among the news had a part in the calibration."


@dataclass(frozen=True, slots=True)
class Provenance:
    """When and with what the figures were made."""

    date: str
    commit: str
    detector: str


def page(found: Sequence[Figures], made: Provenance) -> str:
    """Write the whole page. Each file is named with a hash of its content, each share with its 95 % interval."""
    labelled = [one for one in found if one.labelled]
    news = [one for one in found if not one.labelled]
    parts = [_head(made), _labelled(labelled), _stages(labelled), _halves(labelled), _families(labelled)]
    parts += [_news(news), _reliability("Confidence on the judged news", news, _ABOUT_NEWS)]
    parts += [_reliability(f"Confidence on `{one.name}`", [one], _ABOUT_LABELLED) for one in labelled]
    return "\n".join(line for part in parts if part for line in (*part, ""))


def _head(made: Provenance) -> list[str]:
    return [
        "# How well it detects",
        "",
        f"Measured on {made.date}, commit {made.commit}, detector {made.detector}, by `make measure CORPUS=DIR`.",
        "The public texts are not part of the project; each file is named with a hash of its content. Figures move",
        "with every change of a rule, so they are measured, not promised. Intervals are Wilson's, at 95 %.",
    ]


def _labelled(found: Sequence[Figures]) -> list[str]:
    lines = [
        "## Labelled texts",
        "",
        "Built from near misses, so the base rate is far from a feed's; stage, actor and treaty are of the hits.",
        "",
        "| file | rows | precision | recall | F1 | stage | actor | treaty |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    return lines + [f"| `{one.name}` ({one.sha256}) {_cells(one.tally)}" for one in found]


def _cells(tally: Tally) -> str:
    events = tally.events
    precision = _share(events.hits, events.hits + events.false)
    recall = _share(events.hits, events.hits + events.missed)
    parts = " | ".join(_of(share) for share in (tally.stage, tally.actor, tally.treaty))
    return f"| {tally.rows:,} | {precision} | {recall} | {events.f1:.3f} | {parts} |"


def _stages(found: Sequence[Figures]) -> list[str]:
    lines = [
        "## By stage",
        "",
        "The stage is the label's. What is none or historical in the labels can only be a false alarm.",
        "",
        "| file | stage | rows | found | missed | false | stage right |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        for stage, tally in sorted(one.score.groups["stage"].items()):
            events = tally.events
            lines.append(
                f"| `{one.name}` | {stage} | {tally.rows} | {events.hits} | {events.missed} | {events.false} "
                f"| {_of(tally.stage)} |"
            )
    return lines


def _halves(found: Sequence[Figures]) -> list[str]:
    lines = [
        "## Both halves",
        "",
        "Each file is parted by a hash of the text. Rules may be written with a look at the first half, the second is",
        "held out; a gap between the two tells of tuning.",
        "",
        "| file | half | rows | precision | recall | F1 | stage | actor | treaty |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for one in found:
        for half, tally in sorted(one.score.groups["half"].items()):
            lines.append(f"| `{one.name}` | {half} {_cells(tally)}")
    return lines


def _families(found: Sequence[Figures]) -> list[str]:
    if not any(one.score.groups["family"] for one in found):
        return []
    lines = ["## By family", "", "| file | family | rows | found | missed | false |", "|---|---|---:|---:|---:|---:|"]
    for one in found:
        for family, tally in sorted(one.score.groups["family"].items()):
            events = tally.events
            lines.append(
                f"| `{one.name}` | {family} | {tally.rows} | {events.hits} | {events.missed} | {events.false} |"
            )
    return lines


def _news(found: Sequence[Figures]) -> list[str]:
    lines = [
        "## News without labels",
        "",
        "Every item with a signal was read and judged by the conventions of the labelled sets; the judgements are kept",
        "as hashes in `tests/processors/detect/judged.jsonl`. An item is true where one of its signals tells of a move",
        "that the text reports. What nobody has judged counts as false in the upper bound. Known missed are exits that",
        "a reader found among some 360 texts that look like one to a loose pattern and gave no signal.",
        "",
        "| file | language | items | true | known missed | false | unjudged | false per 100,000 | 95 % interval "
        "| upper bound | stage | actor | treaty |",
        "|---|---|---:|---:|---:|---:|---:|---:|---|---:|---:|---:|---:|",
    ]
    lines += [f"| `{one.name}` ({one.sha256}) | {one.language} {_rate(one.tally)}" for one in found]
    easy = Tally()
    for one in found:
        if not one.name.startswith("current_events") and one.language == "en":
            easy.join(one.tally)
    if easy.rows:
        lines.append(f"| all but current events | en {_rate(easy)}")
    return lines


def _rate(tally: Tally) -> str:
    events = tally.events
    low, high = wilson(events.false, tally.rows)
    parts = " | ".join(_of(share) for share in (tally.stage, tally.actor, tally.treaty))
    return (
        f"| {tally.rows:,} | {events.hits} | {events.missed} | {events.false} | {tally.unjudged} "
        f"| {tally.false_per_100k:.1f} "
        f"| {low * 1e5:.1f}–{high * 1e5:.1f} | {tally.upper_per_100k:.1f} | {parts} |"
    )


def _reliability(title: str, found: Sequence[Figures], about: str) -> list[str]:
    verdicts = known(reading for one in found for reading in one.score.readings)
    if not verdicts:
        return []
    sure = [right for confidence, right in verdicts if confidence >= _SURE]
    lines = [
        f"## {title}",
        "",
        about,
        f"Of {len(sure)} signals told with {_SURE:.1f} or more, {sum(sure)} are right: {_share(sum(sure), len(sure))}.",
        "",
        "| told with | signals | right | share | mean confidence |",
        "|---|---:|---:|---|---:|",
    ]
    return lines + [_band(band) for band in bands(verdicts)]


def _band(band: Band) -> str:
    mean = f"{band.mean:.2f}" if band.of else "–"
    share = _share(band.right, band.of) if band.of else "–"
    return f"| {band.low:.1f}–{band.high:.1f} | {band.of} | {band.right} | {share} | {mean} |"


def _share(right: int, of: int) -> str:
    if not of:
        return "–"
    low, high = wilson(right, of)
    return f"{right / of:.3f} ({low:.3f}–{high:.3f})"


def _of(share: Share) -> str:
    return f"{share.right}/{share.of}"

"""Commands that say how well detect does: eval on one file, measure on a folder, calibrate."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from treatywatch.commands.options import JsonOption, configuration
from treatywatch.errors import TreatywatchError

if TYPE_CHECKING:
    from processors.detect.pipeline import Detector
    from processors.detect.scoring.judged import Judged
    from processors.detect.scoring.measure import Figures

JudgedOption = Annotated[
    Path | None,
    typer.Option("--judged", metavar="FILE", help="What readers said about signals on texts without labels."),
]
CorpusOption = Annotated[Path, typer.Option("--corpus", metavar="DIR", help="Folder with .jsonl and .jsonl.gz files.")]


def evaluate(
    file: Annotated[Path, typer.Argument(help="Item lines with labels (lifecycle_event, or gold), or judged ones.")],
    misses: Annotated[int, typer.Option(help="How many texts that came out wrong to list.")] = 20,
    judged: JudgedOption = None,
    compare: Annotated[
        Path | None,
        typer.Option("--compare", metavar="BASE", help="Fail where a figure is lower than in this earlier --json."),
    ] = None,
    slack: Annotated[float, typer.Option(help="By how much a figure may be lower than in the base.")] = 0.0,
    as_json: JsonOption = False,
) -> None:
    """Score detect: precision, recall, F1, false alarms per 100,000; by stage, family, language and half.

    A signal on a text without a label counts by what a reader said of it; unjudged, it counts as false in the upper
    bound. With a base to compare with, the exit status is 1 where a figure fell, and the texts are named.
    """
    from processors.detect.pipeline import load_detector
    from processors.detect.scoring.compare import compare as compare_with
    from processors.detect.scoring.compare import comparison_lines, read_base
    from processors.detect.scoring.judged import load_judged
    from processors.detect.scoring.report import as_json as score_as_json
    from processors.detect.scoring.report import report
    from processors.detect.scoring.score import evaluate as score
    from producers.files import lines

    _, config = configuration("eval", quiet=True)
    base = read_base(compare) if compare else None
    with lines(file) as stream:
        result = score(load_detector(config), stream, load_judged(judged))
    print(json.dumps(score_as_json(result), ensure_ascii=False) if as_json else report(result, misses))
    regressed = False
    if base is not None:
        found = compare_with(result, base, slack)
        regressed = found.regressed
        print("\n".join(comparison_lines(found)), file=sys.stderr if as_json else sys.stdout)
    if result.unreadable or regressed:
        raise typer.Exit(1)


def measure(
    corpus: CorpusOption,
    write: Annotated[Path | None, typer.Option("--write", metavar="FILE", help="Write the page here.")] = None,
    judged: JudgedOption = None,
    also: Annotated[
        list[Path] | None, typer.Option("--also", metavar="FILE", help="One more file to measure; may be repeated.")
    ] = None,
    unjudged: Annotated[
        bool, typer.Option("--unjudged", help="Print only the signals that nobody has judged, with their texts.")
    ] = False,
) -> None:
    """Measure detect on a folder of texts and write the page of figures: scores, rates of false alarms, confidence."""
    from datetime import UTC, datetime

    from processors.detect.pipeline import load_detector
    from processors.detect.scoring.judged import load_judged
    from processors.detect.scoring.measure import unjudged as without
    from processors.detect.scoring.page import Provenance, page

    _, config = configuration("measure", quiet=True)
    detector, known = load_detector(config), load_judged(judged)
    files = [*(also or []), *_files(corpus)]
    if unjudged:
        for path in files:
            for one in () if _is_labelled(path) else without(detector, _lines(path), known):
                row = {"says": one.says, "says_of": one.text, **_judgement(one.judgement)}
                print(json.dumps(row, ensure_ascii=False))
        return
    found = [figures for path in files for figures in _figures(detector, path, known)]
    made = Provenance(f"{datetime.now(UTC):%Y-%m-%d}", _commit(), detector.version)
    text = page(found, made)
    if write is None:
        print(text)
    else:
        write.write_text(text, encoding="utf-8")


def calibrate(
    corpus: CorpusOption,
    judged: JudgedOption = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE", help="Write here; default: confidence.yml.")
    ] = None,
) -> None:
    """Fit the confidence to the judged signals of a folder of texts, and write config/confidence.yml anew."""
    from datetime import UTC, datetime

    from processors.detect.confidence import FILE, load_confidence
    from processors.detect.pipeline import load_detector
    from processors.detect.scoring.calibrate import as_yaml, judged_signals
    from processors.detect.scoring.calibrate import calibrate as fit
    from processors.detect.scoring.judged import load_judged

    _, config = configuration("calibrate", quiet=True)
    detector, known, before = load_detector(config), load_judged(judged), load_confidence(config)
    found = [f for path in _files(corpus) for f in _figures(detector, path, known) if not f.labelled]
    signals = judged_signals(reading for one in found for reading in one.score.readings)
    if not signals:
        raise TreatywatchError(f"{corpus}: no judged signal in there; name the judgements with --judged FILE")
    made: dict[str, str | int] = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit(),
        "files": ", ".join(sorted({f"{one.name} {one.sha256}" for one in found})),
        "signals": len(signals),
        "right": sum(one.right for one in signals),
    }
    old = (config / FILE).read_text(encoding="utf-8")
    head = "\n".join(line for line in old.splitlines() if line.startswith("#"))
    (write or config / FILE).write_text(as_yaml(fit(before, signals, made), head), encoding="utf-8")
    print(f"fitted on {len(signals)} judged signals, {made['right']} of them right", file=sys.stderr)


def _files(corpus: Path) -> list[Path]:
    if not corpus.is_dir():
        raise TreatywatchError(f"{corpus}: no such folder; --corpus names one with .jsonl or .jsonl.gz files")
    files = sorted(path for path in corpus.iterdir() if path.name.endswith((".jsonl", ".jsonl.gz")))
    if not files:
        raise TreatywatchError(f"{corpus}: no .jsonl or .jsonl.gz files in there")
    return files


def _lines(path: Path) -> list[bytes]:
    from producers.files import lines

    with lines(path) as stream:
        return list(stream)


def _is_labelled(path: Path) -> bool:
    from processors.detect.scoring.labels import read_text

    first = next((text for line in _lines(path)[:1] if (text := read_text(line))), None)
    return first is not None and first.labelled


def _figures(detector: Detector, path: Path, judged: Judged) -> tuple[Figures, ...]:
    from processors.detect.scoring.measure import figures

    found = figures(detector, path.name, _lines(path), judged)
    for one in found:
        print(f"{path.name} {one.language}: {one.tally.rows:,} items, {one.hits:,} with a signal", file=sys.stderr)
    return found


def _judgement(judgement: object) -> dict[str, object]:
    import msgspec

    built: dict[str, object] = msgspec.to_builtins(judgement)
    return built


def _commit() -> str:
    """Name the commit that is checked out; the page is written just before the commit that carries it."""
    import subprocess

    asked = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)  # noqa: S607
    return asked.stdout.strip() or "unknown"

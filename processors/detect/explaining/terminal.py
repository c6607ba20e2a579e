"""Write an explanation for a terminal: in colour where there is a screen, in brackets where there is none."""

from __future__ import annotations

from rich.text import Text

from processors.detect.explaining.explanation import Certainty, Explanation, Reading
from processors.detect.explaining.marks import Marked

_COLOURS = {
    "actor": "bold cyan",
    "treaty": "bold magenta",
    "act": "bold red",
    "stage": "bold yellow",
    "institution": "green",
    "negation": "bold white on red",
    "hedge": "italic yellow",
    "date": "blue",
    "speaker": "cyan",
}
_REFUSED = 3  # acts that became nothing, beside the one that is told in full


def render(explanation: Explanation) -> Text:
    """Write the explanation; `.plain` of it is the same without colour."""
    out = Text()
    for field in explanation.fields:
        _field(out, field, named=len(explanation.fields) > 1)
    for before, signal in zip((None, *explanation.signals), explanation.signals, strict=False):
        out.append("\n")
        _signal(out, signal, before)
    if explanation.reason is not None:
        out.append("\n")
        out.append(f"no signal: {explanation.reason}", style="bold")
        out.append(f" - {explanation.why}\n")
    _refused(out, explanation)
    if explanation.changes:
        out.append("\nwhat would change the answer (each one tried)\n", style="bold")
        for change in explanation.changes:
            out.append(f"  {change.what}")
            if change.put:  # what is left out can be seen in the text above
                out.append(f"\n      {change.text}\n     ", style="dim")
            out.append(" -> ")
            out.append(f"{change.answer}\n", style="yellow")
    return out


def _field(out: Text, field: Marked, named: bool) -> None:
    if named:
        out.append(f"{field.field}: ", style="dim")
    position = 0
    for span in field.spans:
        out.append(field.text[position : span.start])
        out.append(field.text[span.start : span.end], style=_COLOURS.get(span.part, "bold"))
        out.append(f"[{span.part}]", style="dim")
        position = span.end
    out.append(f"{field.text[position:]}\n")


def _signal(out: Text, reading: Reading, before: Reading | None) -> None:
    same = before is not None and (before.steps, before.facts) == (reading.steps, reading.facts)
    out.append(reading.answer, style="bold green")
    out.append(f"   case {reading.case}{', by the same rules' if same else ''}\n", style="dim")
    if same:
        return
    _steps(out, reading)
    for name, value in reading.facts:
        out.append(f"  {name}: {value}\n")
    if reading.confidence is not None:
        _confidence(out, reading.confidence)


def _steps(out: Text, reading: Reading) -> None:
    width = max((len(step.rule) for step in reading.steps), default=0)
    for number, step in enumerate(reading.steps, 1):
        out.append(f"  {number:>2}. ")
        out.append(step.rule.ljust(min(width, 32)), style="cyan")
        out.append(f"  {step.says}\n")


def _confidence(out: Text, sure: Certainty) -> None:
    out.append("  confidence ")
    out.append(f"{sure.value:.2f}", style="bold")
    if not sure.parts:
        out.append(": nothing to doubt")
    else:
        out.append(f": {sure.start:.2f} to begin with")
    for part in sure.parts:
        out.append(f"\n      x {part.factor:.2f}  {part.says}")
    if sure.of:
        lead = f"\n      = {sure.product:.2f}" if sure.parts else ""
        out.append(f"{lead}; of judged signals about as sure {sure.right} of {sure.of} were right")
    out.append("\n")


def _refused(out: Text, explanation: Explanation) -> None:
    for number, reading in enumerate(explanation.refused):
        if number == 0 and explanation.reason is not None:
            out.append(f"  nearest to a signal: {reading.answer}\n")
            _steps(out, reading)
            if reading.reason != explanation.reason:
                out.append(f"  {reading.reason}: {reading.why}\n")
        elif number <= _REFUSED:
            out.append(f"\nno signal from {reading.answer}: {reading.reason}", style="dim")
            out.append(f" - {reading.why}", style="dim")
            last = f" ({reading.steps[-1].says})" if reading.steps else ""
            out.append(f"{last}\n", style="dim")

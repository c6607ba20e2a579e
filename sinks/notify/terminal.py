"""The terminal channel: each message as a line, with the sentence below it."""

from __future__ import annotations

from typing import TextIO

from sinks.notify.channel import Attempt, Outcome
from sinks.notify.message import Message
from sinks.words import count
from treatywatch.model import SpeakerKind

_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class Terminal:
    """Write to a stream. Marks are bold where the stream is a terminal; what feeds wrote cannot steer the terminal."""

    name = "terminal"

    def __init__(self, out: TextIO) -> None:
        self._out = out

    async def send(self, message: Message) -> Attempt:
        """Write and flush."""
        try:
            self._out.write(render(message, bold=self._out.isatty()))
            self._out.flush()
        except (OSError, ValueError) as error:  # ValueError: the stream is closed
            return Attempt(Outcome.DOWN, f"the terminal is gone: {type(error).__name__}")
        return Attempt(Outcome.SENT)

    async def close(self) -> None:
        """Leave the stream open; it is not ours."""


def render(message: Message, *, bold: bool) -> str:
    """Write a message as text: the headline, who says so, how sure and why, where to read on."""
    repeated = "(possibly repeated) " if message.possibly_repeated else ""
    lines = [f"{message.severity.upper():<7} {repeated}{_safe(message.headline)}"]
    if message.sentence:
        outlet = f" — {_safe(message.outlet)}" if message.outlet else ""
        lines.append(f"        “{_quoted(message, bold=bold)}”{outlet}{_speaker(message)}")
    if message.background:
        lines.append(f"        {_safe(message.background)}")
    lines.append(f"        {_certainty(message)} · {_safe(message.links.case)}")
    return "\n".join(lines) + "\n"


def _certainty(message: Message) -> str:
    sources = count(message.sources, "independent source")
    reasons = [reason for reason in message.reasons if reason != sources]
    why = f" ({_safe('; '.join(reasons))})" if reasons else ""
    return f"{sources}, confidence {message.confidence:.2f}{why}"


def _speaker(message: Message) -> str:
    """Name whoever is quoted, where it is not just the state or the outlet."""
    speaker = message.speaker
    if speaker is None or not speaker.text or speaker.kind in {SpeakerKind.STATE, SpeakerKind.MEDIA}:
        return ""
    return f", quoting {_safe(speaker.text)}"


def _quoted(message: Message, *, bold: bool) -> str:
    """Mark the words that matter; overlapping marks are drawn as one."""
    if not bold:
        return _safe(message.sentence)
    marked = {at for start, end, _ in message.marks for at in range(start, end)}
    text, inside = [], False
    for at, character in enumerate(message.sentence):
        if (at in marked) != inside:
            inside = not inside
            text.append(_BOLD if inside else _PLAIN)
        text.append(_safe(character))
    return "".join(text) + (_PLAIN if inside else "")


def _safe(text: str) -> str:
    """Replace what could move the cursor, change colours or break the line."""
    return "".join(character if character.isprintable() else " " for character in text)

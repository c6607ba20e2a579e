"""What a reader said about signals on texts that carry no label: kept by the hash of the text, never with the text.

One JSON line a judgement. With `case` and `stage` it is about that signal: `event` says whether the text reports such a
move at all, `actor_ok`, `treaty_ok` and `stage_ok` which parts of the signal are right. Without `case` it is about the
whole text: false says that nothing happens in it, so that any signal on it is false; true says that something does.
A signal that nobody has judged is none of these: it is unjudged, and counts as false in the upper bound.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from treatywatch.errors import TreatywatchError
from treatywatch.model import Signal


class Judgement(msgspec.Struct, frozen=True, omit_defaults=True):
    """One judgement; `text` is the hash of the text (`labels.text_key`)."""

    text: str
    event: bool
    case: str | None = None
    stage: str | None = None
    actor_ok: bool = True
    treaty_ok: bool = True
    stage_ok: bool = True

    @property
    def right(self) -> bool:
        """Whether all of the signal is right: who, which instrument, which step."""
        return self.event and self.actor_ok and self.treaty_ok and self.stage_ok


class Judged:
    """All judgements, to be asked by text and signal. The last of two judgements about one thing counts."""

    def __init__(self, judgements: Iterable[Judgement] = ()) -> None:
        self._signals: dict[tuple[str, str, str], Judgement] = {}
        self._texts: dict[str, bool] = {}
        for one in judgements:
            if one.case is None:
                self._texts[one.text] = one.event
            else:
                self._signals[one.text, one.case, one.stage or ""] = one
                if one.event:
                    self._texts.setdefault(one.text, True)

    def of(self, key: str, signal: Signal) -> Judgement | None:
        """Give the judgement about a signal on the text with this key, or none."""
        found = self._signals.get((key, signal.case_id, signal.stage.value))
        if found is None and self._texts.get(key) is False:
            return Judgement(text=key, event=False, case=signal.case_id, stage=signal.stage.value)
        return found

    def event(self, key: str) -> bool | None:
        """Say whether something happens in a text; none where nobody said."""
        return self._texts.get(key)


def load_judged(path: Path | None) -> Judged:
    """Read a file of judgements; no file means that nobody has judged anything.

    Raises TreatywatchError naming file and line.
    """
    if path is None:
        return Judged()
    decode = msgspec.json.Decoder(Judgement).decode
    found = []
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise TreatywatchError(f"{path}: the judgements cannot be read: {error.strerror}") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found.append(decode(line))
        except msgspec.MsgspecError as error:
            raise TreatywatchError(f"{path}:{number}: no judgement: {error}") from error
    return Judged(found)

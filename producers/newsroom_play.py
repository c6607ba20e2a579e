"""Where the demo newsroom stands in its timeline, and when it goes on. Pure, but for one small file of progress.

A scene gives way to the next when every feed was fetched since the last change and its time is up. So a slow or a
restarted producer holds the newsroom, misses nothing, and gets scenes in order.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from treatywatch.demo import Demo

PROGRESS = "newsroom.json"


@dataclass(frozen=True, slots=True)
class Play:
    """The scene that is on (from 0), since when, and who has seen it. `ended` means that all have seen the last."""

    of: int
    feeds: frozenset[str]
    since: float  # on the clock that `step` is given
    scene: int = 0
    fetched: frozenset[str] = frozenset()
    ended: bool = False

    def fetch(self, feed: str) -> Play:
        """Note that a feed was fetched as it stands now."""
        return replace(self, fetched=self.fetched | {feed})

    def step(self, now: float, pace: float) -> Play:
        """Go on to the next scene if it is time, `pace` seconds being the least time for one; else return itself."""
        if self.ended or now - self.since < pace or not self.fetched >= self.feeds:
            return self
        if self.scene + 1 == self.of:
            return replace(self, ended=True)
        return replace(self, scene=self.scene + 1, since=now, fetched=frozenset())


class Progress(msgspec.Struct, frozen=True):
    """What the newsroom leaves in the state folder: enough to go on after a kill."""

    demo: str  # version of the timeline
    scene: int
    ended: bool = False


def read_progress(state: Path) -> Progress | None:
    """Return how far an earlier newsroom came; none where there was none or its file is damaged."""
    try:
        return msgspec.json.decode((state / PROGRESS).read_bytes(), type=Progress)
    except (OSError, msgspec.DecodeError):
        return None


def resume(progress: Progress | None, demo: Demo) -> int:
    """Return the scene to begin with: where a killed newsroom stood, whoever fetched it then; else the first.

    A newsroom that had ended stays at its last scene, because feeds never go back in time for a producer that goes on;
    whoever wants the show anew empties the state folder, producer's state and all. Another timeline starts anew.
    """
    return progress.scene if progress and progress.demo == demo.version and progress.scene < len(demo.scenes) else 0


def write_progress(state: Path, demo: Demo, play: Play) -> None:
    """Write how far the newsroom is; a kill at any moment leaves the old file or the new one."""
    state.mkdir(parents=True, exist_ok=True)
    draft = state / f"{PROGRESS}.new"
    draft.write_bytes(msgspec.json.encode(Progress(demo.version, play.scene, play.ended)))
    draft.replace(state / PROGRESS)

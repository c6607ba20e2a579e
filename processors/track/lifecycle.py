"""The steps of an exit as data: which may follow which, what closes an episode, and how signals part into episodes.

An episode is one attempt to leave. A report that an exit has taken effect, or is undone, closes it; a later move opens
the next, so that out, in, out is three chapters of one case. Nothing here reads the order of arrival.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from processors.track.dating import UNDATED, day, event_day, scheduled
from treatywatch.model import Action, Signal, Stage

RANK = {stage: rank for rank, stage in enumerate(Stage)}
WEAK = frozenset({Stage.ADVOCATED, Stage.CONSIDERED})
MOVES = frozenset(
    {Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED, Stage.EFFECTIVE, Stage.SUSPENDED}
)  # "announced or later"
CLOSING = frozenset({Stage.EFFECTIVE, Stage.REVERSED})
EXIT = frozenset({Action.WITHDRAW, Action.TERMINATE})  # the press uses the two for one act

# Which step may take the place of the one that stands. A later report of a lower step is history, not a way back.
FOLLOWS: dict[Stage | None, frozenset[Stage]] = {
    None: frozenset(Stage),
    Stage.ADVOCATED: frozenset(Stage),
    Stage.CONSIDERED: frozenset(Stage),
    Stage.ANNOUNCED: frozenset(Stage) - WEAK,
    Stage.APPROVED: frozenset(Stage) - WEAK - {Stage.ANNOUNCED},
    Stage.NOTIFIED: frozenset({Stage.NOTIFIED, Stage.EFFECTIVE, Stage.SUSPENDED, Stage.REVERSED, Stage.REJECTED}),
    Stage.EFFECTIVE: frozenset({Stage.EFFECTIVE, Stage.REVERSED}),
    Stage.SUSPENDED: frozenset(Stage) - WEAK,  # but see `may_follow`
    Stage.REVERSED: frozenset({Stage.REVERSED}),  # the rest opens an episode
    Stage.REJECTED: frozenset(Stage),
}

MERGE_WINDOW = timedelta(days=3)  # one act is dated up to so far apart: time zones, note and receipt, the next morning
ECHO = timedelta(days=30)  # so long the steps of an exit are retold after it was undone
SAME_EXIT = timedelta(days=365)  # moves after an exit took effect: retold within a year, a new exit after it
PAPERWORK = timedelta(days=180)  # a law so soon after a suspension belongs to the suspension


@dataclass(slots=True)
class Episode:
    """The signals of one attempt to leave, by date. `premature` holds ids that claim effect before it was possible."""

    signals: list[Signal] = field(default_factory=list)
    premature: set[str] = field(default_factory=set)


def episodes(signals: Iterable[Signal], earliest: Callable[[date], date | None]) -> list[Episode]:
    """Part a case's live signals into episodes.

    `earliest` says when an exit set in motion on a day can take effect at the earliest, none where no notice is due.
    """
    ordered = sorted(signals, key=lambda s: (day(s), RANK[s.stage], s.id))
    found = [Episode()]
    closed: tuple[Stage, date] | None = None
    for index, signal in enumerate(ordered):
        current = found[-1]
        if closed and _opens(signal, closed, current.signals):
            found.append(current := Episode())
            closed = None
        if (
            signal.stage is Stage.EFFECTIVE
            and signal.action in EXIT
            and _too_early(signal, index, ordered, current, earliest)
        ):
            current.premature.add(signal.id)
        elif signal.stage in CLOSING:
            closed = (signal.stage, day(signal))
        current.signals.append(signal)
    return found


def may_follow(standing: tuple[Stage, date], stage: Stage, action: Action, on: date, new_episode: bool) -> bool:
    """Say whether a step may take the place of the standing one (given as stage and date)."""
    before, since = standing
    if new_episode:
        # After an exit, talk of leaving is an echo; after a return it is the next chapter.
        return before not in MOVES or stage not in WEAK
    if stage not in FOLLOWS[before]:
        return False
    if before is Stage.SUSPENDED:
        if stage in (Stage.ANNOUNCED, Stage.APPROVED):
            return action is not Action.SUSPEND and on - since > PAPERWORK
        if stage is Stage.NOTIFIED:
            return action is not Action.SUSPEND  # the notice of a suspension is part of it
        if stage is Stage.REJECTED:
            return action is Action.SUSPEND  # to rule out leaving does not lift a suspension
    return True


def _opens(signal: Signal, closed: tuple[Stage, date], told: Sequence[Signal]) -> bool:
    stage, end = closed
    if signal.stage in (Stage.REVERSED, Stage.REJECTED) or day(signal) == UNDATED:
        return False
    since = day(signal) - end
    if stage is Stage.EFFECTIVE:
        return since > SAME_EXIT
    retold = event_day(signal) is None and since <= ECHO and any(s.stage is signal.stage for s in told)
    return not retold


def _too_early(
    signal: Signal,
    index: int,
    ordered: Sequence[Signal],
    current: Episode,
    earliest: Callable[[date], date | None],
) -> bool:
    """Say whether a claim of effect came before effect was possible.

    The press writes "left" at the vote. It is too early when the text itself dates it ahead, when the notice period
    after the first known move has not run, or when the notice (or a dated vote) came only after it.
    """
    on = day(signal)
    if scheduled(signal):
        return True
    ahead = []
    for later in ordered[index + 1 :]:
        if later.stage is Stage.REVERSED or day(later) - on > SAME_EXIT:
            break
        ahead.append(later)
    steps = (Stage.ANNOUNCED, Stage.APPROVED, Stage.NOTIFIED)
    if any(
        s.action in EXIT
        and day(s) - on > MERGE_WINDOW
        and (s.stage is Stage.NOTIFIED or (s.stage in steps and event_day(s) is not None))
        for s in ahead
    ):
        return True
    near = [s for s in ahead if day(s) - on <= MERGE_WINDOW]
    moves = [s for s in (*current.signals, *near) if s.stage in steps and s.action in EXIT and day(s) != UNDATED]
    if not moves:
        return False
    notices = [s for s in moves if s.stage is Stage.NOTIFIED]
    possible = earliest(min(day(s) for s in notices or moves))
    return possible is not None and possible - on > MERGE_WINDOW

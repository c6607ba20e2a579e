"""The algebra of operators: what each kind of word makes of the act that stands inside it.

"Suspends the termination of the pact" is undo(noun), "does not rule out leaving" is negate(reject(open)), "parliament
votes to leave" is approve(open). Pure and small, so that the whole meaning of the detector can be read in one table.
"""

from __future__ import annotations

from enum import StrEnum

from treatywatch.model import Action, Stage


class Base(StrEnum):
    """Where an act stands before anything bends it."""

    OPEN = "open"  # not done: "to leave", "leaving"
    NOUN = "noun"  # "the withdrawal from"
    DONE = "done"  # "leaves", "has left"
    PROGRESS = "progress"  # "is leaving"


class Dead(StrEnum):
    """What an act has become when it is no step any more, with the reason that it gives."""

    HYPOTHETICAL = "hypothetical"
    AGAINST = "against"
    HISTORICAL = "historical"


State = Base | Stage | Dead


def bend(state: State, kind: str, action: Action, adjacent: bool) -> State:
    """Apply one operator to what stands inside it; unknown pairs leave it as it is.

    `adjacent` says that nothing but determiners and nouns stands between the operator and what it bends.
    """
    if isinstance(state, Dead):
        if state is Dead.HYPOTHETICAL and adjacent and kind in ("consider", "plan", "approve", "say", "declare"):
            return Stage.CONSIDERED
        if state is Dead.HYPOTHETICAL and adjacent and kind == "reject":
            return Stage.REJECTED  # "turns down an initiative that would have ended the pact"
        return state
    unrealised = state in (Base.OPEN, Base.NOUN)
    match kind:
        case "plan":
            return (
                state
                if state in (Stage.REJECTED, Stage.REVERSED, Stage.CONSIDERED, Stage.ADVOCATED, Base.DONE)
                else Stage.ANNOUNCED
            )
        case "declare":
            if unrealised:
                return Stage.SUSPENDED if action is Action.SUSPEND and state is Base.NOUN else Stage.ANNOUNCED
            return state
        case "consider":
            return state if state in (Stage.REJECTED, Stage.REVERSED, Stage.ADVOCATED) else Stage.CONSIDERED
        case "approve":
            if state in (Base.OPEN, Base.NOUN, Base.PROGRESS, Stage.CONSIDERED, Stage.ANNOUNCED, Stage.NOTIFIED):
                return Stage.APPROVED
            return state
        case "notify":
            return (
                Stage.NOTIFIED
                if unrealised or state in (Base.PROGRESS, Base.DONE, Stage.ANNOUNCED, Stage.APPROVED)
                else state
            )
        case "effect":
            if unrealised:
                return Stage.SUSPENDED if action is Action.SUSPEND else Stage.EFFECTIVE
            return state
        case "advocate":
            if state in (Stage.REJECTED, Stage.REVERSED):
                return Dead.AGAINST
            return Stage.ADVOCATED if state is not Base.DONE else state
        case "reject":
            if state is Stage.REJECTED:
                return Stage.CONSIDERED
            return state if state in (Base.DONE, Stage.REVERSED) else Stage.REJECTED
        case "negate":
            if state is Stage.REJECTED:
                return Stage.CONSIDERED
            if state is Stage.REVERSED:
                return Dead.AGAINST
            return Stage.REJECTED
        case "undo":
            if adjacent and state in (Base.NOUN, Stage.ANNOUNCED, Stage.NOTIFIED, Stage.CONSIDERED, Stage.APPROVED):
                return Stage.REVERSED
            return state
        case "react":
            if unrealised and action is Action.SUSPEND:
                return Stage.SUSPENDED
            return Stage.ANNOUNCED if unrealised else state
        case "hypothetical" if state in (Stage.ADVOCATED, Stage.REJECTED):
            return Dead.HYPOTHETICAL
        case "hypothetical":
            return (
                Dead.HYPOTHETICAL
                if state in (Base.OPEN, Base.NOUN, Base.DONE, Base.PROGRESS, Stage.ANNOUNCED, Stage.EFFECTIVE)
                else state
            )
        case "talk" if state in (Stage.REVERSED, Stage.REJECTED):
            return state
        case "talk" if adjacent:
            return Dead.HISTORICAL
        case "talk":
            return Dead.HISTORICAL if state in (Base.OPEN, Base.NOUN, Base.PROGRESS) else state
        case _:
            return state

"""Opposite voices: of one state, of others about it, of others against it: pattern 5."""

from __future__ import annotations

from tests.processors.track.made import Story, case_of, say
from treatywatch.model import Action, Flag, Institution, Position, SpeakerKind, Stage, Stance


def test_parliament_drafts_while_the_government_rules_it_out() -> None:
    """Both are kept side by side, with their organ, and the case is contested."""
    case = case_of(
        say("2025-06-16", Stage.CONSIDERED, case="IR:NPT", by=Institution.LOWER_HOUSE),
        say("2025-06-17", Stage.REJECTED, case="IR:NPT", by=Institution.GOVERNMENT),
        now="2025-06-18",
    )

    assert Flag.CONTESTED in case.flags
    assert [(e.stage, e.institution) for e in case.history] == [
        (Stage.CONSIDERED, Institution.LOWER_HOUSE),
        (Stage.REJECTED, Institution.GOVERNMENT),
    ]


def test_a_government_that_changes_its_mind_a_year_later_is_not_contested() -> None:
    """The near miss: Latvia saw no reason to leave in 2024, and left."""
    case = case_of(
        say("2024-03-01", Stage.REJECTED, case="LV:APMBC", by=Institution.GOVERNMENT),
        say("2025-04-16", Stage.APPROVED, case="LV:APMBC", by=Institution.LOWER_HOUSE),
        now="2025-04-17",
    )

    assert case.stage is Stage.APPROVED
    assert Flag.CONTESTED not in case.flags


def test_a_president_who_returns_the_law_contests_the_vote() -> None:
    """Latvia and Istanbul: the law that the Saeima passed comes back."""
    case = case_of(
        say("2025-10-30", Stage.APPROVED, case="LV:ISTANBUL", by=Institution.LOWER_HOUSE),
        say("2025-11-03", Stage.REJECTED, case="LV:ISTANBUL", by=Institution.HEAD_OF_STATE),
        now="2025-11-04",
    )

    assert Flag.CONTESTED in case.flags


def test_what_only_another_state_says_is_contested_and_weighs_less() -> None:
    """A third state's claim about somebody else's step."""
    claim = say("2023-11-07", Stage.ANNOUNCED, case="PL:CFE", speaker=SpeakerKind.THIRD_STATE)
    own = say("2023-11-08", Stage.ANNOUNCED, case="PL:CFE", speaker=SpeakerKind.STATE, owner="b")

    foreign, both = case_of(claim), case_of(claim, own)

    assert Flag.CONTESTED in foreign.flags
    assert foreign.confidence < both.confidence
    assert Flag.CONTESTED not in both.flags


def test_states_that_object_to_a_suspension_contest_it() -> None:
    """Ukraine's suspension, which the treaty does not know."""
    objections = tuple(Position(state=state, stance=Stance.OPPOSES) for state in ("AT", "BE", "NO", "CH"))
    suspended = say("2025-07-18", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND)

    quiet = case_of(suspended)
    disputed = case_of(
        suspended,
        say("2025-12-03", Stage.SUSPENDED, case="UA:APMBC", action=Action.SUSPEND, owner="b", positions=objections),
    )

    assert Flag.CONTESTED not in quiet.flags
    assert Flag.CONTESTED in disputed.flags
    assert [p.state for p in disputed.positions] == ["AT", "BE", "CH", "NO"]


def test_a_neighbour_that_deplores_an_exit_does_not_contest_it() -> None:
    """The near miss: to criticise a lawful exit is no dispute about it."""
    case = case_of(
        say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC", positions=(Position(state="NO", stance=Stance.OPPOSES),))
    )

    assert Flag.CONTESTED not in case.flags
    assert case.positions == (Position(state="NO", stance=Stance.OPPOSES),)


def test_a_neighbours_regret_is_a_report_of_the_step_it_answers() -> None:
    """ "Norway deplores the departure", printed after the vote, is no announcement and wakes nobody a second time."""
    story = Story()
    vote = say("2025-05-08", Stage.APPROVED, by=Institution.LOWER_HOUSE)
    story.hear(vote)
    regret = say(
        "2025-05-09",
        Stage.ANNOUNCED,
        owner="b",
        speaker=SpeakerKind.THIRD_STATE,
        positions=(Position(state="NO", stance=Stance.OPPOSES),),
    )

    step = story.hear(regret)

    assert step.transitions == ()
    assert [e.stage for e in story.case.history] == [Stage.APPROVED]
    assert [e.stage for e in case_of(regret).history] == [Stage.ANNOUNCED]  # alone it is all that is known


def test_a_claim_of_another_state_and_the_denial_stand_side_by_side() -> None:
    """Moscow says that Warsaw leaves, Warsaw says that it does not."""
    case = case_of(
        say("2023-11-07", Stage.ANNOUNCED, case="PL:CFE", speaker=SpeakerKind.THIRD_STATE),
        say("2023-11-08", Stage.REJECTED, case="PL:CFE", by=Institution.GOVERNMENT, owner="b"),
        now="2023-11-09",
    )

    assert Flag.CONTESTED in case.flags
    assert [e.stage for e in case.history] == [Stage.ANNOUNCED, Stage.REJECTED]

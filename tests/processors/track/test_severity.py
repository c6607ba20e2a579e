"""Severity: the policy of config/alerts.yml, its own table of examples, and its faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from processors.track.policy import Example, Policy, Rules
from processors.track.severity import Step, decide, weighty
from tests.processors.track.made import RULES, Story, say
from treatywatch.config import load
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir
from treatywatch.model import ChangeKind, Institution, Severity, SpeakerKind, Stage

EXAMPLES = RULES.policy.examples


def verdict(example: Example, policy: Policy = RULES.policy) -> Severity:
    """Decide an example by a policy."""
    step = Step(
        stage=example.step,
        kind=example.kind,
        weighty=weighty(example.step, [(example.speaker, example.institution)], policy),
        voices=example.owners,
        confidence=example.confidence,
        announced=example.announced,
        notified=example.notified,
    )
    return decide(step, policy).severity


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: f"{e.step} {e.kind}: {e.why}")
def test_each_row_of_the_table_of_examples_holds(example: Example) -> None:
    """What the file says it comes to is what it comes to."""
    assert verdict(example) is example.told, example.why


def test_the_table_of_examples_has_every_step_told_and_every_severity() -> None:
    """A step without an example would be a rule that nobody has looked at."""
    assert {example.step for example in EXAMPLES} == set(Stage)
    assert {example.told for example in EXAMPLES} == set(Severity)


def test_every_kind_of_the_policy_is_a_kind_of_the_register() -> None:
    """A kind that is spelt differently would silently weigh less."""
    kinds = {instrument.kind for instrument in RULES.register}

    assert set(RULES.policy.kinds.arms) <= kinds
    assert set(RULES.policy.kinds.off) <= kinds


def test_a_kind_that_is_switched_off_is_tracked_and_not_told() -> None:
    """The reason says why."""
    kinds = RULES.policy.kinds.model_copy(update={"off": ("arms control",)})
    quiet = Rules(RULES.register, RULES.policy.model_copy(update={"kinds": kinds}))
    story, other = Story(quiet), Story(quiet)

    story.hear(say("2020-05-22", Stage.NOTIFIED, case="US:OST"))
    other.hear(say("2020-05-22", Stage.NOTIFIED, case="US:NPT"))

    assert story.case.stage is Stage.NOTIFIED
    assert [(t.severity, t.alertable_at) for t in story.told] == [(Severity.NONE, None)]
    assert "switched off" in " ".join(story.case.reasons)
    assert other.told[0].severity is Severity.URGENT


def test_a_weak_report_is_held_back_and_told_when_a_second_owner_joins() -> None:
    """First nothing and the reason, then one `severity` transition."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC", confidence=0.5))
    assert [(t.kind, t.severity, t.alertable_at) for t in story.told] == [(ChangeKind.ENTRY, Severity.NONE, None)]
    assert "held back" in " ".join(story.case.reasons)

    story.hear(say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC", confidence=0.5, owner="east"))

    assert [(t.kind, t.severity) for t in story.told[1:]] == [(ChangeKind.SEVERITY, Severity.URGENT)]
    assert story.told[1].alertable_at is not None


def test_a_second_owner_years_later_corroborates_history_and_tells_nobody() -> None:
    """The near miss: the step is better attested, and no news."""
    story = Story()
    story.hear(say("2023-04-01", Stage.ANNOUNCED, case="FI:APMBC", confidence=0.5))

    step = story.hear(say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC", confidence=0.5, owner="east"))

    assert step.changed
    assert step.transitions == ()


def test_a_step_told_after_the_exit_took_effect_is_told_to_nobody() -> None:
    """ "Parliament had voted to leave", printed a week after the exit."""
    story = Story()
    story.hear(say("2020-01-31", Stage.EFFECTIVE, case="GB:EU", on="2020-01-31"))

    story.hear(say("2020-02-07", Stage.APPROVED, case="GB:EU", owner="east"))

    assert [(t.stage, t.severity) for t in story.told[1:]] == [(Stage.APPROVED, Severity.NONE)]


def test_a_second_article_of_the_same_owner_tells_nothing() -> None:
    """The near miss: articles are not owners."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED, case="FI:APMBC", confidence=0.5))

    story.hear(say("2025-04-02", Stage.ANNOUNCED, case="FI:APMBC", confidence=0.5))

    assert len(story.told) == 1


def test_a_change_of_the_policy_applies_from_the_next_transition() -> None:
    """What was told is not told again louder because the file changed."""
    story = Story()
    story.hear(say("2025-04-01", Stage.ANNOUNCED, case="US:PARIS"))
    assert story.told[-1].severity is Severity.NOTICE
    kinds = RULES.policy.kinds.model_copy(update={"arms": (*RULES.policy.kinds.arms, "climate")})
    story.rules = Rules(RULES.register, RULES.policy.model_copy(update={"kinds": kinds}))

    step = story.hear(now=None)
    story.hear(say("2025-04-05", Stage.APPROVED, case="US:PARIS"))

    assert step.transitions == ()
    assert [(t.kind, t.stage, t.severity) for t in story.told[1:]] == [
        (ChangeKind.ENTRY, Stage.APPROVED, Severity.URGENT)
    ]


def test_a_voice_that_weighs_is_enough_among_others_that_do_not() -> None:
    """A columnist and a minister: the minister counts."""
    policy = RULES.policy

    assert weighty(Stage.ADVOCATED, [(SpeakerKind.MEDIA, None), (None, Institution.GOVERNMENT)], policy)
    assert not weighty(Stage.ADVOCATED, [(SpeakerKind.MEDIA, None), (SpeakerKind.NGO, None)], policy)


def test_faults_of_the_policy_are_named_with_line_and_nearest_key(tmp_path: Path) -> None:
    """All at once: an unknown key and a wrong severity."""
    text = (config_dir() / "alerts.yml").read_text(encoding="utf-8")
    broken = tmp_path / "alerts.yml"
    broken.write_text(
        text.replace("single_report:", "single_reports:").replace("withdrawn: notice", "withdrawn: loud"),
        encoding="utf-8",
    )

    with pytest.raises(ConfigError) as caught:
        load(broken, Policy)

    faults = "\n".join(caught.value.faults)
    assert "did you mean 'single_report'" in faults
    assert "withdrawn" in faults


def test_a_step_without_a_loudness_is_a_fault(tmp_path: Path) -> None:
    """A policy that forgets a step is refused at the start, not at the first alert."""
    text = (config_dir() / "alerts.yml").read_text(encoding="utf-8")
    broken = tmp_path / "alerts.yml"
    broken.write_text(
        "\n".join(line for line in text.splitlines() if not line.startswith("  suspended:")), encoding="utf-8"
    )

    with pytest.raises(ConfigError, match="no loudness is given for: suspended"):
        load(broken, Policy)


def test_an_announcement_printed_after_the_notice_is_told_to_nobody_and_one_before_it_is() -> None:
    """ "Will leave", a month after the notice, looks back; a vote after the notice is its own news."""
    story = Story()
    told = [
        story.hear(say(day, stage, by=organ)).transitions[0].severity
        for day, stage, organ in (
            ("2025-03-18", Stage.ANNOUNCED, Institution.GOVERNMENT),
            ("2025-06-27", Stage.NOTIFIED, None),
            ("2025-07-20", Stage.ANNOUNCED, Institution.HEAD_OF_STATE),
            ("2025-07-21", Stage.APPROVED, Institution.UPPER_HOUSE),
        )
    ]

    assert told == [Severity.URGENT, Severity.URGENT, Severity.NONE, Severity.URGENT]

"""Turn weighed links into signals, or into the one reason why there is none. The last step: it sees the whole item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from processors.detect.candidate import Candidate
from processors.detect.confidence import Confidence, doubts_about, how_sure
from processors.detect.lexicon import Lexicon
from processors.detect.positions import stands
from processors.detect.reading import Sentence, TreatyMention
from treatywatch.actors import FormKind
from treatywatch.model import (
    Action,
    Evidence,
    Institution,
    Item,
    Reason,
    Signal,
    Speaker,
    SpeakerKind,
    Stage,
)
from treatywatch.register import Register
from treatywatch.wire import digest

# The reason that is told where several acts of an item failed: the nearest to a signal first.
_NEAREST = (
    Reason.NO_ACTOR, Reason.HISTORICAL, Reason.AGAINST, Reason.HYPOTHETICAL, Reason.EXPIRY, Reason.ORGANISATION_ACTS,
    Reason.OTHER_SENSE, Reason.OTHER_OBJECT, Reason.NO_TREATY, Reason.NO_ACT, Reason.NO_CANDIDATE,
)  # fmt: skip


def nearest_reason(reasons: Sequence[Reason]) -> Reason:
    """Choose the reason to tell: that of the act that came nearest to a signal."""
    return next((reason for reason in _NEAREST if reason in reasons), Reason.NO_ACT)


def signals_of(
    candidate: Candidate,
    treaty: TreatyMention,
    item: Item,
    register: Register,
    lexicon: Lexicon,
    confidence: Confidence,
    detector: str,
) -> list[Signal]:
    """Make a signal for each actor of the candidate."""
    verdict, link, sentence = candidate.verdict, candidate.link, candidate.sentence
    assert verdict.stage is not None
    codes: list[str] = []
    for actor in candidate.actors:
        codes += [code for code in actor.codes if code not in codes]
    sure = how_sure(confidence, doubts_about(candidate, treaty))
    made = []
    for code in codes:
        if code == treaty.treaty and (treaty.slug is None or link.action is not Action.SUSPEND):
            continue  # the union does not leave itself; its own rules it can suspend
        others = tuple(c for c in treaty.counterparts if c != code)
        key = _key(treaty, others, register, sentence)
        case_id = f"{code}:{key}"
        effective, event = _dates(candidate, item, lexicon)
        stage, rules = verdict.stage, candidate.rules
        coming = effective is not None and item.published is not None and effective > item.published.date()
        if (
            stage is Stage.EFFECTIVE and coming and (verdict.bare or _takes_effect(candidate, lexicon))
        ):  # "leaves the treaty in January", "the exit takes effect in a year"
            stage, rules = Stage.ANNOUNCED, (*rules, "future-date")
        made.append(
            Signal(
                id=digest(item.id, case_id, link.action, stage, verdict.institution),
                case_id=case_id,
                actor=code,
                treaty=treaty.treaty,
                treaty_text=_treaty_text(sentence, treaty),
                action=link.action,
                stage=stage,
                confidence=sure.value,
                item=item.id,
                revision=item.revision,
                institution=verdict.institution,
                speaker=_speaker(candidate, code),
                hedge=verdict.hedge,
                event_date=event,
                effective_date=effective,
                positions=stands(candidate.sentence, candidate.verdict, code, lexicon),
                sentence=sentence.text,
                evidence=_evidence(candidate, treaty, lexicon),
                rules=(*rules, *sure.rules),
                detector_version=detector,
                register_version=register.version,
                url=item.url,
                title=item.title,
                outlet=item.outlet,
                owner=item.owner_or_outlet,
                kind=item.kind,
                language=item.language,
                published=item.published,
                fetched=item.fetched,
                backfill=item.backfill,
                illustrative=item.illustrative,
            )
        )
    return made


def _takes_effect(candidate: Candidate, lexicon: Lexicon) -> bool:
    """Tell "takes effect on 12 November" from "took effect": a present before its date may be a future."""
    words, norms = lexicon.words, candidate.sentence.norms
    verb = next(
        (o for o in candidate.sentence.operators if o.kind == "effect" and o.start >= candidate.link.after), None
    )
    if verb is None or norms[verb.start].endswith(words.past_endings):
        return False
    helpers = norms[candidate.link.after : verb.start + 1]
    if not (words.past_forms | words.perfect | words.pluperfect).isdisjoint(helpers):
        return False
    return any(found.start >= verb.end for found in candidate.dates)


def _key(treaty: TreatyMention, others: tuple[str, ...], register: Register, sentence: Sentence) -> str:
    """Name the instrument for the case id: register id, group row with slug, or a slug of purpose and counterpart."""
    row = register.get(treaty.treaty)
    slug = treaty.slug
    if row is not None and not row.group:
        return f"{row.id}~{slug}" if slug else row.id
    if slug is None:  # one report calls it a deal, the next a treaty, and half of them leave out the year
        partners = sorted(code.lower() for code in others)
        kind = () if row is not None and partners else (treaty.purpose or "agreement",)
        slug = "-".join([*kind, *partners])
    return f"{row.id}~{slug}" if row is not None else f"~{slug}"


def _speaker(candidate: Candidate, code: str) -> Speaker | None:
    sentence, subject = candidate.sentence, candidate.verdict.subject
    outer = sentence.actors[0] if sentence.actors and sentence.actors[0].end <= candidate.link.act.start else subject
    if outer is None:
        return None
    text = sentence_text(sentence, outer.start, outer.end)
    call = next((operator for operator in candidate.verdict.operators if operator.kind == "advocate"), None)
    if call and candidate.verdict.institution is None and 0 < call.start < call.end <= outer.start:
        # "Church leaders call on Norway to leave": the state is called on, and who calls is none of its organs
        return Speaker(kind=SpeakerKind.NGO, text=sentence_text(sentence, 0, call.start))
    if not outer.state:
        return Speaker(kind=SpeakerKind.OPPOSITION, text=text)
    if code not in outer.codes and outer not in candidate.actors:  # one of a list speaks for itself
        return Speaker(kind=SpeakerKind.THIRD_STATE, text=text)
    if outer.form.kind is FormKind.HOLDER:
        return Speaker(kind=SpeakerKind.OFFICIAL, text=text)
    if outer.form.kind is FormKind.BODY or candidate.verdict.institution in (
        Institution.LOWER_HOUSE,
        Institution.UPPER_HOUSE,
        Institution.COURT,
    ):
        return Speaker(kind=SpeakerKind.INSTITUTION, text=text)
    return Speaker(kind=SpeakerKind.STATE, text=text)


def _dates(candidate: Candidate, item: Item, lexicon: Lexicon) -> tuple[date | None, date | None]:
    """Tell the date of effect that the text claims from the date of the step."""
    verdict, norms, day = candidate.verdict, candidate.sentence.norms, item.published.date() if item.published else None
    effective: date | None = None
    event: date | None = None
    link = candidate.link
    for found in candidate.dates:
        if any(t.start <= found.start < t.end for t in candidate.sentence.treaties):
            continue
        near = norms[max(0, found.start - 6) : found.start]
        effect = any(hit.end <= len(near) for i in range(len(near)) for hit in lexicon.effect_phrases.at(near, i))
        if found.weekday and found.start > link.act.start and verdict.stage in (Stage.ANNOUNCED, Stage.CONSIDERED):
            continue  # "will leave on Friday": which one is not said
        if verdict.bare and found.period and norms[found.start] in lexicon.words.past_boundaries:
            continue  # "leaves the union after 47 years"
        if (
            effect
            or (found.period and found.start >= link.act.start)
            or (day is not None and found.value > day and found.start > link.act.start)
        ):
            effective = effective or found.value
        elif found.start > link.act.start - 12:
            event = event or (found.value if day is None or found.value <= day else None)
    if candidate.verdict.stage is Stage.EFFECTIVE:  # the day of effect is the day of the event
        effective = effective or event
        if effective is not None and (day is None or effective <= day):
            event = event or effective
    return effective, event


def sentence_text(sentence: Sentence, start: int, end: int) -> str:
    """Give the words tokens[start:end] as the field writes them."""
    first, last = sentence.tokens[start], sentence.tokens[end - 1]
    return sentence.text[first.start - sentence.start : last.end - sentence.start]


def _treaty_text(sentence: Sentence, treaty: TreatyMention) -> str:
    start = treaty.start
    return sentence_text(sentence, start, treaty.end)


def _evidence(candidate: Candidate, treaty: TreatyMention, lexicon: Lexicon) -> tuple[Evidence, ...]:
    sentence, link, verdict = candidate.sentence, candidate.link, candidate.verdict
    parts: list[tuple[int, int, str]] = [(link.act.start, link.act.end, "act"), (treaty.start, treaty.end, "treaty")]
    parts += [(actor.start, actor.end, "actor") for actor in candidate.actors if actor.end <= len(sentence.tokens)]
    names = {"negate": "negation", "reject": "negation", "say": "speaker", "hypothetical": "hedge", "consider": "hedge"}
    fired = {rule.partition(":")[2] for rule in verdict.rules if ":" in rule}
    for operator in sentence.operators:
        if " ".join(sentence.norms[operator.start : operator.end]) in fired or operator in verdict.operators:
            parts.append((operator.start, operator.end, names.get(operator.kind, "stage")))
    for position in range(len(sentence.norms)):
        for found in lexicon.institution_phrases.at(sentence.norms, position):
            if found.payload is verdict.institution and found.end <= link.act.start:
                parts.append((found.start, found.end, "institution"))
    parts += [(found.start, found.end, "date") for found in candidate.dates]
    evidence = []
    for start, end, part in sorted(set(parts)):
        first, last = sentence.tokens[start].start, sentence.tokens[end - 1].end
        evidence.append(
            Evidence(
                field=sentence.field,
                start=first,
                end=last,
                text=sentence.text[first - sentence.start : last - sentence.start],
                part=part,
            )
        )
    return tuple(evidence)

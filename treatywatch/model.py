"""The things that flow through treatywatch: item -> signal -> case, and the dead letter.

All are frozen. Times are aware and UTC; dates are calendar dates without a zone. Nothing here reads a clock, a file
or the network. The JSON form is in `wire.py`.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

import msgspec


class Stage(StrEnum):
    """The steps of an exit, and the two counter-steps; the values are a fixed contract."""

    ADVOCATED = "advocated"
    CONSIDERED = "considered"
    ANNOUNCED = "announced"
    APPROVED = "approved"
    NOTIFIED = "notified"
    EFFECTIVE = "effective"
    SUSPENDED = "suspended"
    REVERSED = "reversed"
    REJECTED = "rejected"


class Action(StrEnum):
    """What is done to the instrument; the values are a fixed contract."""

    WITHDRAW = "withdraw"
    TERMINATE = "terminate"
    SUSPEND = "suspend"
    UNSIGN = "unsign"
    DERATIFY = "deratify"


class Institution(StrEnum):
    """Which organ took the step; a step with no organ named has none."""

    GOVERNMENT = "government"
    COMMITTEE = "committee"
    LOWER_HOUSE = "lower_house"
    UPPER_HOUSE = "upper_house"
    HEAD_OF_STATE = "head_of_state"
    COURT = "court"
    REFERENDUM = "referendum"
    DEPOSITARY = "depositary"


class SpeakerKind(StrEnum):
    """Who makes the statement that a signal reports."""

    STATE = "state"
    INSTITUTION = "institution"
    OFFICIAL = "official"
    OPPOSITION = "opposition"
    THIRD_STATE = "third_state"
    NGO = "ngo"
    MEDIA = "media"


class Hedge(StrEnum):
    """How far the text itself stands back from the claim."""

    NONE = "none"
    REPORTED = "reported"
    POSSIBLE = "possible"
    CONDITIONAL = "conditional"


class Stance(StrEnum):
    """Where another state stands on the move."""

    SUPPORTS = "supports"
    OPPOSES = "opposes"
    NOT_A_PARTY = "not_a_party"


class Reason(StrEnum):
    """Why an item gives no signal: the closed list that is metric label, log field and detect output."""

    UNREADABLE = "unreadable"
    NO_LEXICON = "no_lexicon"
    NO_CANDIDATE = "no_candidate"  # the prefilter found no treaty word or no act word
    NO_TREATY = "no_treaty"
    NO_ACT = "no_act"
    NO_ACTOR = "no_actor"
    OTHER_OBJECT = "other_object"  # the act is done to troops, a bill, a candidate, talks ...
    OTHER_SENSE = "other_sense"  # "denounce" that condemns, a party convention, a statute book ...
    ORGANISATION_ACTS = "organisation_acts"  # an organisation suspends or expels a member
    HISTORICAL = "historical"
    HYPOTHETICAL = "hypothetical"
    EXPIRY = "expiry"
    AGAINST = "against"  # a call to stay, or a reaction that reports no move


class Severity(StrEnum):
    """How loudly people are told."""

    NONE = "none"
    NOTICE = "notice"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """The order: none < notice < urgent. (Plain `<` would compare the words.)"""
        return tuple(Severity).index(self)


class Flag(StrEnum):
    """What a reader of a case must know beside its stage."""

    CONTESTED = "contested"
    PREMATURE = "premature"
    UNCONFIRMED = "unconfirmed"
    DUE = "due"
    RE_ENTRY = "re_entry"
    WITHDRAWN = "withdrawn"
    ILLUSTRATIVE = "illustrative"
    CONFLICT_CLAUSE = "conflict_clause"
    SWITCHED_OFF = "switched_off"


class Basis(StrEnum):
    """Where an effective date comes from."""

    CLAIMED = "claimed"
    COMPUTED = "computed"


class ChangeKind(StrEnum):
    """What kind of transition a case went through."""

    ENTRY = "entry"  # a new entry in the history
    STANDS = "stands"  # another entry stands now, without a new one
    SEVERITY = "severity"  # an entry weighs more than before
    DUE = "due"  # a computed date of effect has passed
    UNCONFIRMED = "unconfirmed"  # a claimed notice or effect without the depositary's word
    WITHDRAWN = "withdrawn"  # an entry lost its last signal


class DateSource(StrEnum):
    """Where the date of an item comes from."""

    PUBLISHED = "published"  # the source's date of publication
    UPDATED = "updated"  # the source's date of change, where it gives no other
    FETCHED = "fetched"  # the source gives none that can be believed; all that is known is when we saw it


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """The two texts of an earlier revision of an item."""

    title: str
    summary: str = ""


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """One revision of one news item, as a feed or an item line gave it.

    `published` is what the source says and may be wrong; `fetched` is when we saw it (none for an item line that does
    not say). A `revision` above 1 carries the text it replaces in `previous`.
    """

    id: str
    title: str
    summary: str = ""
    revision: int = 1
    url: str | None = None
    outlet: str = "unknown"
    owner: str | None = None  # the outlet, where nobody said
    kind: str | None = None
    country: str | None = None
    language: str = "en"
    published: datetime | None = None
    date_source: DateSource | None = None  # none for an item line
    fetched: datetime | None = None
    feed: str | None = None
    backfill: bool = False
    illustrative: bool = False
    previous: Text | None = None

    @property
    def owner_or_outlet(self) -> str:
        """Who counts as one voice."""
        return self.owner or self.outlet


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """A span of the item's text that speaks for one part of a signal.

    `field` is "title" or "summary"; `start` and `end` are offsets in characters into that field as the item carries it;
    `part` is what the span shows: actor, treaty, act, stage, institution, negation, hedge, date, speaker.
    """

    field: str
    start: int
    end: int
    text: str
    part: str


class Speaker(msgspec.Struct, frozen=True, kw_only=True):
    """Who says so."""

    kind: SpeakerKind
    text: str


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """Another state's stand on the move; `state` is an ISO 3166-1 alpha-2 code or EU."""

    state: str
    stance: Stance


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """One statement that a state moves to leave a treaty: one (item, actor, treaty, action, stage) with its evidence.

    `id` is a hash of (item, case_id, action, stage, institution), the same whenever the same text is read again; the
    highest (revision, generation) of an id wins. `withdrawn` says that a later revision of the item no longer says it.
    `sentence` is the sentence that proves it. `actor` is an ISO 3166-1 alpha-2 code or EU. `treaty` is a register id,
    or none for an instrument outside the register, which `treaty_text` then names as written.
    """

    id: str
    case_id: str
    actor: str
    treaty: str | None
    treaty_text: str
    action: Action
    stage: Stage
    confidence: float
    item: str
    revision: int = 1
    generation: int = 1
    institution: Institution | None = None
    speaker: Speaker | None = None
    hedge: Hedge = Hedge.NONE
    event_date: date | None = None
    effective_date: date | None = None
    positions: tuple[Position, ...] = ()
    sentence: str = ""
    evidence: tuple[Evidence, ...] = ()
    rules: tuple[str, ...] = ()
    detector_version: str = ""
    register_version: str = ""
    url: str | None = None
    title: str = ""
    outlet: str = "unknown"
    owner: str = "unknown"
    kind: str | None = None
    language: str = "en"
    published: datetime | None = None
    fetched: datetime | None = None
    backfill: bool = False
    illustrative: bool = False
    withdrawn: bool = False


class EffectiveDate(msgspec.Struct, frozen=True, kw_only=True):
    """When the exit takes or took legal effect, and how we know; `note` is the caveat for a reader."""

    value: date
    basis: Basis
    note: str | None = None


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One step in a case's history: one (episode, action, stage, institution).

    `episode` is the month of the episode's first event, "2025-03". `evidence` holds the signals that are kept: enough
    to fold the case again. `voices` is the number of independent sources: owners, those that print one text once.
    """

    episode: str
    stage: Stage
    action: Action
    institution: Institution | None
    event_date: date | None
    first_seen: datetime | None
    owners: tuple[str, ...] = ()
    voices: int = 0
    outlets: tuple[str, ...] = ()
    confidence: float = 0.0
    severity: Severity = Severity.NONE
    evidence: tuple[Signal, ...] = ()


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A withdrawn signal, remembered so that a late repeat of it stays withdrawn.

    `stage`, `action`, `institution` and `day` say what it claimed: a case with nothing left shows them. `published` and
    `fetched` are those of the revision that took it back: until it was fetched, the case stood otherwise.
    """

    id: str
    revision: int
    generation: int
    stage: Stage | None = None
    action: Action | None = None
    day: date | None = None
    institution: Institution | None = None
    confidence: float = 0.0
    published: datetime | None = None
    fetched: datetime | None = None


class EpisodeName(msgspec.Struct, frozen=True, kw_only=True):
    """An episode whose first event moved: its month by the fold, and the name its transitions were written with."""

    month: str
    first: str


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One change of a case that people may be told about.

    `id` is a hash of (case, episode, action, stage, institution, kind): found twice, it is the same. `from_stage` and
    `to` are what stood before and stands now; `stage` is the step that the transition is about. `at` is the item's or
    the worker's time; `alertable_at` is the wall-clock instant at which `track` first wrote it as alertable, none when
    nobody is to be told (severity none, or back-filled).
    """

    id: str
    kind: ChangeKind
    from_stage: Stage | None = msgspec.field(name="from")
    to: Stage
    at: datetime
    because: str | None
    episode: str
    stage: Stage
    action: Action
    institution: Institution | None
    severity: Severity
    alertable_at: datetime | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """Everything known about one (actor, instrument): the fold of its signals.

    `revision`, `changed`, `transitions` and `episodes` belong to the record that `track` writes and are left empty by
    the fold: `changed` is the transition that this record was written for (none where only evidence moved),
    `transitions` the most recent ones, oldest first, from which alerts are rebuilt, `episodes` the names to keep.
    """

    id: str
    actor: str
    treaty: str | None
    treaty_text: str
    stage: Stage
    action: Action
    since: date | None
    history: tuple[Entry, ...] = ()
    effective_date: EffectiveDate | None = None
    flags: tuple[Flag, ...] = ()
    severity: Severity = Severity.NONE
    confidence: float = 0.0
    reasons: tuple[str, ...] = ()  # why the severity and the confidence are what they are, for a reader
    positions: tuple[Position, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()
    superseded_by: str | None = None
    revision: int = 0
    changed: Transition | None = None
    transitions: tuple[Transition, ...] = ()
    episodes: tuple[EpisodeName, ...] = ()

    @property
    def voices(self) -> int:
        """How many independent sources its best attested step has.

        No union over steps: a copy is told by its text, which is another text in every step, so a union would count
        the wire story's readers as sources again.
        """
        return max((entry.voices for entry in self.history), default=0)


class DeadLetter(msgspec.Struct, frozen=True, kw_only=True):
    """An input that could not be handled, with what is needed to look at it and to send it again.

    `value` holds the original bytes up to 512 kB, cut beyond that; `length` and `sha256` are of the whole.
    """

    stage: str  # produce, detect, track, index
    reason: str
    error: str
    source: str  # topic, file or feed it came from
    at: datetime
    key: str | None = None
    partition: int | None = None
    offset: int | None = None
    value: bytes = b""
    length: int = 0
    sha256: str = ""
    attempts: int = 1
    version: str = ""

"""Read a depositary notification of the Secretary-General of the United Nations, as the Treaty Collection mails it.

Pure. The form is that of the published notifications: a reference "C.N.385.2025.TREATIES-XXVI.5 (Depositary
Notification)", whose end is the chapter and number of the treaty in "Multilateral Treaties Deposited with the
Secretary-General"; the treaty's title; "LITHUANIA: WITHDRAWAL"; "The above action was effected on 27 June 2025"; "The
action shall take effect for Lithuania on 27 December 2025". What is not in that form is not guessed.

The item says in one plain sentence what the notification says, so that the detector reads it as it reads everything.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from producers.entries import MAX_TITLE, FeedEntry
from producers.text import one_line
from treatywatch.actors import Actors, FormKind
from treatywatch.register import Register

MAX_TEXT = 200_000  # characters of a mail that are read
MAX_NOTIFICATIONS = 50  # in one mail

_CHAPTER = r"[IVXL]+(?:[.-](?:[A-Z]|\d{1,3}|[a-z]))*"
_REFERENCE = re.compile(
    rf"C\.\s?N\.\s?(\d{{1,5}})\.((?:19|20)\d\d)\.(?:(?i:reissued)\.(?P<reissued>\d{{6,8}}\.)?)?TREATIES-(?P<chapter>{_CHAPTER})(?![\w-])"
)
_HEADING = re.compile(rf"^[ \t>]*(?:Reference\s*:?\s*)?(?={_REFERENCE.pattern})", re.MULTILINE | re.IGNORECASE)
_PARTY_AND_ACTION = re.compile(
    r"^[ \t>]*([^\W\d_][^:\n]{2,90}?)\s*:\s*([A-Z][A-Z ,()'/-]{5,120}?)[ \t]*\.?$", re.MULTILINE
)
_LABEL = re.compile(r"\(?\s*(?:depositary notification|notification dépositaire)\s*\)?\s*[:–—-]?", re.IGNORECASE)
_DAY = r"(\d{1,2}\s+[A-Z][a-z]{2,8}\s+(?:19|20)\d\d)"
_EFFECTED = re.compile(rf"\baction\s+was\s+effected\s+on\s+{_DAY}")
_TAKES_EFFECT = re.compile(
    rf"\b(?:(?:shall|will)\s+take|takes|took)\s+effect\s+for\s+[^.\n]{{2,90}}?\s+on\s+{_DAY}", re.IGNORECASE
)
_OF_AN_ACT = r"(?:NOTIFICATION|NOTICE|INSTRUMENT|COMMUNICATION)"
_LEAVING = re.compile(rf"(?:{_OF_AN_ACT} OF )?(WITHDRAWAL|DENUNCIATION|TERMINATION|SUSPENSION)")
_TAKEN_BACK = re.compile(
    rf"(?:WITHDRAWAL|REVOCATION|RESCISSION) OF (?:THE |ITS )?{_OF_AN_ACT} OF (WITHDRAWAL|DENUNCIATION)"
)
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
# How the United Nations write states that the news, and our list, write shorter; without what stands in parentheses.
_LONG_NAMES: Mapping[str, str] = {
    "brunei darussalam": "BN",
    "cabo verde": "CV",
    "democratic people's republic of korea": "KP",
    "lao people's democratic republic": "LA",
    "republic of korea": "KR",
    "russian federation": "RU",
    "syrian arab republic": "SY",
    "timor-leste": "TL",
    "united kingdom of great britain and northern ireland": "GB",
    "united republic of tanzania": "TZ",
    "united states of america": "US",
}


@dataclass(frozen=True, slots=True)
class Notification:
    """What a notification says. `party` and `action` are none where they are not in the expected form.

    `chapter` names the treaty, "XXVI-5"; `effected` is the day on which the depositary received the act.
    """

    number: int
    year: int
    chapter: str
    party: str | None = None
    action: str | None = None
    effected: date | None = None
    takes_effect: date | None = None
    treaty: str = ""
    reissued: str = ""  # the day of it as the Treaty Collection writes it, where a notification is issued anew

    @property
    def complete(self) -> bool:
        """Say whether who does what could be read."""
        return self.party is not None and self.action is not None

    @property
    def reference(self) -> str:
        """The name under which it is filed, also when it is issued anew; the treaty's number is with dots there."""
        return f"C.N.{self.number}.{self.year}.TREATIES-{self.chapter.replace('-', '.')}"

    @property
    def url(self) -> str:
        """Where the Treaty Collection publishes it."""
        again = f".Reissued.{self.reissued}" if self.reissued else ""
        return f"https://treaties.un.org/doc/Publication/CN/{self.year}/CN.{self.number}.{self.year}{again}-Eng.pdf"


@dataclass(frozen=True)
class Names:
    """What a notification's states and treaties are called elsewhere: the list of states and the register."""

    actors: Actors
    register: Register

    def state(self, written: str) -> str:
        """Return the usual name of a state; one that is not known stays as it is written, in small letters."""
        bare = " ".join(re.sub(r"\([^)]*\)", " ", written).replace("’", "'").split())
        for name in (written.strip(), bare, re.sub(r"^the ", "", bare, flags=re.IGNORECASE)):
            if code := self._codes.get(name.casefold()):
                return self.actors.name(code)
        return bare.title().replace("'S", "'s").replace(" Of ", " of ").replace(" And ", " and ")

    def treaty(self, notification: Notification) -> str:
        """Return the register's name for the treaty, else the title in the notification, else its number."""
        row = self.register.by_chapter.get(notification.chapter)
        if row is not None and not row.group:
            return row.name
        return notification.treaty or f"treaty {notification.chapter}"

    @cached_property
    def _codes(self) -> dict[str, str]:
        named = {form.text.casefold(): form.codes[0] for form in self.actors.forms() if form.kind is FormKind.NAME}
        return {**named, **{name: code for name, code in _LONG_NAMES.items() if code in self.actors}}


def read_notifications(subject: str, text: str) -> tuple[Notification, ...]:
    """Return the notifications of one mail; none where neither subject nor text names one.

    Only a reference at the beginning of a line opens a notification, so one that is cited in a sentence does not.
    """
    text = text[:MAX_TEXT].replace("\r\n", "\n").replace("\xa0", " ")
    starts = [found.start() for found in _HEADING.finditer(text)][:MAX_NOTIFICATIONS]
    named = _REFERENCE.search(subject)
    if not starts:
        return (_read(named, f"{_LABEL.sub(' ', subject[named.end() :]).strip(' :–—-')}\n{text}"),) if named else ()
    found: dict[str, Notification] = {}
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        heading = _REFERENCE.search(text, start)
        assert heading is not None  # _HEADING looks ahead for it
        rest = _LABEL.sub(" ", text[heading.end() : end], count=1)
        one = _read(heading, rest)
        if named and len(starts) == 1 and one.action is None:
            one = _read(heading, f"{_LABEL.sub(' ', subject[named.end() :]).strip(' :–—-')}\n{rest}")
        if one.reference not in found or (one.action and not found[one.reference].action):
            found[one.reference] = one
    return tuple(found.values())


def entry(notification: Notification, names: Names, published: datetime | None) -> FeedEntry:
    """Return a notification as an entry whose title says it in one sentence.

    Only what the depositary calls a withdrawal or a denunciation of the treaty itself (or its termination or
    suspension) is told as one; the withdrawal of a reservation, of a declaration, or for a territory is named as it is.
    """
    treaty = names.treaty(notification)
    title = _sentence(notification, names, treaty)
    full = f", {notification.treaty}" if notification.treaty and notification.treaty != treaty else ""
    summary = f"Depositary notification {notification.reference}{full}."
    if published is None and notification.effected is not None:
        published = datetime.combine(notification.effected, datetime.min.time(), UTC)
    return FeedEntry(
        title=one_line(title, MAX_TITLE),
        summary=one_line(summary, MAX_TITLE),
        guid=notification.reference,
        link=notification.url,
        published=published,
    )


def _sentence(said: Notification, names: Names, treaty: str) -> str:
    if said.party is None or said.action is None:
        return f"Depositary notification {said.reference} on the {treaty}"
    state, on = names.state(said.party), f" on {_written(said.effected)}" if said.effected else ""
    if found := _TAKEN_BACK.fullmatch(said.action):
        return f"The depositary was notified{on}: {state} withdraws its notice of {found[1].lower()} from the {treaty}"
    if found := _LEAVING.fullmatch(said.action):
        act = found[1].lower()
        link = "from" if act == "withdrawal" else "of"
        effective = f", effective {_written(said.takes_effect)}" if said.takes_effect else ""
        return f"{state} notified the depositary{on} of its {act} {link} the {treaty}{effective}"
    return f"Depositary notification{on}: {state}: {said.action.lower()} ({treaty})"


def _read(reference: re.Match[str], text: str) -> Notification:
    acts = list(_acts(text))
    party, action, at = acts[0] if acts else (None, None, 0)
    effected, takes_effect = _EFFECTED.search(text), _TAKES_EFFECT.search(text)
    return Notification(
        number=int(reference[1]),
        year=int(reference[2]),
        chapter=reference["chapter"].replace(".", "-"),
        reissued=(reference["reissued"] or "").rstrip("."),
        party=party,
        action=action,
        effected=_day(effected[1]) if effected else None,
        takes_effect=_day(takes_effect[1]) if takes_effect else None,
        treaty=_title(text[:at]),
    )


def _acts(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield (party, action, place) of each line "LITHUANIA: WITHDRAWAL"; the party is written in capitals there."""
    for found in _PARTY_AND_ACTION.finditer(text):
        party = found[1].strip(" *")
        if party.upper() == party:
            yield party, " ".join(found[2].split()), found.start()


def _title(text: str) -> str:
    """Return the treaty's title, which stands in capitals between the reference and the act; its place and date go."""
    lines = [" ".join(line.split()) for line in text.splitlines()]
    kept: list[str] = []
    for line in lines:
        if line and line.upper() == line and not re.search(r"\b(?:19|20)\d\d\.?$", line):
            kept.append(line)
        elif kept:
            break
    return one_line(" ".join(kept).title().replace("'S", "'s"), 300) if kept else ""


def _written(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _day(written: str) -> date | None:
    day, month, year = written.split()
    try:
        return date(int(year), _MONTHS[month.lower()], int(day))
    except (KeyError, ValueError):
        return None

"""Which instrument and which states a sentence is about: names, descriptions, groups, persons by date, lists."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from processors.detect.pipeline import Detection, Detector, load_detector
from processors.replay import final, replay
from processors.track.policy import load_rules
from treatywatch.locate import config_dir
from treatywatch.model import Item, Reason, Stance

DETECTOR: Detector = load_detector(config_dir())


def read(title: str, summary: str = "", day: str = "2025-07-01") -> Detection:
    """Read an item of that day."""
    published = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return DETECTOR.read(Item(id="1", title=title, summary=summary, published=published))


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Sri Lanka quits ICC", True),
        ("Sri Lanka quits ICC over cricket board row", False),
        ("Qatar withdraws from Open Skies", True),
        ("Qatar withdraws from Open Skies agreement with US airlines", False),
        ("Gambia leaves the Commonwealth", True),
        ("Gambia leaves the Commonwealth Games", False),
    ],
)
def test_name_beside_a_word_of_its_other_meaning_is_no_treaty(text: str, named: bool) -> None:
    """What an acronym collides with is told by the words beside it."""
    assert any(signal.treaty for signal in read(text).signals) is named


@pytest.mark.parametrize(
    ("title", "day", "codes"),
    [
        ("Baltic states announce exit from mine ban treaty", "2025-04-01", {"EE", "LT", "LV"}),
        ("Alliance of Sahel States quits International Criminal Court", "2025-09-22", {"BF", "ML", "NE"}),
        ("Alliance of Sahel States quits International Criminal Court", "2020-09-22", set()),
        ("Visegrad Four withdraw from UN migration pact", "2018-11-01", {"CZ", "HU", "PL", "SK"}),
        ("Nordic-Baltic Eight withdraw from Open Skies Treaty", "2025-01-01",
         {"DK", "EE", "FI", "IS", "LT", "LV", "NO", "SE"}),
        ("Benelux countries leave Energy Charter Treaty", "2025-01-01", {"BE", "LU", "NL"}),
        ("All Baltic states except Latvia leave Ottawa Convention", "2025-07-01", {"EE", "LT"}),
        ("EU leaves Energy Charter Treaty", "2024-06-28", {"EU"}),
        ("EU member states leave Energy Charter Treaty", "2024-06-28", set()),
    ],
)  # fmt: skip
def test_coalition_acts_through_its_members_of_that_day(title: str, day: str, codes: set[str]) -> None:
    """A list under one name is expanded as of the item's date; a union that acts itself is not its members."""
    assert {signal.actor for signal in read(title, day=day).signals} == codes


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Three of the five have now notified UN of exit from Ottawa Convention", "Three of the five"),
        ("Two of the three Baltic states quit mine ban treaty", "Two of the three Baltic states"),
        ("All but Norway leave cluster munitions convention", "All but Norway"),
        ("Some of the Nordic countries denounce Istanbul Convention", "Some of the Nordic countries"),
    ],
)
def test_part_of_a_set_names_nobody_and_is_kept_as_text(title: str, words: str) -> None:
    """Who the text only counts makes no signal, and is not the whole set: the words are kept with the refusal."""
    detection = read(title)
    assert (detection.signals, detection.reason, detection.unresolved) == ((), Reason.NO_ACTOR, (words,))


def test_part_of_a_set_whose_members_the_summary_names_is_told_by_the_summary() -> None:
    """What the headline counts the summary may name."""
    detection = read(
        "Three of the five have now left mine ban treaty",
        "Estonia, Latvia and Lithuania have withdrawn from the Ottawa Convention.",
    )
    assert {signal.actor for signal in detection.signals} == {"EE", "LT", "LV"}
    assert detection.unresolved == ()


@pytest.mark.parametrize(
    ("title", "day", "codes"),
    [
        ("Trump pulls out of Paris Agreement", "2017-06-01", {"US"}),
        ("Trump pulls out of Paris Agreement", "2022-06-01", set()),
        ("Obama pulls out of Rio Treaty", "2016-12-31", {"US"}),
        ("Obama pulls out of Rio Treaty", "2017-01-21", set()),
        ("Milei pulls out of World Health Organization", "2025-02-05", {"AR"}),
        ("Milei pulls out of World Health Organization", "2022-02-05", set()),
        ("Duterte withdraws from Rome Statute", "2018-03-14", {"PH"}),
        ("Duterte withdraws from Rome Statute", "2023-03-14", set()),
    ],
)
def test_person_speaks_for_a_state_while_in_office(title: str, day: str, codes: set[str]) -> None:
    """Who stands for a state is a question of the item's date."""
    assert {signal.actor for signal in read(title, day=day).signals} == codes


@pytest.mark.parametrize(
    ("title", "codes"),
    [
        ("Ottawa quits Ottawa Treaty", {"CA"}),
        ("Paris quits Paris Agreement", {"FR"}),
        ("Finland quits Ottawa Treaty", {"FI"}),
        ("Turkey leaves Istanbul Convention", {"TR"}),
        ("Russia scraps Budapest Memorandum", {"RU"}),
        ("Kremlin withdraws from Minsk agreements", {"RU"}),
        ("Downing Street to leave European Convention on Human Rights", {"GB"}),
        ("The Hague to leave Energy Charter Treaty", {"NL"}),
        ("South Korea quits Hague court", {"KR"}),
        ("Niger leaves ECOWAS", {"NE"}),
        ("Nigeria leaves ECOWAS", {"NG"}),
        ("Guinea-Bissau leaves ECOWAS", {"GW"}),
        ("Equatorial Guinea leaves OPEC", {"GQ"}),
        ("Democratic Republic of the Congo leaves ICC", {"CD"}),
        ("Republic of the Congo leaves ICC", {"CG"}),
        ("Dominican Republic leaves ICC", {"DO"}),
        ("Dominica leaves ICC", {"DM"}),
        ("Hellenic Republic denounces Energy Charter Treaty", {"GR"}),
        ("Swiss Confederation denounces Energy Charter Treaty", {"CH"}),
    ],
)
def test_metonyms_and_namesakes_name_their_own_state(title: str, codes: set[str]) -> None:
    """A capital acts where it is the subject, and is no actor inside a treaty's name."""
    assert {signal.actor for signal in read(title).signals} == codes


def test_whom_one_gives_notice_does_not_leave() -> None:
    """The addressee of a notice is the counterpart of an instrument that names none."""
    (signal,) = read("Senegal sends Mauritius notice terminating 2002 double taxation agreement").signals
    assert signal.case_id == "SN:~tax-mu"
    (signal,) = read("Italy gives China notice that it is leaving Belt and Road Initiative").signals
    assert signal.actor == "IT"


def test_who_supports_opposes_and_is_no_party_is_told_apart_from_who_leaves() -> None:
    """Speaker and bystander are positions, the leaving state is the actor."""
    (signal,) = read("France regrets Hungary's withdrawal from the International Criminal Court").signals
    assert (signal.actor, [(p.state, p.stance) for p in signal.positions]) == ("HU", [("FR", Stance.OPPOSES)])
    (signal,) = read("Israel welcomes Hungary's decision to leave the International Criminal Court").signals
    assert (signal.actor, [(p.state, p.stance) for p in signal.positions]) == ("HU", [("IL", Stance.SUPPORTS)])
    (signal,) = read(
        "Finland leaves Ottawa Convention", "Russia, which is not a party to the treaty, has used mines in Ukraine."
    ).signals
    assert (signal.actor, [(p.state, p.stance) for p in signal.positions]) == ("FI", [("RU", Stance.NOT_A_PARTY)])


SAME = [
    ("Georgia annuls 2005 transit treaty with Russia", "Georgia annuls transit deal with Russia"),
    ("Somalia annuls all agreements with United Arab Emirates", "Somalia scraps accords with the UAE"),
    ("Moscow ends 1956 fishing deal with Britain", "Russia denounces fisheries agreement with UK"),
    ("India gives Mauritius notice ending investment treaty", "India terminates investment pact with Mauritius"),
    ("Niger revokes military accord with the United States", "Niger ends status of forces agreement with US"),
    ("Chad ends defence pact with France", "Chad terminates defence cooperation accord with former ruler France"),
    ("Uganda leaves the United Nations", "Uganda quits UN"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_two_reports_of_one_instrument_meet_in_one_case(one: str, other: str) -> None:
    """The year, the noun and the order of the words make no second case; `track` folds both into one."""
    made = [signal for text in (one, other) for signal in read(text).signals]
    assert len({signal.case_id for signal in made}) == 1, made
    days = (datetime(2025, 7, 1, tzinfo=UTC), datetime(2025, 7, 2, tzinfo=UTC))
    items = [Item(id=text, title=text, published=day) for text, day in zip((one, other), days, strict=True)]
    assert len(final(replay(DETECTOR, items, load_rules(config_dir())))) == 1


def test_instruments_with_different_purpose_or_partner_stay_apart() -> None:
    """A fishing deal is no tax treaty, and one with Norway is none with Iceland."""
    texts = [
        "Russia ends fishing deal with Norway",
        "Russia ends tax treaty with Norway",
        "Russia ends fishing deal with Iceland",
        "Norway ends fishing deal with Russia",
    ]
    assert len({signal.case_id for text in texts for signal in read(text).signals}) == len(texts)


@pytest.mark.parametrize(
    ("title", "case_id"),
    [
        ("Japan ends intelligence-sharing pact with South Korea", "JP:GSOMIA"),
        ("Sweden ends intelligence-sharing pact with Norway", "SE:~intelligence-no"),
        ("India suspends river water treaty with Pakistan", "IN:INDUS"),
        ("Turkey terminates GSOMIA", "TR:GSOMIA"),
    ],
)
def test_nickname_of_a_bilateral_instrument_is_that_of_its_parties(title: str, case_id: str) -> None:
    """Others use the nickname of an instrument of their own; its acronym means the one."""
    assert [signal.case_id for signal in read(title).signals] == [case_id]


@pytest.mark.parametrize(
    ("title", "summary", "case_id"),
    [
        ("Gambia's ICC exit near", "Gambia has withdrawn from the court's founding treaty.", "GM:ROME"),
        ("Bolivia drops Rio Treaty", "The country renounced the 1947 mutual defence pact on Monday.", "BO:TIAR"),
        ("Lithuania quits China's 17+1 club", "", "LT:~17-1"),
        ("Chad quits Francophonie bloc", "", "TD:~francophonie"),
        ("Nigeria notifies OPEC of its withdrawal", "", "NG:OPEC"),
        ("Togo files exit papers on landmine ban", "", "TG:APMBC"),
    ],
)
def test_instrument_named_beside_its_words(title: str, summary: str, case_id: str) -> None:
    """What the sentence calls "the pact" or "the club" is what the item names."""
    assert {signal.case_id for signal in read(title, summary).signals} == {case_id}


@pytest.mark.parametrize(
    "title",
    [
        "Nigeria notifies OPEC of its envoy's withdrawal",
        "Chad quits Francophonie games",
        "Carmaker ends Brussels battery pact",
        "Belgian supplier terminates agreement with a French carmaker",
        "Kim Jong Un signs mutual defence pact in Pyongyang",
    ],
)
def test_near_miss_of_an_instrument_or_a_state_gives_nothing(title: str) -> None:
    """A company's deal, an envoy's withdrawal and a name that looks like a verb are no exits."""
    assert read(title).signals == ()


def test_soft_hyphens_tags_and_mojibake_are_read_over() -> None:
    """Remains of a web page hide neither state nor treaty, and offsets stay those of the text."""
    for title in (
        "Fin\u00adland's parlia\u00adment votes to with\u00addraw from Ot\u00adtawa Con\u00advention",
        "#BREAKING Guinea-Bissau says it will leave #ECOWAS",
        "Estoniaâ€™s foreign minister delivers notice of withdrawal from Ottawa Convention to UN",
        "iran could leave non - proliferation treaty , says foreign minister",
    ):
        (signal,) = read(title).signals
        assert all(title[span.start : span.end] == span.text or "â" in title for span in signal.evidence)

"""A stream of news of our own making: item lines with the words, lengths and mixture of a feed, all invented.

Made of sentences by topic, so that it holds what real news holds: organisations and agreements that nobody leaves, and
verbs of leaving that have other objects. One item in 500 reports an exit, one in 80 holds a near miss. What it cannot
show is how often real news pass the prefilter; for that, measure with a corpus (`make bench CORPUS=DIR`).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import msgspec

TEXTS = (2000, 2800, 3500, 3500, 4200, 5000)  # characters of news texts
SUMMARIES = (120, 200, 300, 450)  # of what most feeds give of them
HEADLINES = (0,)
_STATES = [
    "Chad",
    "Peru",
    "Norway",
    "Japan",
    "Kenya",
    "Poland",
    "Brazil",
    "Egypt",
    "Ghana",
    "Chile",
    "Spain",
    "Latvia",
    "Oman",
    "Nepal",
    "Cuba",
    "Malta",
]
_PLACES = [
    "the capital",
    "the northern province",
    "a coastal town",
    "the border district",
    "the old port",
    "the eastern suburbs",
]
_WHO = [
    "the minister",
    "a spokeswoman",
    "the mayor",
    "analysts",
    "the union",
    "a witness",
    "the company",
    "its chairman",
    "doctors",
]
_WHEN = [
    "on Monday",
    "late on Tuesday",
    "this week",
    "in March",
    "earlier this year",
    "after midnight",
    "for the third time",
]
_TOPICS = {
    "sport": (
        "{State} beat {State2} {n} to {m} {when} and stay second in the table.",
        "The striker left the field after {n} minutes with an injured knee, {who} said.",
        "Organisers called off the final because of rain and will return the tickets.",
        "The coach, who signed for two more seasons {when}, wants a younger team.",
        "Fans from {State} filled {place} long before the match.",
        "The federation suspended two players for {n} games; both can appeal.",
    ),
    "markets": (
        "Shares in {place} rose {n}.{m} per cent {when} as the price of copper fell.",
        "{Who} expects profits to drop by {n} per cent, and cancelled the dividend.",
        "The central bank of {State} left interest rates unchanged.",
        "Inflation in {State} slowed to {n} per cent, the statistics office reported {when}.",
        "The airline will stop flights to {State} at the end of the summer.",
    ),
    "weather": (
        "Heavy rain flooded {n} villages in {State}, and thousands left their homes.",
        "A storm is expected to reach {place} {when}, forecasters said.",
        "Rescue teams reached {place} after the landslide; {n} people are missing.",
        "Firemen brought the fire near {place} under control {when}.",
    ),
    "courts": (
        "A court in {State} sentenced {n} men to prison for fraud.",
        "Police arrested {n} people in {place}, {who} said.",
        "The trial of a former governor was put off until autumn.",
        "The judge withdrew from the case, and a new hearing will be held {when}.",
        "Prosecutors in {State} dropped the charges against a banker who had left the country.",
    ),
    "politics": (
        "Parliament in {State} passed a budget {when} with {n} votes to {m}.",
        "The governing party of {State} wants to change the law on pensions.",
        "{Who} called on the government to step back from the reform.",
        "The president of {State} will visit {State2} {when}, his office said.",
        "Two ministers resigned, and the coalition in {State} ended after {n} months.",
        "The opposition walked out of the session and returned an hour later.",
        "Voters in {State} go to the polls in {n} weeks.",
    ),
    "culture": (
        "A museum in {place} shows {n} paintings that were thought lost.",
        "The festival in {State} opens {when} with a film about a fishing village.",
        "The singer fell ill on her tour and will give back the money, {who} said.",
        "A novel from {State} won the prize {when}.",
    ),
    "health": (
        "Doctors in {State} reported {n} new cases of cholera {when}.",
        "The hospital in {place} stopped all operations for {n} hours after a power cut.",
        "{Who} said the vaccine, which {State} has bought, works for {n} months.",
    ),
    "defence": (
        "{State} ordered {n} helicopters, and the army takes the first in {n} months.",
        "Soldiers from {State} and {State2} ended an exercise near {place}.",
        "A patrol boat of {State} brought back {n} fishermen from {place}.",
        "The general, who led the mission for {n} years, retires {when}.",
    ),
    "diplomacy": (
        "The foreign minister of {State} called for talks on fishing.",
        "{State} expelled {n} diplomats and recalled its ambassador from {State2}.",
    ),
}
_WEIGHTS = {
    "sport": 16, "markets": 16, "weather": 10, "courts": 13, "politics": 16, "culture": 9, "health": 9, "defence": 6,
    "diplomacy": 3,
}  # fmt: skip
_BODIES = (  # organisations that nobody leaves
    "The European Union opened an inquiry into the price of steel from {State}.",
    "The World Health Organization sent a team to {State} {when}.",
    "NATO ministers meet {when} to discuss the defence of {State}.",
    "The United Nations asked for {n} million for {State} {when}.",
)
_NEAR_MISSES = (  # an organisation or an agreement, and a verb of leaving that is not about it
    "The deal between the two banks ended months of talks, {who} said.",
    "The last of {n} peacekeepers of the United Nations left {place} {when}.",
    "After {State} and {State2} signed an agreement on railways, {who} withdrew a bill on ports.",
    "The ceasefire near {place} held for a {n}th day, {who} said, and trucks left for the border.",
    "A treaty on extradition took effect after {State} dropped its charges against {n} men.",
    "The European Union suspended payments to {State} {when}.",
)
_EXITS = (
    "{State}'s parliament votes to leave the Ottawa Convention",
    "{State} notifies the depositary of its withdrawal from the Arms Trade Treaty",
    "{State} suspends its military accord with {State2}",
)
_EXIT_EVERY, _NEAR_MISS_EVERY, _BODY_EVERY = 500, 80, 20


def item_lines(count: int, lengths: Sequence[int] = TEXTS, *, seed: int = 1) -> Iterator[bytes]:
    """Give item lines, the same for the same seed: headlines, and behind each a text of one of the lengths."""
    chance = random.Random(seed)
    topics, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    for number in range(count):
        (topic,) = chance.choices(topics, weights)
        title, length = _sentence(chance, topic).rstrip("."), chance.choice(lengths)
        if number % _EXIT_EVERY == _EXIT_EVERY // 2 + 1:
            title = _filled(chance, chance.choice(_EXITS))
        summary = _text(chance, topic, length) if length else ""
        if number % _NEAR_MISS_EVERY == 0 or number % _BODY_EVERY == 1:
            near = _filled(chance, chance.choice(_BODIES if number % _NEAR_MISS_EVERY else _NEAR_MISSES))
            title, summary = (title, f"{near} {summary}") if length else (near.rstrip("."), "")
        day = f"2025-{1 + number % 12:02}-{1 + number % 28:02}"
        yield msgspec.json.encode({"id": str(number), "title": title, "summary": summary, "published": day})


def texts(count: int, size: int = 3500, *, seed: int = 2) -> list[str]:
    """Give plain texts of one size."""
    chance = random.Random(seed)
    return [_text(chance, chance.choice(list(_TOPICS)), size)[:size] for _ in range(count)]


def _text(chance: random.Random, topic: str, size: int) -> str:
    parts: list[str] = []
    while sum(map(len, parts)) + len(parts) < size:
        parts.append(_sentence(chance, topic if chance.random() < 0.97 else chance.choice(list(_WEIGHTS))))
    return " ".join(parts)


def _sentence(chance: random.Random, topic: str) -> str:
    return _filled(chance, chance.choice(_TOPICS[topic]))


def _filled(chance: random.Random, sentence: str) -> str:
    state, other = chance.sample(_STATES, 2)
    who = chance.choice(_WHO)
    return sentence.format(
        State=state, State2=other, place=chance.choice(_PLACES), who=who, Who=who.capitalize(),
        when=chance.choice(_WHEN), n=chance.randint(2, 90), m=chance.randint(0, 9),
    )  # fmt: skip

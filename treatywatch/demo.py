"""The demo newsroom as typed data: `config/demo/` read, checked and turned into articles, items and feeds.

    outlets.yml     the illustrative outlets and the owners behind them
    scenes/*.yml    the timeline, by month: what is printed, and what is changed, at each moment

The events and their dates are those of the exits from the Ottawa Convention in 2025-26; every outlet and every sentence
is ours, and the near misses (`family` names the trap) are made up. Nothing here reads a clock or the network; the
server that plays it is `producers/newsroom.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Literal, TypedDict

from pydantic import AwareDatetime, Field

from treatywatch.config import Strict, load
from treatywatch.errors import ConfigError
from treatywatch.model import Item, Text

MARK = "illustrative"  # stands in the name of every outlet, so that nobody takes the demo for news
KEPT = 30  # entries that a feed shows, newest first: far more than one scene adds, so that none is missed


class Outlet(Strict):
    """One illustrative outlet; it publishes one feed in one format."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    name: str
    owner: str
    country: str = Field(pattern=r"^[A-Z]{2}$")
    language: str = "en"
    kind: Literal["agency", "newspaper", "broadcaster", "specialist", "depositary"]
    format: Literal["rss", "atom", "json"]


class Story(Strict):
    """One text, printed word for word by each of its outlets; `family` names the trap where it is a near miss."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    outlets: tuple[str, ...] = Field(min_length=1)
    title: str = Field(min_length=10)
    summary: str = Field(min_length=10)
    family: str | None = None


class Change(Strict):
    """A later edit of the story `of`, in all its outlets: the same article with new words."""

    of: str
    title: str = Field(min_length=10)
    summary: str = Field(min_length=10)


class Scene(Strict):
    """One moment of the timeline; its stories are published a minute apart from `at` on, in order."""

    at: AwareDatetime
    stories: tuple[Story, ...] = ()
    changes: tuple[Change, ...] = ()


class _Outlets(Strict):
    outlets: tuple[Outlet, ...]


class _Scenes(Strict):
    scenes: tuple[Scene, ...]


@dataclass(frozen=True)
class Article:
    """One outlet's article as it stands after some scene; `revision` counts its wordings from 1."""

    outlet: Outlet
    story: str
    title: str
    summary: str
    published: datetime
    updated: datetime
    revision: int = 1
    previous: Text | None = None
    family: str | None = None

    @property
    def guid(self) -> str:
        """The same for every wording of the article and for every run of the demo."""
        return f"tag:newsroom.invalid,2025:{self.outlet.id}/{self.story}"


class FeedRow(TypedDict):
    """One row for `feeds` in a feeds file."""

    id: str
    url: str
    outlet: str
    owner: str
    country: str
    language: str
    kind: str
    interval_seconds: float
    illustrative: bool


@dataclass(frozen=True)
class Demo:
    """The whole timeline; `version` changes whenever a file of it does."""

    outlets: tuple[Outlet, ...]
    scenes: tuple[Scene, ...]
    version: str

    @cached_property
    def printed(self) -> tuple[tuple[Article, ...], ...]:
        """What each scene adds to the feeds or changes in them, in order of publication."""
        outlets = {outlet.id: outlet for outlet in self.outlets}
        latest: dict[tuple[str, str], Article] = {}
        where: dict[str, tuple[str, ...]] = {}
        result: list[tuple[Article, ...]] = []
        for scene in self.scenes:
            fresh: list[Article] = []
            for minute, story in enumerate(scene.stories):
                at = scene.at.astimezone(UTC) + timedelta(minutes=minute)
                where[story.id] = story.outlets
                fresh += [
                    Article(outlets[o], story.id, story.title, story.summary, at, at, family=story.family)
                    for o in story.outlets
                ]
            for change in scene.changes:
                for o in where[change.of]:
                    old = latest[change.of, o]
                    fresh.append(
                        Article(
                            old.outlet,
                            old.story,
                            change.title,
                            change.summary,
                            old.published,
                            scene.at.astimezone(UTC),
                            old.revision + 1,
                            Text(title=old.title, summary=old.summary),
                            old.family,
                        )
                    )
            latest.update({(a.story, a.outlet.id): a for a in fresh})
            result.append(tuple(fresh))
        return tuple(result)

    def feed(self, outlet: str, scene: int) -> tuple[Article, ...]:
        """Return what the outlet's feed shows after scene number `scene` (from 0): the newest articles first."""
        articles: dict[str, Article] = {}
        for printed in self.printed[: scene + 1]:
            articles.update({article.story: article for article in printed if article.outlet.id == outlet})
        return tuple(sorted(articles.values(), key=lambda a: (a.updated, a.published), reverse=True)[:KEPT])


def load_demo(config: Path) -> Demo:
    """Read `demo/` in the configuration folder. Raises ConfigError with every fault of the first file that has any."""
    folder = config / "demo"
    paths = [folder / "outlets.yml", *sorted((folder / "scenes").glob("*.yml"))]
    outlets = load(paths[0], _Outlets).outlets
    scenes = tuple(scene for path in paths[1:] for scene in load(path, _Scenes).scenes)
    faults = list(_faults(outlets, scenes))
    if faults:
        raise ConfigError([f"{folder}: {fault}" for fault in faults])
    version = hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()[:12]
    return Demo(outlets, scenes, version)


def _faults(outlets: tuple[Outlet, ...], scenes: tuple[Scene, ...]) -> Iterator[str]:
    """Say what types cannot: marks, references and the order of time."""
    known: set[str] = set()
    for outlet in outlets:
        if outlet.id in known:
            yield f"outlet '{outlet.id}' given twice"
        if MARK not in outlet.name or MARK not in outlet.owner:
            yield f"outlet '{outlet.id}': name and owner must say '{MARK}'"
        known.add(outlet.id)
    if not scenes:
        yield "no scenes"
    stories: set[str] = set()
    last: datetime | None = None
    for scene in scenes:
        if last is not None and scene.at <= last:
            yield f"scene {scene.at}: not after what the scene before it publishes last ({last})"
        last = scene.at + timedelta(minutes=max(0, len(scene.stories) - 1))
        for story in scene.stories:
            if story.id in stories:
                yield f"story '{story.id}' given twice"
            stories.add(story.id)
            yield from (f"story '{story.id}': unknown outlet '{o}'" for o in story.outlets if o not in known)
        for change in scene.changes:
            if change.of not in stories - {story.id for story in scene.stories}:
                yield f"scene {scene.at}: changes '{change.of}', which no earlier scene prints"


def items_of(demo: Demo) -> list[Item]:
    """Return every article of the demo in order of publication, as `detect` would get it from the feeds.

    Ids are readable (`outlet/story`) and differ from those of the live path; `fetched` is the moment of publication.
    """
    return [
        Item(
            id=f"{article.outlet.id}/{article.story}",
            title=article.title,
            summary=article.summary,
            revision=article.revision,
            outlet=article.outlet.name,
            owner=article.outlet.owner,
            kind=article.outlet.kind,
            country=article.outlet.country,
            language=article.outlet.language,
            published=article.published,
            fetched=article.updated,
            feed=article.outlet.id,
            illustrative=True,
            previous=article.previous,
        )
        for printed in demo.printed
        for article in printed
    ]


def feed_path(outlet: Outlet) -> str:
    """Return where the newsroom serves the outlet's feed."""
    return f"/feeds/{outlet.id}.{outlet.format}"


def feeds_for(demo: Demo, base_url: str, interval_seconds: float = 0.5) -> list[FeedRow]:
    """Return the rows of a feeds file for a newsroom at `base_url` ("http://127.0.0.1:8760").

    The interval is short because a scene waits until every feed was fetched.
    """
    return [
        FeedRow(
            id=f"demo-{outlet.id}",
            url=base_url.rstrip("/") + feed_path(outlet),
            outlet=outlet.name,
            owner=outlet.owner,
            country=outlet.country,
            language=outlet.language,
            kind=outlet.kind,
            interval_seconds=interval_seconds,
            illustrative=True,
        )
        for outlet in demo.outlets
    ]


def item_lines(demo: Demo) -> Iterator[Mapping[str, object]]:
    """Yield the demo as item lines for `detect`, `replay --items` and `--items`, in order of publication.

    An item line cannot carry the text that a revision replaces, so a claim that an edit takes back is taken back only
    on the path through the feeds.
    """
    for item in items_of(demo):
        line: dict[str, object] = {
            "id": item.id,
            "revision": item.revision,
            "title": item.title,
            "summary": item.summary,
            "language": item.language,
            "outlet": item.outlet,
            "owner": item.owner,
            "kind": item.kind,
            "country": item.country,
            "illustrative": item.illustrative,
        }
        if item.published:
            line["published"] = item.published.isoformat().replace("+00:00", "Z")
        if item.fetched:
            line["fetched"] = item.fetched.isoformat().replace("+00:00", "Z")
        yield line

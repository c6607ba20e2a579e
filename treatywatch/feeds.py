"""The feeds file, `config/feeds.yml`: which public feeds are read, and who stands behind each.

The keys `id`, `url`, `outlet`, `owner`, `country`, `language` and `kind` are a fixed contract; the rest are optional
settings. `owner` names the group that owns the outlet: two outlets of one owner count as one voice. The polling state
of a feed is kept under its `id`, so renaming an id makes its next poll a first poll.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml
from pydantic import Field, field_validator
from yarl import URL

from treatywatch.config import Strict, load
from treatywatch.errors import ConfigError


class Feed(Strict):
    """One feed, as the feeds file describes it."""

    id: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$", description="short name, for state, logs and metrics")
    url: str = Field(description="address of the feed, http or https")
    outlet: str = Field(min_length=1, description="who publishes, as readers know it")
    owner: str | None = Field(None, min_length=1, description="group that owns the outlet; the outlet where absent")
    country: str | None = Field(None, pattern=r"^[A-Z]{2}$", description="ISO 3166-1 alpha-2 code, or EU, UN as XX")
    language: str = Field("en", pattern=r"^[a-z]{2,3}(-[A-Za-z]{2,4})?$", description="language of the texts")
    kind: str | None = Field(None, min_length=1, description="wire, newspaper, broadcaster, government, ngo and so on")
    enabled: bool = Field(True, description="false: kept in the list but not polled")
    verified: bool = Field(True, description="false: nobody has seen this address answer yet")
    illustrative: bool = Field(False, description="true: the items are invented, and marked so everywhere")
    breaking: bool | None = Field(
        None, description="true: breaking news, polled more often; by its kind (wire, broadcaster, newspaper) if absent"
    )
    full_text: bool | None = Field(
        None, description="true or false: read the pages of its new items, or not; default: produce.full_text"
    )
    interval_seconds: float | None = Field(None, gt=0.05, description="poll this often, instead of by observation")
    min_interval_seconds: float | None = Field(None, gt=0.05, description="poll at most this often")
    max_interval_seconds: float | None = Field(None, gt=0.05, description="poll at least this often")

    @field_validator("url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        try:
            url = URL(value)
        except ValueError as error:
            raise ValueError(f"no valid address: {error}") from error
        if url.scheme not in ("http", "https") or not url.host:
            raise ValueError("only http and https addresses with a host can be polled")
        return value

    @property
    def owner_or_outlet(self) -> str:
        """Who counts as one voice."""
        return self.owner or self.outlet


class FeedsFile(Strict):
    """The whole file."""

    feeds: tuple[Feed, ...] = Field(description="the feeds, in any order")


def load_feeds(path: Path) -> tuple[Feed, ...]:
    """Read a feeds file. Raises ConfigError with a line per fault, an id or address given twice included."""
    feeds = load(path, FeedsFile).feeds
    faults = [
        f"{path}:{line}: {key} '{value}' is given twice, first on line {first}; keep one"
        for key in ("id", "url")
        for value, line, first in _repeated(path, key)
    ]
    if faults:
        raise ConfigError(faults)
    return feeds


def owners(feeds: Iterable[Feed]) -> Mapping[str, str]:
    """Map each outlet to its owner, for items that come without one."""
    return {feed.outlet: feed.owner_or_outlet for feed in feeds}


def _repeated(path: Path, key: str) -> list[tuple[str, int, int]]:
    """Return (value, line, line of the first) for each value of `key` that an earlier feed has too."""
    root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert isinstance(root, yaml.MappingNode)
    first: dict[str, int] = {}
    found = []
    for _, listed in root.value:
        for feed in listed.value:
            for name, value in feed.value:
                if name.value == key:
                    line = value.start_mark.line + 1
                    if value.value in first:
                        found.append((value.value, line, first[value.value]))
                    first.setdefault(value.value, line)
    return found

"""Write rows of the feeds file: new feeds are appended as text, so that comments and order of what is there stay."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from pydantic import ValidationError
from yarl import URL

from treatywatch.errors import ConfigError
from treatywatch.feeds import Feed, load_feeds

_EMPTY = "feeds:\n"
_ID_LENGTH = 60


def make_feed(**values: object) -> Feed:
    """Make a feed from values that a person or a foreign list gave. Raises ConfigError with a line per fault."""
    try:
        return Feed.model_validate({key: value for key, value in values.items() if value is not None})
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']} (got {str(e['input'])[:80]!r})" for e in error.errors()]
        raise ConfigError(faults) from error


def free_id(outlet: str, url: str, taken: Container[str]) -> str:
    """Return an id that is not taken: the outlet in plain letters, else the host, numbered at need."""
    stem = _plain(outlet) or _plain(urlsplit(url).netloc.removeprefix("www.")) or "feed"
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}-{number}"
    return found


def address(url: str) -> tuple[str, str]:
    """Return what two spellings of one address share: http or https, a slash at the end, a fragment make no other."""
    parsed = URL(url)
    port = "" if parsed.is_default_port() else f":{parsed.port}"
    return f"{(parsed.host or '').lower()}{port}{parsed.path.rstrip('/')}", parsed.query_string


def render_rows(feeds: Iterable[Feed], indent: int = 2) -> str:
    """Return feeds as rows of a feeds file, as its own writers write them; settings at their default are left out."""
    rows = []
    for feed in feeds:
        keys = feed.model_dump(mode="json", exclude_defaults=True)
        keys = {"id": feed.id, "url": feed.url, "outlet": feed.outlet, **keys, "language": feed.language}
        lines = [_line(name, keys[name]) for name in Feed.model_fields if name in keys]
        rows += [f"{' ' * indent}- {lines[0]}", *(f"{' ' * indent}  {line}" for line in lines[1:])]
    return "\n".join(rows) + "\n" if rows else ""


def append_feeds(path: Path, feeds: Sequence[Feed]) -> None:
    """Append feeds to a feeds file, or make the file.

    Refuses, with ConfigError and without touching the file, an id or an address that is there already, and a file that
    would not be read as before afterwards. The file is replaced as a whole, so that no reader sees half of it.
    """
    path = path.resolve()
    before = load_feeds(path) if path.exists() else ()
    faults = [fault for n, feed in enumerate(feeds) for fault in _clashes(path, feed, (*before, *feeds[:n]))]
    if faults:
        raise ConfigError(faults)
    text = path.read_text(encoding="utf-8") if path.exists() else _EMPTY
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.write_text(_with_rows(path, text, feeds), encoding="utf-8")
        if path.exists():
            draft.chmod(path.stat().st_mode)
        if load_feeds(draft) != (*before, *feeds):
            raise ConfigError([f"{path}: rows cannot be added behind its last line; add them by hand"])
        draft.replace(path)
    except OSError as error:
        raise ConfigError([f"{path}: cannot be written: {error}"]) from error
    finally:
        draft.unlink(missing_ok=True)


def _line(name: str, value: object) -> str:
    """Return `name: value` in one line of YAML; with quotes and escapes where the value is not printable."""
    plain = not isinstance(value, str) or value.isprintable()
    return yaml.safe_dump(
        {name: value}, allow_unicode=plain, width=10**9, default_style=None if plain else '"', default_flow_style=False
    ).rstrip("\n")


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ø", "o"))
    letters = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return re.sub(r"[^a-z0-9]+", "-", letters)[:_ID_LENGTH].strip("-")


def _clashes(path: Path, feed: Feed, there: Sequence[Feed]) -> list[str]:
    faults = []
    for other in there:
        if other.id == feed.id:
            faults.append(f"{path}: id '{feed.id}' is taken by {other.url}; choose another")
        if address(other.url) == address(feed.url):
            faults.append(f"{path}: {feed.url} is there already, as '{other.id}'")
    return faults


def _with_rows(path: Path, text: str, feeds: Sequence[Feed]) -> str:
    """Return the file's text with rows behind it, indented as its own are."""
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    listed = root.value[0][1] if isinstance(root, yaml.MappingNode) and root.value else None
    indent = 2
    if isinstance(listed, yaml.SequenceNode) and listed.flow_style:
        if listed.value:
            raise ConfigError(
                [f"{path}: its feeds are written in brackets; write a row for each, beginning with '- id:'"]
            )
        text = text[: listed.start_mark.index] + text[listed.end_mark.index :]  # "feeds: []"
    elif isinstance(listed, yaml.SequenceNode):
        indent = listed.start_mark.column
    return (text if text.endswith("\n") else text + "\n") + render_rows(feeds, indent)

"""feedparser's own test feeds: some 2,200 of them, from its source distribution, which pip fetches and checks.

Kept in `.cache/feeds` of the checkout, or beside the servers in the folder that TREATY_TEST_CACHE names. The version
and the hashes are those of requirements.lock, so the feeds are always of the feedparser that is installed. They are
not in this repository.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
DOWNLOAD_SECONDS = 90

_TYPE = re.compile(rb"^\s*(?:Header:\s*)?Content-type:\s*(\S.*?)\s*$", re.IGNORECASE | re.MULTILINE)
_HEAD = 2_000  # bytes in which a feed of the suite says with what header it comes
_BLOCKS = re.compile(r"p|div|br|hr|li|[uod]l|d[td]|h[1-6]|t[rdh]|table|blockquote|section|article|figure|pre")


class SuiteMissing(Exception):
    """The feeds cannot be had, and why."""


@dataclass(frozen=True, slots=True)
class SuiteFeed:
    """One feed of the suite: its path there, its bytes, and the type it is served with."""

    name: str
    body: bytes
    content_type: str


def suite() -> Iterator[SuiteFeed]:
    """Yield every feed, by name; the same ones on every machine. Raises SuiteMissing."""
    folder = _folder()
    for path in sorted(folder.rglob("*.xml")):
        body = path.read_bytes()
        said = _TYPE.search(body[:_HEAD])
        kind = said[1].decode("ascii", errors="replace") if said else "application/xml"
        yield SuiteFeed(path.relative_to(folder).as_posix(), body, kind)


def text_of(value: str, kind: str) -> str:
    """Return the text of what feedparser calls a text of type `kind`, white space single, by the standard library."""
    if kind != "text/plain":
        reader = _Text()
        reader.feed(value)
        reader.close()
        value = "".join(reader.found)
    return " ".join(value.split())


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _BLOCKS.fullmatch(tag):
            self.found.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if _BLOCKS.fullmatch(tag):
            self.found.append(" ")


def _folder() -> Path:
    version, hashes = _locked()
    cache = os.environ.get("TREATY_TEST_CACHE")
    parent = Path(cache) / "feeds" if cache else CHECKOUT / ".cache" / "feeds"
    kept = parent.absolute() / f"feedparser-{version}"
    if not kept.exists():
        parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=parent) as draft:
            unpacked = _unpack(_download(version, hashes, Path(draft)), Path(draft))
            with suppress(OSError):  # another test run was quicker
                (unpacked / "tests").replace(kept)
    return kept


def _locked() -> tuple[str, list[str]]:
    lock = (CHECKOUT / "requirements.lock").read_text(encoding="utf-8")
    found = re.search(r"^feedparser==(\S+) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", lock, re.MULTILINE)
    assert found, "requirements.lock pins feedparser with its hashes"
    return found[1], re.findall(r"sha256:[0-9a-f]{64}", found[2])


def _download(version: str, hashes: list[str], folder: Path) -> Path:
    wanted = folder / "wanted.txt"
    wanted.write_text(f"feedparser=={version} {' '.join(f'--hash={one}' for one in hashes)}\n", encoding="ascii")
    options = ["--no-deps", "--no-binary", "feedparser", "--require-hashes"]
    command = [sys.executable, "-m", "pip", "download", "-q", *options, "-d", str(folder), "-r", str(wanted)]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS)
    except (OSError, subprocess.SubprocessError) as error:
        said = str(getattr(error, "stderr", None) or error).strip()
        raise SuiteMissing(f"pip cannot download feedparser's source distribution: {said[-300:]}") from error
    return next(folder.glob("feedparser-*.tar.gz"))


def _unpack(archive: Path, folder: Path) -> Path:
    with tarfile.open(archive) as source:
        source.extractall(folder, filter="data")
    return next(path for path in folder.glob("feedparser-*") if path.is_dir())

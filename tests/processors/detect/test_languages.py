"""Languages are files: a missing one is a reason, a faulty one is named with its line, each is read when asked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from processors.detect.pipeline import load_detector
from treatywatch.errors import ConfigError
from treatywatch.locate import config_dir
from treatywatch.model import Item, Reason

GERMAN = Item(id="1", title="Litauen kündigt Austritt aus der Ottawa-Konvention an", language="de")
ENGLISH = Item(id="2", title="Lithuania announces withdrawal from Ottawa Convention")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration of one's own."""
    return Path(shutil.copytree(config_dir(), tmp_path / "config"))


def change(path: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(config: Path) -> str:
    """Give what is told when the detector is made."""
    with pytest.raises(ConfigError) as caught:
        load_detector(config)
    return "\n".join(caught.value.faults)


def test_language_without_a_lexicon_is_rejected_with_a_reason(config: Path) -> None:
    """Adding and removing a language is adding and removing files."""
    assert load_detector(config).read(GERMAN).signals
    (config / "lexicon" / "de.yml").unlink()
    detector = load_detector(config)
    assert detector.read(GERMAN).reason is Reason.NO_LEXICON
    assert detector.read(ENGLISH).signals


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("lexicon/de.yml", "\n  perfect:", "\n  perfekt:", "unknown key 'order.perfekt', did you mean 'perfect'?"),
        ("lexicon/de.yml", "\nboundaries:", "\nborders:", "key 'boundaries' is missing"),
        ("lexicon/de.yml", "gelöst -", "gelöst", "five forms are needed"),
        ("names/de.yml", "\n  ZW:", "\n  ZZ:", "states: there is no 'ZZ'"),
        ("names/de.yml", "\n  KYOTO:", "\n  KIOTO:", "treaties: there is no 'KIOTO', did you mean 'KYOTO'?"),
        ("names/de.yml", "names: [Andorra]", "names: []", "states.AD.names"),
    ],
)
def test_fault_is_named_with_file_and_line(config: Path, file: str, old: str, new: str, told: str) -> None:
    """Who writes a language is told where."""
    change(config / file, old, new)
    found = faults(config)
    assert told in found
    assert f"{config / file}:" in found
    assert all(fault.split(":")[1].isdigit() for fault in found.splitlines())


def test_language_is_read_with_its_first_item(config: Path) -> None:
    """A short run on English pays for English only, and its version is the same as that of a long one."""
    whole, short = load_detector(config), load_detector(config, ahead=("en",))
    assert short.version == whole.version
    change(config / "lexicon" / "de.yml", "\n  perfect:", "\n  perfekt:")
    assert short.read(ENGLISH).signals == whole.read(ENGLISH).signals
    with pytest.raises(ConfigError, match="perfekt"):
        short.read(GERMAN)

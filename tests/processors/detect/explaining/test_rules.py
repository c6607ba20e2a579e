"""Every rule id that the code or the lexicon can give has a plain sentence."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from processors.detect.confidence import PREFIX, Doubt
from processors.detect.explaining.rules import because, sentence
from processors.detect.lexicon import LexiconFile, load_lexicon
from processors.detect.pipeline import load_detector
from tests.processors.detect.golden import FAMILIES, read_golden
from treatywatch.locate import config_dir

CODE = Path(__file__).parents[4] / "processors" / "detect"
LEXICONS = sorted((config_dir() / "lexicon").glob("*.yml"))

# The tables of rules and what their names become in an id. A table that is not here fails the test below.
TABLES = {
    ("idle.py", "IDLE"): ("idle.{}",),
    ("outward.py", "_TURNS"): ("turn.{}",),
    ("corrections.py", "CORRECTIONS"): ("bent.{}",),
    ("overrides.py", "RULES"): ("{}",),
    ("settle.py", "_RULES"): ("no.{}", "settled.{}"),
    ("instrument.py", "_RULES"): ("no.{}", "instrument.{}"),
    ("subject.py", "_RULES"): ("who.{}",),
}


def tables() -> Iterator[tuple[str, str, list[str]]]:
    """Every table of (name, function) pairs in the detector: file, variable, names."""
    for path in sorted(CODE.glob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.AnnAssign | ast.Assign) or not isinstance(node.value, ast.Tuple):
                continue
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            pairs = [
                one.elts[0].value
                for one in node.value.elts
                if isinstance(one, ast.Tuple)
                and len(one.elts) == 2
                and isinstance(one.elts[0], ast.Constant)
                and isinstance(one.elts[1], ast.Name)
            ]
            if pairs and len(pairs) == len(node.value.elts) and isinstance(target, ast.Name):
                yield path.name, target.id, [str(name) for name in pairs]


def ids_of_tables() -> Iterator[tuple[str, ...]]:
    """For each rule of a table its possible ids; one of them needs a sentence."""
    for file, table, names in tables():
        for name in names:
            yield tuple(form.format(name) for form in TABLES[file, table])


def literal_ids() -> Iterator[str]:
    """Ids that stand in the code as they are."""
    for path in sorted(CODE.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for pattern in (
            r'rules\.append\("([^"{]+)"\)',
            r'\*(?:\w+\.)*rules, "([^"{]+)"',
            r'Meant\([^()]*"([^"{]+)"\)',
            r'Leaving\([^()]*"([^"{]+)"\)',
            r'return [^\n]*, \["([^"{]+)"\]',
        ):
            yield from re.findall(pattern, text)


def ids_of_links(file: LexiconFile) -> Iterator[str]:
    """Ids of all word families and set phrases, with every way in which the code lets them meet an instrument."""
    code = "".join(
        (CODE / name).read_text(encoding="utf-8")
        for name in ("link.py", "noun_links.py", "frame_links.py", "lists.py", "ellipsis.py")
    )
    own = set(re.findall(r'f"\{(?:act\.)?family\.id\}\.([\w-]+)"', code))
    tails = set(re.findall(r'f"\{rule\}\.([\w-]+)"', code)) | set(re.findall(r'EXCEPTED = "([\w-]+)"', code))
    assert {"passive", "noun", "bare"} <= own
    assert {"compound", "but-not"} <= tails
    for family in file.acts:
        for stand in (family.takes, *own):
            yield f"{family.id}.{stand}"
            yield from (f"{family.id}.{stand}.{tail}" for tail in tails)
    for frame in file.frames:
        yield f"frame.{frame.id}"
        yield f"frame.{frame.id}.but-not"


def test_every_table_of_rules_is_known() -> None:
    """A new table of rules has to be told here how its ids are made."""
    assert {(file, table) for file, table, _ in tables()} == set(TABLES)


def test_every_rule_of_a_table_has_a_sentence() -> None:
    """Add it to processors/detect/explaining/rules.py."""
    missing = [ids for ids in ids_of_tables() if not any(sentence(one) for one in ids)]

    assert not missing


def test_every_id_in_the_code_has_a_sentence() -> None:
    """Those that belong to no table."""
    found = set(literal_ids())

    assert {"stays", "returns", "to-follow", "verdict", "who.nobody", "no.instrument"} <= found
    assert not [rule for rule in found if sentence(rule) is None]


@pytest.mark.parametrize("path", LEXICONS, ids=lambda path: path.stem)
def test_every_word_family_and_operator_of_a_lexicon_has_a_sentence(path: Path) -> None:
    """In every language."""
    words = load_lexicon(path).words
    links = list(ids_of_links(words))
    operators = [f"{side}{kind}:some words" for kind in type(words.operators).model_fields for side in ("", "right.")]

    assert len(links) > 100
    assert not [rule for rule in (*links, *operators) if sentence(rule) is None]


def test_every_doubt_has_a_sentence() -> None:
    """In the data, and here."""
    assert all(sentence(f"{PREFIX}{doubt.value}") for doubt in Doubt)
    assert all(weight.says for weight in load_detector(config_dir()).confidence.doubts.values())


def test_every_rule_that_fires_on_the_golden_sentences_has_a_sentence() -> None:
    """What really comes out, with signals and refusals."""
    detector = load_detector(config_dir())
    rules: set[str] = set()
    for file in sorted(FAMILIES.glob("*.txt")):
        for row in read_golden(file):
            detection = detector.read(row.item)
            rules |= {rule for signal in detection.signals for rule in signal.rules}
            rules |= {rule for candidate in detection.candidates for rule in candidate.rules}

    assert len(rules) > 200
    assert not sorted(rule for rule in rules if sentence(rule) is None)


def test_rule_without_a_sentence_is_named_as_it_is() -> None:
    """A person sees the id rather than nothing."""
    assert because("no.such-rule") == 'the rule "no.such-rule" fired'
    assert because("leave.direct", "quits") == '"quits" has the instrument or the organisation as its object'

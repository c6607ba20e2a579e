"""The phrases that the scan is measured with: of the configuration, so that hits are as many as in earnest."""

from __future__ import annotations

import random
import re
from functools import cache

from processors.detect.lexicon import load_lexicon, unfold
from treatywatch.actors import load_actors
from treatywatch.locate import config_dir
from treatywatch.register import load_register


@cache
def phrases() -> list[str]:
    """2,000 phrases: names of instruments and states, words of acts and of what bends them."""
    config = config_dir()
    lexicon = load_lexicon(config / "lexicon" / "en.yml")
    operators = lexicon.words.operators
    found = {name for row in load_register(config) for name in (row.name, row.official, *row.aliases, *row.acronyms)}
    found |= {form.text for form in load_actors(config).forms()}
    found |= {form for act in lexicon.words.acts for row in (*act.verbs, *act.nouns) for form in row.split()}
    found |= {full for kind in type(operators).model_fields for p in getattr(operators, kind) for full in unfold(p)}
    small = {phrase.lower() for phrase in found}
    usable = sorted(p for p in small if re.fullmatch(r"[a-z0-9]+( [a-z0-9]+)*", p))  # read alike by both engines
    return random.Random(1).sample(usable, 2000)

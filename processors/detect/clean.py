"""Make a field readable without moving a character: what is replaced is replaced one for one, so offsets stay true."""

from __future__ import annotations

import re
import unicodedata

# Soft hyphens and zero-width marks become one mark, JOINER, which the tokenizer reads over: "Fin­land" is one word.
JOINER = "\u00ad"
_TABLE = {
    0x00A0: " ", 0x2007: " ", 0x202F: " ", 0x2009: " ", 0x200A: " ",
    0x2018: "'", 0x2019: "'", 0x02BC: "'", 0x201B: "'", 0x0060: "'",
    0x201C: '"', 0x201D: '"', 0x201E: '"', 0x00AB: '"', 0x00BB: '"',
    0xFEFF: JOINER, 0x200B: JOINER, 0x200C: JOINER, 0x200D: JOINER, 0x2060: JOINER,
    **dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)), JOINER),  # directions
    0x2028: " ", 0x2029: " ", 0x0009: " ", 0x0000: " ",
    0x0040: " ", 0x0023: " ",  # "@WHO", "#Brexit": the name is what counts
}  # fmt: skip


_ODD = [(chr(odd), even) for odd, even in _TABLE.items()]
_ODD_ASCII = [pair for pair in _ODD if pair[0].isascii()]
_ENTITY = re.compile(r"&(?:#(\d{2,5})|#[xX]([0-9a-fA-F]{2,5})|([a-z]{2,5}));")
_ACCENTED = re.compile(r"[^\W\d_][\u0300-\u036f]+")
_NAMED = {"amp": "&", "quot": '"', "apos": "'", "lsquo": "'", "rsquo": "'", "ldquo": '"', "rdquo": '"', "nbsp": " "}


# UTF-8 that was read as Windows-1252 ("Estoniaâ€™s"): the three letters of each mark, and the mark.
_MOJIBAKE = {"â€™": "  '", "â€˜": "  '", "â€œ": '  "', "â€\x9d": '  "', "â€“": "  –", "â€”": "  —", "â€¦": "  …"}


def _entity(found: re.Match[str]) -> str:
    """Write an entity that a feed left in as its character, padded in front to the same length."""
    number, figures, name = found.groups()
    code = int(number) if number else int(figures, 16) if figures else 0
    char = _NAMED.get(name or "") or (chr(code) if 31 < code < 0xD800 else "")
    return char.rjust(len(found.group())) if char else found.group()


def _composed(found: re.Match[str]) -> str:
    """Write a letter and the accents behind it as the one letter that they are, padded to the same length."""
    return unicodedata.normalize("NFC", found.group())[0].ljust(len(found.group()), JOINER)


def clean(text: str) -> str:
    """Return the text with odd spaces, quotes and null bytes made plain; the length stays the same."""
    text = _ENTITY.sub(_entity, text) if "&" in text else text
    if "â€" in text:
        for wrong, right in _MOJIBAKE.items():
            text = text.replace(wrong, right)
    for odd, even in _ODD if not text.isascii() else _ODD_ASCII:  # ten times as fast as to look up every letter
        if odd in text:
            text = text.replace(odd, even)
    return text if text.isascii() else _ACCENTED.sub(_composed, text)

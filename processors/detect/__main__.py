"""`python -m processors.detect`: item lines from standard input, one answer a line to standard output."""

from __future__ import annotations

import sys

import msgspec

from processors.detect.lines import detect_line, unreadable_line
from processors.detect.pipeline import load_detector
from treatywatch.item_lines import read_line
from treatywatch.locate import config_dir
from treatywatch.model import DeadLetter


def main() -> int:
    """Read every line; 1 where one of them was no item, else 0."""
    detector = load_detector(config_dir())
    encode, status = msgspec.json.Encoder().encode, 0
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        item = read_line(line)
        if isinstance(item, DeadLetter):
            status = 1
            answer = unreadable_line(item)
        else:
            answer = detect_line(item, detector.read(item))
        sys.stdout.buffer.write(encode(answer) + b"\n")
    return status


if __name__ == "__main__":
    sys.exit(main())

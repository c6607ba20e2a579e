"""`treatywatch detect` takes little memory, and no more for many items than for few."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.page import Figure
from tests.bench.ratio import FULL
from tests.bench.stream import HEADLINES, item_lines

LIMIT = 150.0  # MiB
MANY = 60_000 if FULL else 6_000
MEASURED = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "treatywatch", "detect", sys.argv[1]], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def peak(file: Path) -> float:
    """Run detect over a file; return its peak of resident memory in MiB."""
    done = subprocess.run([sys.executable, "-c", MEASURED, str(file)], capture_output=True, check=True)
    return int(done.stdout) / (1024 if sys.platform == "linux" else 1024 * 1024)


def test_memory_is_small_and_flat(tmp_path: Path, figure: Callable[[Figure], None]) -> None:
    """Ten times the items take as much."""
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    for file, count in ((few, MANY // 10), (many, MANY)):
        file.write_bytes(b"\n".join(item_lines(count, HEADLINES)))
    small, large = peak(few), peak(many)
    figure(
        Figure(f"peak memory of detect, {MANY:,} items", "a tenth of them", f"{large:.0f} to {small:.0f} MiB", "≤ 150")
    )
    assert large < LIMIT
    assert large < small * 1.15

"""`python -m tests.load`: the load run by hand, with progress and its figures at the end."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from tests.load.page import page
from tests.load.scene import Scene
from tests.load.verdict import MOST_GROWTH_IN_TWO_ROUNDS, faults
from tests.load.world import Plan
from tests.stack.servers.kafka import Kafka


def main() -> int:
    """Run it; exit status 1 where something is not as it should be."""
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="treatywatch-load-"))
    kafka = Kafka(folder / "kafka")
    scene = Scene(
        Plan(options.feeds, options.hosts, options.least, options.most, options.seconds),
        options.spacing,
        None if options.no_faults else options.seconds * 0.5,
        None if options.no_faults else options.seconds * 0.65,
        options.away,
    )
    columns = (TextColumn("load run"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeElapsedColumn())
    try:
        kafka.start()
        with Progress(*columns, TextColumn("{task.fields[now]}")) as bar:
            task = bar.add_task("load", total=1.0, now="")
            found = scene.run(kafka, folder, lambda done, now: bar.update(task, completed=done, now=now))
    finally:
        kafka.kill()
    figures = scene.figures(found)
    for name, value in figures.items():
        print(f"{name:42} {value:,.3f}" if isinstance(value, float) else f"{name:42} {value:,}")
    wrong = faults(scene, found, growth=MOST_GROWTH_IN_TWO_ROUNDS)
    if options.write and not wrong:
        load = " ".join(f"{part:.1f}" for part in os.getloadavg())
        machine = f"{os.cpu_count()} processors ({platform.machine()}), Python {platform.python_version()}, load {load}"
        options.write.write_text(page(figures, machine, datetime.now(UTC)), encoding="utf-8")
    for line in wrong:
        print(f"NOT AS IT SHOULD BE: {line}")
    if wrong:
        print(f"logs, book and state are kept in {folder}")
    else:
        shutil.rmtree(folder, ignore_errors=True)
    return 1 if wrong else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.load", description=__doc__)
    parser.add_argument("--feeds", type=int, default=5000)
    parser.add_argument("--hosts", type=int, default=500)
    parser.add_argument("--least", type=float, default=60.0, help="shortest interval, seconds")
    parser.add_argument("--most", type=float, default=900.0, help="longest interval, seconds")
    parser.add_argument("--seconds", type=float, default=600.0, help="how long the world lasts")
    parser.add_argument("--spacing", type=float, default=1.0, help="seconds between two requests to one host")
    parser.add_argument("--away", type=float, default=60.0, help="how long the broker is away, seconds")
    parser.add_argument("--no-faults", action="store_true", help="no kill, and the broker stays")
    parser.add_argument("--write", type=Path, help="write the figures as a page, where all is as it should be")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

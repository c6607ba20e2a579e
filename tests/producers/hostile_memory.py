"""Poll feeds once in a process of its own and say the cost: `python -m tests.producers.hostile_memory STATE URL…`."""

from __future__ import annotations

import io
import json
import resource
import sys
from pathlib import Path

from producers.once import poll_once
from treatywatch.feeds import Feed
from treatywatch.settings import Produce


def main(state: str, *urls: str) -> None:
    """Print one line of JSON: peak memory in bytes of this process and of its largest worker, failures, item lines."""
    feeds = [Feed(id=f"feed{number}", url=url, outlet="Hostile") for number, url in enumerate(urls)]
    out, err = io.BytesIO(), io.StringIO()
    settings = Produce(timeout_seconds=20, parse_seconds=3)
    poll_once(feeds, Path(state), out, err, allow_private=True, settings=settings)
    status = Path("/proc/self/status").read_text(encoding="ascii")
    own = int(status.partition("VmHWM:")[2].split()[0]) * 1024
    workers = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    failures = [line.split(": ")[:2] for line in err.getvalue().splitlines()]
    said = {"own": own, "workers": workers, "failures": failures, "lines": out.getvalue().count(b"\n")}
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""The test message of `treatywatch notify --test`: does every channel work?"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from sinks.notify.channel import Attempt, Channel, Outcome
from sinks.notify.channels import open_channels
from sinks.notify.message import Links, Message
from treatywatch.model import Action, ChangeKind, Severity, Stage
from treatywatch.settings import Settings
from treatywatch.wire import digest


def send_test(settings: Settings, config: Path, out: TextIO = sys.stdout) -> int:
    """Send one test message to every channel, say how it went, and return the exit status: 1 where one failed.

    Nothing is written to the sent log, and nothing is tried twice.
    """
    channels = open_channels(settings.notify, out)
    attempts = asyncio.run(_send(channels, trial_message(datetime.now(UTC), settings.notify.link_base)))
    for channel, attempt in zip(channels, attempts, strict=True):
        out.write(f"{channel.name}: {attempt.outcome}{f' ({attempt.detail})' if attempt.detail else ''}\n")
    return 0 if all(attempt.outcome is Outcome.SENT for attempt in attempts) else 1


def trial_message(now: datetime, link_base: str) -> Message:
    """Write the test message: marked illustrative, about no real state and no real treaty, with an id of its own."""
    return Message(
        id=digest("test message", now.isoformat()),
        sent_at=now,
        case="XX:~test",
        actor="XX",
        actor_name="Test state",
        treaty=None,
        treaty_name="Test treaty",
        action=Action.WITHDRAW,
        stage=Stage.ANNOUNCED,
        from_stage=None,
        kind=ChangeKind.ENTRY,
        severity=Severity.NOTICE,
        institution=None,
        effective_date=None,
        headline="Test state → Test treaty: this is a test message from treatywatch [illustrative]",
        sentence="If you can read this, the channel works.",
        marks=(),
        speaker=None,
        outlet=None,
        url=None,
        sources=0,
        confidence=1.0,
        reasons=(),
        flags=(),
        links=Links(case=link_base.rstrip("/") + "/"),
        before=(),
        illustrative=True,
    )


async def _send(channels: Sequence[Channel], message: Message) -> list[Attempt]:
    try:
        return list(await asyncio.gather(*(channel.send(message) for channel in channels)))
    finally:
        for channel in channels:
            await channel.close()

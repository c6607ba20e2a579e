"""The channels that the settings name. A new kind of channel is a new file and a line here."""

from __future__ import annotations

from typing import TextIO

from sinks.notify.channel import Channel
from sinks.notify.terminal import Terminal
from sinks.notify.webhook import Webhook, fault_of
from treatywatch.errors import ConfigError
from treatywatch.settings import Notify


def open_channels(settings: Notify, out: TextIO) -> list[Channel]:
    """Make the channels that the settings name. Raises ConfigError with every wrong address, or where there is none."""
    faults = [fault for url in settings.webhooks if (fault := fault_of(url))]
    if not settings.webhooks and not settings.terminal:
        faults.append("notify has nobody to tell: set notify.webhooks, or notify.terminal to true")
    if faults:
        raise ConfigError(faults)
    channels: list[Channel] = [Webhook(url, settings.timeout_seconds) for url in dict.fromkeys(settings.webhooks)]
    return [Terminal(out), *channels] if settings.terminal else channels

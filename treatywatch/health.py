"""Ask a role whether it is well: the health checks of the containers, and `treatywatch doctor`."""

from __future__ import annotations

import urllib.error
import urllib.request

from treatywatch.settings import Settings

_PATHS = {"live": "/healthz", "metrics": "/metrics", "notify": "/healthz"}


def address(role: str, settings: Settings) -> str | None:
    """Return the address that tells whether a role is well; none where it serves nothing to ask."""
    if role == "live":
        host, port = settings.live.host, settings.live.port
    elif role == "notify" and settings.notify.source == "alertmanager":
        host, port = settings.notify.host, settings.notify.port
    else:
        host, port = settings.metrics.host, settings.metrics.port or (8751 if role == "metrics" else 0)
        return f"http://{host}:{port}/metrics" if port else None
    return f"http://{host}:{port}{_PATHS[role]}"


def ask(url: str, seconds: float = 3.0) -> str | None:
    """Return none where the role is well, else one line that says what is wrong."""
    try:
        with urllib.request.urlopen(url, timeout=seconds) as answer:  # noqa: S310  # our own address
            answer.read(1)
    except urllib.error.HTTPError as error:
        return f"{url} answers {error.code} {error.reason}"
    except (OSError, ValueError) as error:
        return f"{url} cannot be reached: {error}"
    return None

"""The receiver of Alertmanager's webhook (version 4): which transitions fire, answered once they are told.

200 means that every channel has each of them and that this is on the disk. 503 means later: the topic is not read yet,
or not as far as this record, or a channel is down; Alertmanager then tries again. 400 means never: an alert that names
no transition does not belong here (a wrong route).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import msgspec
import structlog
from aiohttp import web

MAX_BYTES = 1_000_000

log = structlog.get_logger()


class _Alert(msgspec.Struct):
    status: str
    labels: dict[str, str] = {}


class _Payload(msgspec.Struct):
    alerts: list[_Alert]


@dataclass(frozen=True, slots=True)
class Firing:
    """A transition that Alertmanager says is firing."""

    case: str
    transition: str


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the webhook: the transitions that fire, and the names of alerts that are none of ours."""

    firing: tuple[Firing, ...]
    strange: tuple[str, ...]


def read_call(body: bytes) -> Call:
    """Read the webhook's JSON; resolved alerts are left out. Raises ValueError for what is no such call."""
    try:
        payload = msgspec.json.decode(body, type=_Payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"no Alertmanager webhook: {error}") from error
    firing: dict[Firing, None] = {}
    strange: list[str] = []
    for alert in payload.alerts:
        if alert.status != "firing":
            continue
        case, transition = alert.labels.get("case"), alert.labels.get("transition")
        if case and transition:
            firing[Firing(case, transition)] = None
        else:
            strange.append(alert.labels.get("alertname", "without a name"))
    return Call(tuple(firing), tuple(strange))


class Later(Exception):
    """The call cannot be answered yet; the text says why."""


class Receiver:
    """The web application. `take` makes firing transitions owed, or raises Later; `told` returns once they are told."""

    def __init__(
        self,
        ready: Callable[[], bool],
        take: Callable[[Sequence[Firing]], None],
        told: Callable[[Sequence[Firing]], Awaitable[None]],
        answer_within_seconds: float,
    ) -> None:
        self._ready, self._take, self._told = ready, take, told
        self._answer_within = answer_within_seconds

    def application(self) -> web.Application:
        """Return the application: POST /alertmanager, GET /healthz."""
        application = web.Application(client_max_size=MAX_BYTES)
        application.router.add_post("/alertmanager", self._post)
        application.router.add_get("/healthz", self._health)
        return application

    async def _health(self, request: web.Request) -> web.Response:
        if self._ready():
            return web.Response(text="ok\n")
        return web.Response(status=503, text="still reading the cases topic\n")

    async def _post(self, request: web.Request) -> web.Response:
        try:
            call = read_call(await request.read())
        except ValueError as error:
            log.warning("bad call", error=str(error))
            return web.Response(status=400, text=f"{error}\n")
        try:
            self._take(call.firing)
            async with asyncio.timeout(self._answer_within):
                await self._told(call.firing)
        except (Later, TimeoutError) as error:
            reason = str(error) or "a channel has not taken it yet"
            log.info("later", reason=reason)
            return web.Response(status=503, text=f"{reason}\n", headers={"Retry-After": "1"})
        if call.strange:
            names = ", ".join(sorted(set(call.strange)))
            log.warning("alerts that name no transition; route them elsewhere", alerts=names)
            return web.Response(status=400, text=f"no labels `case` and `transition`: {names}\n")
        return web.Response(text="told\n")

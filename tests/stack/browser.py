"""A real Chromium, headless, spoken to by the DevTools protocol: open a page, look at it, take its picture."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

from tests.stack.servers.process import Server, free_port

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)
PATIENCE_SECONDS = 15.0


class Chromium(Server):
    """One browser process with a profile of its own in `folder`."""

    name = "chromium"
    start_seconds = 40.0

    def __init__(self, program: str, folder: Path) -> None:
        super().__init__(folder, free_port())
        self._program = program

    def command(self) -> list[str]:
        """Return the command line."""
        own = (f"--user-data-dir={self.folder / 'profile'}", f"--remote-debugging-port={self.port}")
        return [self._program, *FLAGS, *own, "about:blank"]

    def answers(self) -> bool:
        """Say whether its debugging port answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/json/version", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    @contextlib.asynccontextmanager
    async def tab(self, width: int = 1440, height: int = 900, *, dark: bool = False) -> AsyncIterator[Tab]:
        """Open a tab of that size and colour scheme; closed with the context."""
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as session:
            async with session.put("/json/new?about:blank") as answer:
                target = await answer.json()
            async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                tab = Tab(socket)
                reader = asyncio.create_task(tab.read())
                try:
                    for domain in ("Page", "Runtime", "Log", "Network"):
                        await tab.send(f"{domain}.enable")
                    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
                    await tab.send("Emulation.setDeviceMetricsOverride", **size)
                    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
                    await tab.send("Emulation.setEmulatedMedia", features=[scheme])
                    yield tab
                finally:
                    reader.cancel()
            async with session.get(f"/json/close/{target['id']}") as answer:
                await answer.read()


class Tab:
    """One tab. `complaints` are errors that the page's console showed, `requests` every address it asked for."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.complaints: list[str] = []
        self.requests: list[str] = []

    async def read(self) -> None:
        """Take in what the browser says, until the socket closes."""
        async for frame in self._socket:
            message = json.loads(frame.data)
            if "id" in message:
                self._waiting.pop(message["id"]).set_result(message)
            elif message["method"] == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
                self.complaints.append(message["params"]["entry"]["text"])
            elif message["method"] == "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
            elif message["method"] == "Network.requestWillBeSent":
                self.requests.append(message["params"]["request"]["url"])

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        """Send one command and return its result; raises RuntimeError where the browser refuses it."""
        number = next(self._numbers)
        future = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        answer = await asyncio.wait_for(future, PATIENCE_SECONDS)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    async def open(self, url: str) -> None:
        """Open a page and wait until it has loaded."""
        await self.send("Page.navigate", url=url)
        await self.until(f"location.href !== 'about:blank' && document.readyState === 'complete' /* {url} */")

    async def value(self, expression: str) -> Any:
        """Return the value of a JavaScript expression."""
        result = await self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails']}")
        return result["result"].get("value")

    async def until(self, expression: str) -> None:
        """Wait until the expression is true; raises TimeoutError with what was waited for."""
        for _ in range(int(PATIENCE_SECONDS / 0.05)):
            if await self.value(f"Boolean({expression})"):
                return
            await asyncio.sleep(0.05)
        text = await self.value("document.body.innerText")
        raise TimeoutError(f"never true on the page: {expression}\nthe page says: {str(text)[:2000]}")

    async def picture(self, file: Path, *, whole: bool = False) -> None:
        """Save a PNG of what is seen, or of the whole page."""
        result = await self.send("Page.captureScreenshot", captureBeyondViewport=whole)
        await asyncio.to_thread(file.write_bytes, base64.b64decode(result["data"]))

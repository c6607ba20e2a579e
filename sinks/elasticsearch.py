"""The store on Elasticsearch: bulk writes under deterministic ids, the newest version wins.

Cases stand in one index behind an alias. Signals stand in an index for each month (the past, read from files: for each
year), named from when the signal was first seen, so that old ones can be dropped whole; a later revision goes to where
the first one is, which is looked up (a signal's records come in one partition, so no other process writes it at the
same time).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from elasticsearch import BadRequestError

from sinks.bulk import MAX_BYTES, Operation, Verdict, answer, operation, requests
from sinks.documents import CASES, SIGNALS, case_document, signal_document, signal_index, signal_version
from sinks.elastic_client import Patience, connect, delays
from sinks.names import Names
from sinks.read_back import case_of, signal_of
from sinks.search_text import phrases
from sinks.setup_elasticsearch import check_mapping, prepare
from sinks.store import Refused, Written
from treatywatch.errors import ServerError
from treatywatch.model import Case, Signal
from treatywatch.settings import Elasticsearch as ElasticsearchSettings

REMEMBERED = 50_000  # signals whose index is known without asking


class ElasticsearchStore:
    """Signals and cases in Elasticsearch. One thread at a time may use it."""

    name = "elasticsearch"

    def __init__(
        self,
        settings: ElasticsearchSettings,
        names: Names,
        templates: Path,
        stop: threading.Event,
        *,
        max_bytes: int = MAX_BYTES,
        remembered: int = REMEMBERED,
    ) -> None:
        """Connect, and check or install the templates; waits for the server.

        `templates` is the folder of the template files; `max_bytes` bounds a request, `remembered` the signals whose
        index is known without asking. Raises ServerError for a wrong version, password or set-up, and NotWritten once
        `stop` is set.
        """
        self._names, self._max_bytes, self._remembered = names, max_bytes, remembered
        self._client = connect(settings)
        self._patience = Patience(settings.url, stop)
        self._homes: dict[str, str] = {}
        self._visible = False  # whether a search shows every write of ours that `_homes` does not know
        self._indices: set[str] = set()
        prepare(self._client, self._patience, templates)

    def write(self, signals: Sequence[Signal], cases: Sequence[Case]) -> Written:
        """Write documents in requests of bounded size and return once the server has them all.

        Waits while the server is away or short of room; raises NotWritten once asked to stop. What the mapping refuses
        is named in the result, and everything else is written.
        """
        homes = self._find_homes(signals)
        for index in set(homes):
            self._ensure_index(index)
        operations = [
            operation("signal", n, home, s.id, signal_version(s), signal_document(s, self._names))
            for n, (s, home) in enumerate(zip(signals, homes, strict=True))
        ]
        operations += [
            operation("case", n, CASES, c.id, c.revision, case_document(c, self._names)) for n, c in enumerate(cases)
        ]
        taken = stale = 0
        refused: list[Refused] = []
        for delay in delays():
            later: list[Operation] = []
            trouble = ""
            for request in requests(operations, self._max_bytes):
                for op, item in zip(request, self._send(request), strict=True):
                    found = answer(item)
                    match found.verdict:
                        case Verdict.TAKEN:
                            taken += 1
                        case Verdict.STALE:
                            stale += 1
                        case Verdict.REFUSED:
                            refused.append(Refused(op.kind, op.place, found.reason, found.error))
                        case Verdict.LATER:
                            later.append(op)
                            trouble = f"{found.reason}: {found.error}"
                        case Verdict.BROKEN:
                            raise ServerError(
                                f"Elasticsearch at {self._patience.url} does not take a {op.kind}: {found.reason}: "
                                f"{found.error}; check the rights of the user and run `treatywatch setup`"
                            )
            if not later:
                break
            operations = later
            self._patience.wait(delay, f"write {len(later)} documents", trouble)
        return Written(taken, stale, tuple(sorted(refused, key=lambda r: (r.kind, r.place))))

    def regained(self) -> None:
        """Forget where signals stand: another process may have written them."""
        self._homes.clear()
        self._visible = False

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def find(self, kind: str, query: str, limit: int = 100) -> list[str]:
        """Return the ids of the newest signals or cases that hold every word and phrase of the query."""
        field = "@timestamp" if kind == "signal" else "case.since"
        wanted = [{"match_phrase": {"search": {"query": p, "analyzer": "whitespace"}}} for p in phrases(query)]
        found = self._patience.call(
            "search",
            lambda: self._client.search(
                index=SIGNALS if kind == "signal" else CASES,
                query={"bool": {"filter": wanted}},
                sort=[{field: {"order": "desc", "missing": "_last"}}, {f"{kind}.id": "asc"}],
                size=limit,
                source=False,
            ),
        )
        return [hit["_id"] for hit in found["hits"]["hits"]]

    def documents(self, *aliases: str) -> Iterator[tuple[str, int, dict[str, Any]]]:
        """Iterate over (id, version, document) of everything, or behind these aliases, refreshed first, by id."""
        for alias in aliases or (SIGNALS, CASES):
            self._client.indices.refresh(index=alias, ignore_unavailable=True)
            point = self._client.open_point_in_time(index=alias, keep_alive="2m", ignore_unavailable=True)["id"]
            try:
                after: list[Any] | None = None
                while hits := self._page(point, after):
                    for hit in hits:
                        yield hit["_id"], int(hit["_version"]), hit["_source"]
                    after = hits[-1]["sort"]
            finally:
                self._client.close_point_in_time(id=point)

    def signals(self) -> Iterator[Signal]:
        """Iterate over the signals, by id."""
        return (signal_of(document) for _, _, document in self.documents(SIGNALS))

    def cases(self) -> Iterator[Case]:
        """Iterate over the cases, by id; without the evidence of their steps, which a document has not."""
        return (case_of(document) for _, _, document in self.documents(CASES))

    def digest(self) -> str:
        """Name the whole content: equal for two stores that hold the same documents in the same versions."""
        sha = hashlib.sha256()
        for id, version, document in self.documents():
            sha.update(repr((id, version, document)).encode())
        return sha.hexdigest()

    def _page(self, point: str, after: list[Any] | None) -> list[dict[str, Any]]:
        found = self._client.search(
            pit={"id": point, "keep_alive": "2m"},
            sort=[{"event.id": "asc"}],
            search_after=after,
            size=500,
            version=True,
        )
        hits: list[dict[str, Any]] = found["hits"]["hits"]
        return hits

    def _send(self, request: Sequence[Operation]) -> list[dict[str, Any]]:
        lines = [line for op in request for line in (op.action, op.document)]
        found = self._patience.call(
            f"write {len(request)} documents",
            # Lines that are bytes already are sent as they are, whatever the type of the parameter says.
            lambda: self._client.bulk(operations=cast(Any, lines), filter_path="items.*.status,items.*.error"),
        )
        items: list[dict[str, Any]] = found["items"]
        return items

    def _find_homes(self, signals: Sequence[Signal]) -> list[str]:
        unknown = list(dict.fromkeys(s.id for s in signals if s.id not in self._homes))
        if len(self._homes) + len(unknown) > self._remembered:
            self.regained()
            unknown = list(dict.fromkeys(s.id for s in signals))
        for start in range(0, len(unknown), 1000):
            self._homes.update(self._look_up(unknown[start : start + 1000]))
        return [self._homes.setdefault(s.id, signal_index(s)) for s in signals]

    def _look_up(self, ids: list[str]) -> dict[str, str]:
        if not self._visible:
            self._patience.call(
                "refresh the signals", lambda: self._client.indices.refresh(index=SIGNALS, ignore_unavailable=True)
            )
            self._visible = True  # from here on `_homes` remembers what we write
        found = self._patience.call(
            "look up signals",
            lambda: self._client.search(
                index=SIGNALS, query={"ids": {"values": ids}}, size=2 * len(ids), source=False, ignore_unavailable=True
            ),
        )
        return {hit["_id"]: hit["_index"] for hit in found["hits"]["hits"]}

    def _ensure_index(self, index: str) -> None:
        """Make an index before its first document, and see that it is strict: the template may be gone."""
        if index in self._indices:
            return
        self._patience.call(f"create {index}", lambda: self._create(index))
        found = self._patience.call(f"check {index}", lambda: self._client.indices.get_mapping(index=index))
        check_mapping(index, found[index]["mappings"])
        self._indices.add(index)

    def _create(self, index: str) -> None:
        try:
            self._client.indices.create(index=index)
        except BadRequestError as error:
            if error.error != "resource_already_exists_exception":
                raise

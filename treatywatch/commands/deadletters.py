"""Commands for inputs that could not be handled: list, show, replay."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from treatywatch.commands.options import JsonOption, StateOption, configuration
from treatywatch.errors import TreatywatchError
from treatywatch.locate import state_dir
from treatywatch.settings import Kafka
from treatywatch.whereabouts import is_embedded, reachable

if TYPE_CHECKING:
    from treatywatch.deadletters import Kept

app = typer.Typer(no_args_is_help=True, help="Look at inputs that could not be handled, and send them again.")


@app.command("list")
def deadletters_list(
    limit: Annotated[int, typer.Option(help="The newest so many.", min=1)] = 50,
    as_json: JsonOption = False,
    state: StateOption = None,
) -> None:
    """List dead letters, newest last."""
    settings, _ = configuration("deadletters", quiet=True)
    found = _letters(settings.kafka, state)
    for kept in sorted(found, key=lambda k: (k.letter.at.timestamp() if k.letter else 0.0, k.id))[-limit:]:
        print(json.dumps(_described(kept), ensure_ascii=False) if as_json else _line(kept))
    if not found and not as_json:
        print("no dead letters")


@app.command("show")
def deadletters_show(
    place: Annotated[str, typer.Argument(help="PARTITION:OFFSET, as list shows it.")],
    as_json: JsonOption = False,
    state: StateOption = None,
) -> None:
    """Show one dead letter with its original bytes."""
    settings, _ = configuration("deadletters", quiet=True)
    (kept,) = _find(settings.kafka, state, place)
    if as_json:
        print(json.dumps(_described(kept, whole=True), ensure_ascii=False))
        return
    for key, value in _described(kept).items():
        print(f"{key:10} {value}")
    sys.stdout.flush()
    sys.stdout.buffer.write((kept.letter.value if kept.letter else b"") + b"\n")


@app.command("replay")
def deadletters_replay(
    place: Annotated[str, typer.Argument(help="PARTITION:OFFSET, as list shows it, or 'all'.")],
    state: StateOption = None,
) -> None:
    """Send the original bytes to where they came from again; exit status 1 where one was refused."""
    from treatywatch.deadletters import replay as send_again

    settings, _ = configuration("deadletters", quiet=True)
    found = _find(settings.kafka, state, place)
    results = send_again(reachable(settings.kafka, state_dir(state)), found)
    for result in results:
        print(f"{result.kept.id} {result.refused or 'sent again'}")
    if any(result.refused for result in results):
        raise typer.Exit(1)


def _letters(kafka: Kafka, state: str | None) -> list[Kept]:
    """Read the topic, or what embedded runs have kept of it in their state folders."""
    from treatywatch.deadletters import read
    from treatywatch.kept_letters import read as read_kept

    if not is_embedded(kafka):
        return list(read(kafka))
    folder = state_dir(state)
    return list(read_kept(folder)) or list(read_kept(folder / "demo"))


def _find(kafka: Kafka, state: str | None, place: str) -> list[Kept]:
    found = [kept for kept in _letters(kafka, state) if place in ("all", kept.id)]
    if not found and place != "all":
        raise TreatywatchError(f"no dead letter at {place}; `treatywatch deadletters list` shows what is there")
    return found


def _line(kept: Kept) -> str:
    letter = kept.letter
    if letter is None:
        return f"{kept.id:>10}  unreadable: {kept.error}"
    return (
        f"{kept.id:>10}  {letter.at:%Y-%m-%d %H:%M:%S}  {letter.stage:8} {letter.reason:16} "
        f"{letter.length:>9,} bytes  {letter.error.splitlines()[-1][:80] if letter.error else ''}"
    )


def _described(kept: Kept, *, whole: bool = False) -> dict[str, Any]:
    import base64

    letter = kept.letter
    if letter is None:
        return {"id": kept.id, "error": kept.error}
    described: dict[str, Any] = {
        "id": kept.id,
        "stage": letter.stage,
        "reason": letter.reason,
        "error": letter.error,
        "source": letter.source,
        "partition": letter.partition,
        "offset": letter.offset,
        "key": letter.key,
        "at": letter.at.isoformat(),
        "length": letter.length,
        "sha256": letter.sha256,
        "attempts": letter.attempts,
        "version": letter.version,
    }
    return described | ({"value_base64": base64.b64encode(letter.value).decode()} if whole else {})

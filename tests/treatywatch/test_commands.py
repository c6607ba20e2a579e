"""The commands that need no server, run as a user runs them; their lines are fixed contracts."""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.running import environment
from treatywatch.cli import disk_fault

ITEMS: list[dict[str, Any]] = [
    {"id": "1", "title": "Estonia's parliament votes to leave the Ottawa Convention", "published": "2025-06-04"},
    {
        "id": "2",
        "title": "Estonia notifies the United Nations of its withdrawal from the Ottawa Convention",
        "date": "20250627",
    },
    {"id": "3", "text": "Estonia withdraws troops from the exercise", "published": "2025-06-28"},
    {
        "id": "4",
        "title": "Poland's president signs the law on leaving the Ottawa Convention",
        "published": "2025-08-05",
    },
    {"id": "5", "title": "Les députés votent", "lang": "fr", "published": "2025-08-06"},
]


def treatywatch(*args: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "treatywatch", *args],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(settings),
        check=False,
    )


def lines(items: list[dict[str, Any]]) -> str:
    """Item lines."""
    return "".join(json.dumps(item) + "\n" for item in items)


def test_detect_writes_one_line_per_line_in_order_and_goes_on_after_a_bad_one() -> None:
    """Fixed keys; an unreadable line has its reason, and the exit status says that there was one."""
    done = treatywatch("detect", stdin=lines(ITEMS[:2]) + "{ no json\n" + lines(ITEMS[2:]))

    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["id"] for row in out] == ["1", "2", None, "3", "4", "5"]
    (signal,) = out[1]["signals"]
    assert (signal["actor"], signal["treaty"], signal["action"], signal["stage"]) == (
        "EE",
        "APMBC",
        "withdraw",
        "notified",
    )
    assert 0 <= signal["confidence"] <= 1
    assert "treaty_text" in signal
    assert out[1]["reason"] is None
    assert (out[2]["reason"], bool(out[2]["error"])) == ("unreadable", True)
    assert out[3]["signals"] == []
    assert out[3]["reason"]
    assert out[5]["reason"] == "no_lexicon"
    assert done.returncode == 1
    assert treatywatch("detect", stdin=lines(ITEMS)).returncode == 0


def test_replay_gives_the_same_cases_for_any_order_of_the_file(tmp_path: Path) -> None:
    """One line per case, by id, with the fixed keys."""
    path = tmp_path / "items.jsonl"
    path.write_text(lines(ITEMS))
    first = treatywatch("replay", "--items", str(path), "--json")
    assert first.returncode == 0, first.stderr
    cases = [json.loads(line) for line in first.stdout.splitlines()]

    assert [case["id"] for case in cases] == ["EE:APMBC", "PL:APMBC"]
    assert set(cases[0]) >= {"id", "actor", "treaty", "stage", "history", "effective_date", "flags", "severity"}
    assert cases[0]["effective_date"] == {"value": "2025-12-27", "basis": "computed"} | {
        key: value for key, value in cases[0]["effective_date"].items() if key not in ("value", "basis")
    }
    assert set(cases[0]["history"][0]) >= {"stage", "action", "institution", "event_date", "first_seen"}
    for seed in range(3):
        shuffled = list(ITEMS)
        random.Random(seed).shuffle(shuffled)
        path.write_text(lines(shuffled))
        assert treatywatch("replay", "--items", str(path), "--json").stdout == first.stdout


def test_replay_tells_each_transition_as_it_happens(tmp_path: Path) -> None:
    """A transition line is a case line with what changed; `--now` moves the clock past the date of effect."""
    path = tmp_path / "items.jsonl"
    path.write_text(lines(ITEMS[:2]))

    plain = treatywatch("replay", "--items", str(path), "--json", "--transitions")
    later = treatywatch("replay", "--items", str(path), "--json", "--now", "2026-03-01")

    changes = [json.loads(line)["changed"] for line in plain.stdout.splitlines()]
    assert [(change["from"], change["to"]) for change in changes] == [(None, "approved"), ("approved", "notified")]
    assert all(set(change) >= {"id", "from", "to", "at", "because"} for change in changes)
    assert "due" in json.loads(later.stdout)["flags"]
    assert treatywatch("replay", "--items", str(path), "--now", "soon").returncode == 2


def test_replay_for_a_person_is_a_table_and_a_bad_line_is_told(tmp_path: Path) -> None:
    """The rest goes on."""
    path = tmp_path / "items.jsonl"
    path.write_text(lines(ITEMS) + "[]\n")

    done = treatywatch("replay", "--items", str(path))

    assert "Ottawa" in done.stdout
    assert "replay: invalid" in done.stderr
    assert done.returncode == 1


def test_explain_shows_the_marked_sentence_and_the_rules() -> None:
    """For a yes the spans and rules, for a no the reason; a pipe gets no colours; a date that is none is refused."""
    yes = treatywatch("explain", str(ITEMS[1]["title"]), "--date", "2025-06-27")
    no = treatywatch("explain", "Kenya withdraws troops from the treaty zone", "--json")
    wrong = treatywatch("explain", "x", "--date", "someday")

    assert "Estonia[actor] notifies[stage]" in yes.stdout
    assert '"notifies" says that notice was given' in yes.stdout
    assert "\x1b" not in yes.stdout
    answer = json.loads(no.stdout)
    assert (answer["signals"], answer["reason"]) == ([], "other_object")
    assert answer["explanation"]["refused"][0]["reason"] == "other_object"
    assert answer["explanation"]["changes"]
    assert wrong.returncode == 2


def test_eval_and_measure_score_a_labelled_file(tmp_path: Path) -> None:
    """Precision and recall for a person and for a script."""
    label = {"lifecycle_event": True, "stage": "notified", "actors": ["EE"], "treaty_id": "APMBC"}
    (tmp_path / "labels.jsonl").write_text(
        lines([ITEMS[1] | label, ITEMS[2] | {"lifecycle_event": False, "stage": "none"}])
    )

    scored = json.loads(treatywatch("eval", str(tmp_path / "labels.jsonl"), "--json").stdout)
    page = treatywatch("measure", "--corpus", str(tmp_path))

    assert (scored["events"]["precision"], scored["events"]["recall"], scored["rows"]) == (1.0, 1.0, 2)
    assert "labels.jsonl" in page.stdout
    nothing = treatywatch("measure", "--corpus", str(tmp_path / "none"))
    assert (nothing.returncode, len(nothing.stderr.splitlines())) == (1, 1)
    assert "none: no such folder" in nothing.stderr


def test_eval_fails_where_a_figure_is_lower_than_in_the_base_and_names_the_text(tmp_path: Path) -> None:
    """The same figures are no regression."""
    file, base = tmp_path / "labels.jsonl", tmp_path / "base.json"
    label = {"lifecycle_event": True, "stage": "notified", "actors": ["EE"], "treaty_id": "APMBC"}
    file.write_text(lines([ITEMS[1] | label]))
    base.write_text(treatywatch("eval", str(file), "--json").stdout)
    same = treatywatch("eval", str(file), "--compare", str(base))
    file.write_text(lines([ITEMS[1] | label | {"stage": "approved"}]))
    worse = treatywatch("eval", str(file), "--compare", str(base))

    assert (same.returncode, "no figure fell" in same.stdout) == (0, True)
    assert worse.returncode == 1
    assert "fell: stage rate 1.0000 -> 0.0000" in worse.stdout
    assert f"right -> wrong stage: {ITEMS[1]['title']}" in worse.stdout


def test_hits_are_listed_for_a_reader_and_confidence_is_fitted_to_what_the_reader_says(tmp_path: Path) -> None:
    """The blank judgement that `measure --unjudged` prints, filled in, is what `calibrate` reads."""
    corpus, judged, fitted = tmp_path / "corpus", tmp_path / "judged.jsonl", tmp_path / "fitted.yml"
    corpus.mkdir()
    (corpus / "news.jsonl").write_text(lines(ITEMS[1:2]))
    (blank,) = treatywatch("measure", "--corpus", str(corpus), "--unjudged").stdout.splitlines()
    none = treatywatch("calibrate", "--corpus", str(corpus), "--write", str(fitted))
    judged.write_text(blank)
    options = ("--corpus", str(corpus), "--judged", str(judged))
    done = treatywatch("calibrate", *options, "--write", str(fitted))

    assert json.loads(blank)["case"] == "EE:APMBC"
    assert "no judged signal in there" in none.stderr
    assert (none.returncode, done.returncode) == (1, 0)
    assert "signals: 1" in fitted.read_text()
    assert treatywatch("measure", *options, "--unjudged").stdout == ""


@pytest.mark.parametrize("command", ["lag", "topics"])
def test_a_command_that_needs_a_broker_says_that_none_runs(command: str, tmp_path: Path) -> None:
    """The embedded broker lives with `up`."""
    done = treatywatch(command, "--state", str(tmp_path))

    assert done.returncode == 75
    assert "no `treatywatch up` runs" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_webhook_that_is_no_address_is_a_fault_of_the_settings() -> None:
    """Before anything starts."""
    done = treatywatch("up", "--demo", TREATYWATCH_NOTIFY_WEBHOOKS="chat.example/hook")

    assert done.returncode == 2
    assert "notify.webhooks: 'chat.example/hook' does not begin with http:// or https://" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_file_that_is_not_there_is_told_before_anything_starts(tmp_path: Path) -> None:
    """One line, exit status 1."""
    done = treatywatch("up", "--items", str(tmp_path / "absent.jsonl"), "--exit", "--state", str(tmp_path / "state"))

    assert done.returncode == 1
    assert "absent.jsonl: cannot be read" in done.stderr
    assert done.stdout == ""


def test_notify_tries_every_channel_with_one_message() -> None:
    """The terminal takes it; a webhook that nobody listens on is told, and the exit status says so."""
    one = treatywatch("notify", "--test")
    two = treatywatch("notify", "--test", TREATYWATCH_NOTIFY_WEBHOOKS="http://127.0.0.1:1/hook")

    assert "terminal: sent" in one.stdout
    assert one.returncode == 0
    assert "webhook 127.0.0.1:1" in two.stdout
    assert two.returncode == 1


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    """`treatywatch detect | head` ends quietly."""
    path = tmp_path / "items.jsonl"
    path.write_text(lines(ITEMS) * 2000)

    done = subprocess.run(
        f"{sys.executable} -m treatywatch detect {path} | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(done.stdout.splitlines()) == 1
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(28, "No space left on device", "/state/x"), "/state/x: No space left on device; make room"),
        (OSError(30, "Read-only file system", "/state"), "choose another folder with --state"),
        (sqlite3.OperationalError("database or disk is full"), "make room"),
        (sqlite3.OperationalError("unable to open database file"), "choose another folder"),
        (sqlite3.DatabaseError("file is not a database"), "move *.sqlite away"),
        (OSError(111, "Connection refused"), None),  # another trouble keeps its traceback
        (sqlite3.OperationalError("no such table: x"), None),
    ],
)
def test_a_disk_that_cannot_be_written_is_one_clear_line(
    error: OSError | sqlite3.DatabaseError, says: str | None
) -> None:
    """And nothing else is taken for one."""
    line = disk_fault(error)

    assert (line is None) if says is None else (line is not None and says in line)


def test_cases_are_shown_as_they_were_known_on_a_day(tmp_path: Path) -> None:
    """By when a report was seen; an unknown case, or one that was not known yet, is an error that says so."""
    path = tmp_path / "items.jsonl"
    late = {**ITEMS[3], "id": "6", "fetched": "2026-01-10"}  # published in August, seen five months later
    path.write_text(lines([*ITEMS[:2], late]), encoding="utf-8")

    def known(*args: str) -> dict[str, str]:
        done = treatywatch("cases", "--items", str(path), "--json", *args)
        assert done.returncode == 0, done.stderr
        return {row["id"]: row["stage"] for row in map(json.loads, done.stdout.splitlines())}

    assert known() == {"EE:APMBC": "notified", "PL:APMBC": "approved"}
    assert known("--as-of", "2025-06-04") == {"EE:APMBC": "approved"}
    assert known("--as-of", "2025-09-01") == {"EE:APMBC": "notified"}
    assert known("PL:APMBC", "--as-of", "2026-01-10") == {"PL:APMBC": "approved"}
    person = treatywatch("cases", "EE:APMBC", "--items", str(path))
    assert "notifies the United Nations" in person.stdout
    missing = treatywatch("cases", "PL:APMBC", "--items", str(path), "--as-of", "2025-09-01")
    assert (missing.returncode, "no case PL:APMBC is known as of 2025-09-01" in missing.stderr) == (1, True)
    assert treatywatch("cases", "--items", str(path), "--as-of", "soon").returncode == 2


def test_history_is_shown_by_treaty_and_state() -> None:
    """As a table and as JSON; by id or by any name."""
    rows = treatywatch("history", "--treaty", "ottawa treaty", "--actor", "Finland", "--json").stdout.splitlines()

    (row,) = map(json.loads, rows)
    assert (row["states"], row["treaty"], row["outcome"]) == (["FI"], "APMBC", "left")
    assert "Finland" in treatywatch("history", "--treaty", "APMBC").stdout
    assert treatywatch("history", "--actor", "Atlantis").returncode == 1


def test_replay_shows_what_differs_from_another_set_of_rules(tmp_path: Path) -> None:
    """Against the transition lines of an earlier run: exit status 0 where nothing does, 4 where something does."""
    path, before = tmp_path / "items.jsonl", tmp_path / "before.jsonl"
    path.write_text(lines(ITEMS), encoding="utf-8")
    told = treatywatch("replay", "--items", str(path), "--json", "--transitions").stdout
    before.write_text(told, encoding="utf-8")

    same = treatywatch("replay", "--items", str(path), "--diff", "--against", str(before))
    before.write_text("".join(told.splitlines(keepends=True)[1:]), encoding="utf-8")
    other = treatywatch("replay", "--items", str(path), "--diff", "--against", str(before), "--json", "--jobs", "2")
    table = treatywatch("replay", "--items", str(path), "--diff", "--against", str(before))

    assert (same.returncode, "0 added, 0 dropped" in same.stdout) == (0, True), same.stderr
    (line,) = map(json.loads, other.stdout.splitlines())
    assert (other.returncode, line["kind"], line["sent"], line["today"]["stage"]) == (4, "added", None, "approved")
    assert (table.returncode, "1 added" in table.stdout) == (4, True)
    broken = treatywatch("replay", "--items", str(path), "--diff", "--against", str(path))
    assert (broken.returncode, "no transition line" in broken.stderr) == (1, True)
    assert treatywatch("replay", "--items", str(path), "--topics").returncode == 2

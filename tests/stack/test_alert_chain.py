"""Cases topic -> metrics -> Prometheus -> Alertmanager -> notify -> a webhook, all real: every transition once.

The shipped configuration is used as it is, with other addresses and with intervals of one second.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stack.alert_chain import ROOT, Hook, Role, Track, scrape, settings_for
from tests.stack.servers.kafka import Kafka
from tests.stack.servers.prometheus import StartAlertmanager, StartPrometheus
from tests.stack.waiting import eventually
from treatywatch.model import Severity
from treatywatch.settings import Kafka as KafkaSettings
from treatywatch.topic_admin import ensure_topics

QUICK = {
    "scrape_interval: 5s": "scrape_interval: 1s",
    "scrape_timeout: 4s": "scrape_timeout: 1s",
    "evaluation_interval: 5s": "evaluation_interval: 1s",
    "group_wait: 5s": "group_wait: 1s",
}
CALLS = 'alertmanager_notifications_total{integration="webhook"}'


@pytest.fixture
def hook() -> Iterator[Hook]:
    """People."""
    made = Hook()
    yield made
    made.close()


@pytest.fixture(scope="module")
def topics(kafka: Kafka) -> None:
    """Our topics on an empty broker."""
    kafka.reset()
    ensure_topics(KafkaSettings(bootstrap=kafka.bootstrap, partitions=2))


@pytest.fixture
def track(kafka: Kafka, topics: None) -> Iterator[Track]:
    """Who writes the cases topic; at the end nothing in it is alertable any more."""
    made = Track(kafka.bootstrap)
    yield made
    made.forget()
    made.close()


@pytest.fixture
def roles() -> Iterator[list[Role]]:
    """The roles that a test has started; ended after it."""
    started: list[Role] = []
    yield started
    for role in started:
        role.kill()


def notify_on_cases(kafka: Kafka, hook: Hook, folder: Path) -> Role:
    """Notify fed by the topic itself, as in embedded mode."""
    environment = settings_for(kafka.bootstrap) | {"TREATYWATCH_NOTIFY_WEBHOOKS": hook.url}
    return Role("notify", folder, environment, "TREATYWATCH_METRICS_PORT", "/metrics")


@pytest.mark.timeout(300)
def test_each_transition_reaches_people_once_whatever_is_killed(
    kafka: Kafka,
    track: Track,
    hook: Hook,
    roles: list[Role],
    prometheus: StartPrometheus,
    alertmanager: StartAlertmanager,
    tmp_path: Path,
) -> None:
    """The first ever included; metrics, Prometheus, Alertmanager and notify are killed in turn, with news meanwhile."""
    shared = settings_for(kafka.bootstrap)
    metrics = Role("metrics", tmp_path, shared, "TREATYWATCH_METRICS_PORT", "/metrics")
    notify = Role(
        "notify",
        tmp_path,
        shared | {"TREATYWATCH_NOTIFY_SOURCE": "alertmanager", "TREATYWATCH_NOTIFY_WEBHOOKS": hook.url},
        "TREATYWATCH_NOTIFY_PORT",
        "/healthz",
    )
    roles += [metrics, notify]
    for role in roles:
        role.launch()
    alerts = alertmanager(ROOT / "config/alertmanager", {"notify:8752": f"127.0.0.1:{notify.port}"} | QUICK)
    watch = prometheus(
        ROOT / "config/prometheus",
        {
            "alertmanager:9093": f"127.0.0.1:{alerts.port}",
            "metrics:8751": f"127.0.0.1:{metrics.port}",
            # The other roles do not run here.
            **{f"{name}:9100": "127.0.0.1:9" for name in ("produce", "process", "index", "notify", "live")},
        }
        | QUICK,
    )
    for role in roles:
        role.wait_ready()

    first = hook.wait_for(track.moves("first-ever"))
    assert first.body["headline"].startswith("Poland → Ottawa Convention: lower house approves withdrawal")
    assert first.body["possibly_repeated"] is False

    track.moves("held-back", severity=Severity.NONE)
    track.moves("back-filled", alertable=False)

    for killed in (metrics, watch, alerts, notify):
        killed.kill()
        track.moves(f"while {killed.name} was away")
        killed.start()
        hook.wait_for(f"while {killed.name} was away")
        if killed is alerts:
            # What it has sent since its last snapshot is forgotten with a kill, so it sends all of it again.
            eventually(lambda: scrape(f"{alerts.url}/metrics")[CALLS] >= 4, 60, "Alertmanager repeats itself")

    hook.wait_for(track.moves("last"))
    assert hook.ids == [
        "first-ever",
        "while metrics was away",
        "while prometheus was away",
        "while alertmanager was away",
        "while notify was away",
        "last",
    ]
    assert [call.key for call in hook.calls] == hook.ids
    assert not any(call.body["possibly_repeated"] for call in hook.calls)


def test_notify_killed_between_intent_and_sent_repeats_marked_with_the_same_key(
    kafka: Kafka, track: Track, hook: Hook, roles: list[Role], tmp_path: Path
) -> None:
    """The receiver has the message and never answers; nobody can know, so it comes again and says so."""
    notify = notify_on_cases(kafka, hook, tmp_path)
    roles.append(notify)
    hook.silent = True
    notify.start()
    track.moves("t1")
    hook.wait_for("t1")

    notify.kill()
    hook.silent = False
    notify.start()
    eventually(lambda: len(hook.calls) == 2, 30, "the message comes again")
    hook.wait_for(track.moves("t2"))

    assert [(call.key, call.body["possibly_repeated"]) for call in hook.calls] == [
        ("t1", False),
        ("t1", True),
        ("t2", False),
    ]


def test_notify_killed_after_sent_repeats_nothing(
    kafka: Kafka, track: Track, hook: Hook, roles: list[Role], tmp_path: Path
) -> None:
    """Also what came while it was away is sent once, and unmarked."""
    notify = notify_on_cases(kafka, hook, tmp_path)
    roles.append(notify)
    track.moves("before it ever ran")
    notify.start()
    hook.wait_for("before it ever ran")
    sent = 'treatywatch_notifications_total{channel="terminal",outcome="sent"}'
    eventually(lambda: scrape(f"http://127.0.0.1:{notify.port}/metrics").get(sent) == 1, 30, "the terminal has it")
    eventually(lambda: pending(notify) == 0, 30, "the log says sent")

    notify.kill()
    track.moves("away")
    notify.start()
    hook.wait_for("away")
    hook.wait_for(track.moves("fence"))

    assert hook.ids == ["before it ever ran", "away", "fence"]
    assert not any(call.body["possibly_repeated"] for call in hook.calls)


def test_a_webhook_that_is_down_gets_everything_later(
    kafka: Kafka, track: Track, hook: Hook, roles: list[Role], tmp_path: Path
) -> None:
    """Refused connections leave no doubt, so nothing is marked; a kill meanwhile loses nothing; bad records neither."""
    hook.close()
    notify = notify_on_cases(kafka, hook, tmp_path)
    roles.append(notify)
    notify.start()
    track.moves("t1")
    track.write_bytes(b"this is no case")
    track.moves("t2")
    eventually(lambda: pending(notify) == 2, 30, "two messages wait")

    notify.kill()
    notify.start()
    back = Hook(hook.port)
    try:
        back.wait_for("t1")
        back.wait_for("t2")
    finally:
        back.close()

    assert back.ids == ["t1", "t2"]


def test_a_call_about_a_record_that_is_not_there_yet_is_answered_later(
    kafka: Kafka, track: Track, hook: Hook, roles: list[Role], tmp_path: Path
) -> None:
    """503 makes Alertmanager try again; once the record is there the answer is 200, and the message was sent before."""
    notify = Role(
        "notify",
        tmp_path,
        settings_for(kafka.bootstrap)
        | {"TREATYWATCH_NOTIFY_SOURCE": "alertmanager", "TREATYWATCH_NOTIFY_WEBHOOKS": hook.url},
        "TREATYWATCH_NOTIFY_PORT",
        "/healthz",
    )
    roles.append(notify)
    notify.start()

    early = fire(notify, "t1")
    track.moves("t1")
    track.moves("not fired")
    eventually(lambda: fire(notify, "t1") == 200, 30, "the record arrives")

    assert early == 503
    assert hook.ids == ["t1"]
    assert fire(notify, "t1") == 200
    assert hook.ids == ["t1"]


def pending(notify: Role) -> float:
    """How many messages wait, by notify's own metrics."""
    return scrape(f"http://127.0.0.1:{notify.port}/metrics").get("treatywatch_notify_pending_messages", -1)


def fire(notify: Role, transition: str) -> int:
    """Call the webhook as Alertmanager does, and return the status."""
    alert = {"status": "firing", "labels": {"case": "PL:APMBC", "transition": transition}}
    request = urllib.request.Request(
        f"http://127.0.0.1:{notify.port}/alertmanager", json.dumps({"version": "4", "alerts": [alert]}).encode()
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code

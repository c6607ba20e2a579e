"""Documents against the mappings in config/elasticsearch: strict, so every field must be in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from sinks.documents import case_document, signal_document, signal_index, signal_version
from sinks.setup_elasticsearch import MAPPING_VERSION, Template, load_templates
from tests.sinks.made import NAMES, a_case, a_signal
from treatywatch.locate import config_dir
from treatywatch.model import (
    Action,
    Basis,
    Case,
    ChangeKind,
    EffectiveDate,
    Flag,
    Institution,
    Position,
    Severity,
    Signal,
    Stage,
    Stance,
    Tombstone,
    Transition,
)

TEMPLATES = load_templates(config_dir() / "elasticsearch")
INDICES = {t.name: t for t in TEMPLATES if t.kind == "index"}


def _mapping(name: str) -> dict[str, Any]:
    """Merge the properties of an index template's components, as the server does."""
    merged: dict[str, Any] = {}
    for part in INDICES[name].body["composed_of"]:
        component = next(t for t in TEMPLATES if t.name == part)
        _merge(merged, component.body["template"].get("mappings", {}).get("properties", {}))
    return merged


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping):
            _merge(into.setdefault(key, {}), value)
        else:
            into[key] = value


def _leaves(properties: Mapping[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in properties.items():
        inner = field.get("properties")
        found |= _leaves(inner, f"{prefix}{name}.") if inner else {prefix + name}
    return found


def _fields(document: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(document, Mapping):
        for key, value in document.items():
            yield from _fields(value, f"{prefix}.{key}" if prefix else key)
    elif isinstance(document, list) and document and isinstance(document[0], Mapping):
        for value in document:
            yield from _fields(value, prefix)
    else:
        yield prefix


def _full_signal() -> Signal:
    return a_signal(
        effective_date=date(2025, 12, 27), positions=(Position(state="FI", stance=Stance.SUPPORTS),), withdrawn=True
    )


def _full_case() -> Case:
    transition = Transition(
        id="t",
        kind=ChangeKind.ENTRY,
        from_stage=Stage.ANNOUNCED,
        to=Stage.APPROVED,
        at=datetime(2025, 6, 25, tzinfo=UTC),
        because="signal-1",
        episode="2025-06",
        stage=Stage.APPROVED,
        action=Action.WITHDRAW,
        institution=Institution.LOWER_HOUSE,
        severity=Severity.URGENT,
        alertable_at=datetime(2025, 6, 25, tzinfo=UTC),
    )
    return a_case(
        effective_date=EffectiveDate(value=date(2025, 12, 27), basis=Basis.COMPUTED, note="six months"),
        flags=(Flag.CONTESTED,),
        severity=Severity.URGENT,
        reasons=("arms control",),
        positions=(Position(state="FI", stance=Stance.SUPPORTS),),
        tombstones=(Tombstone(id="gone", revision=2, generation=1),),
        superseded_by="PL:OTHER",
        confidence=0.9,
        changed=transition,
        transitions=(transition,),
    )


def _documents() -> dict[str, Mapping[str, Any]]:
    return {
        "treatywatch-signals": signal_document(_full_signal(), NAMES),
        "treatywatch-cases": case_document(_full_case(), NAMES),
    }


@pytest.mark.parametrize("template", ["treatywatch-signals", "treatywatch-cases"])
def test_full_document_has_no_field_without_a_mapping(template: str) -> None:
    """The mapping is strict: such a document would be refused."""
    assert set(_fields(_documents()[template])) - _leaves(_mapping(template)) == set()


def test_every_mapped_field_is_filled_by_a_signal_or_a_case() -> None:
    """No field is mapped that nothing ever fills."""
    filled = {field for document in _documents().values() for field in _fields(document)}
    assert filled == _leaves(_mapping("treatywatch-signals")) | _leaves(_mapping("treatywatch-cases"))


def test_every_model_field_is_in_the_documents() -> None:
    """A field that is added to the model must be given a place, or be named here."""
    documents = _documents()
    elsewhere = {
        "actor",  # actor.code
        "treaty",  # treaty.id
        "treaty_text",  # treaty.text
        "case_id",  # case.id
        "rules",  # rule.name
        "url",  # url.full
        "tombstones",  # counted in case.withdrawn_signals
        "episodes",  # track's own bookkeeping
    }
    assert set(Signal.__struct_fields__) - elsewhere <= set(documents["treatywatch-signals"]["signal"])
    assert set(Case.__struct_fields__) - elsewhere <= set(documents["treatywatch-cases"]["case"])


def test_empty_fields_are_left_out_and_false_ones_kept() -> None:
    """None, empty texts and empty lists are no values; false and zero are."""
    document = signal_document(a_signal(institution=None, speaker=None, url=None, rules=(), sentence=""), NAMES)
    assert "url" not in document
    assert document["rule"] == {"version": "1"}
    assert {"institution", "speaker", "sentence", "positions"}.isdisjoint(document["signal"])
    assert document["signal"]["withdrawn"] is False
    assert document["message"].startswith("Łódź")
    spans = signal_document(replace_start(a_signal()), NAMES)["signal"]["evidence"]
    assert spans[0]["start"] == 0


def replace_start(signal: Signal) -> Signal:
    """Return the signal with its first span at the very beginning."""
    return msgspec.structs.replace(signal, evidence=(msgspec.structs.replace(signal.evidence[0], start=0),))


def test_document_names_state_and_treaty() -> None:
    """Display names come from the register and the actors; an instrument outside the register keeps its words."""
    document = signal_document(a_signal(), NAMES)
    assert document["actor"] == {"code": "PL", "name": "Poland"}
    assert document["treaty"] == {
        "id": "APMBC",
        "name": "Ottawa Convention",
        "text": "Ottawa Convention",
        "kind": "IHL/disarmament",
    }
    other = signal_document(a_signal(treaty=None, treaty_text="fishing accord", actor="XX"), NAMES)
    assert other["treaty"] == {"name": "fishing accord", "text": "fishing accord"}
    assert other["actor"]["name"] == "XX"


@pytest.mark.parametrize(
    ("fetched", "published", "index"),
    [
        (datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 2, 28, tzinfo=UTC), "treatywatch-signals-2025.03"),
        (None, datetime(2025, 2, 28, 23, 59, tzinfo=UTC), "treatywatch-signals-2025"),
        (None, None, "treatywatch-signals-undated"),
    ],
)
def test_signal_goes_to_the_month_in_which_it_was_fetched_and_the_past_to_its_year(
    fetched: datetime | None, published: datetime | None, index: str
) -> None:
    """A file of twenty years makes twenty indices, not 240."""
    assert signal_index(a_signal(fetched=fetched, published=published)) == index


def test_version_orders_by_revision_then_generation() -> None:
    """A generation, however high, never outweighs a revision."""
    ordered = [(1, 1), (1, 2), (1, 5_000_000), (2, 1), (3, 0)]
    versions = [signal_version(a_signal(revision=r, generation=g)) for r, g in ordered]
    assert versions == sorted(set(versions))


@pytest.mark.parametrize("url", ["http://[broken", "no url at all", "https://outlet.example:99999/x"])
def test_odd_address_is_kept_whole(url: str) -> None:
    """An address that cannot be taken apart does not stop the document."""
    assert signal_document(a_signal(url=url), NAMES)["url"]["full"] == url


def test_index_templates_are_strict_and_state_the_version_that_is_written() -> None:
    """Both carry the version that the indexer checks at start, above the built-in templates' priority."""
    for template in INDICES.values():
        mappings = template.body["template"]["mappings"]
        assert mappings["dynamic"] == "strict"
        assert mappings["_meta"]["version"] == MAPPING_VERSION
        assert template.body["priority"] >= 200
        optional = {t.name for t in TEMPLATES if t.requires}
        assert optional <= set(template.body["ignore_missing_component_templates"])


def test_edit_without_a_new_version_changes_the_digest() -> None:
    """Near miss: the same content in another order of keys is the same."""
    template = TEMPLATES[0]
    turned = dict(reversed(list(template.body.items())))
    assert replace(template, body=turned).digest == template.digest
    edited = Template(template.kind, template.name, {**template.body, "template": {}})
    assert edited.digest != template.digest

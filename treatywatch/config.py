"""Read YAML configuration into typed models, and name every fault by file, line and nearest valid key.

All faults of a file are collected and raised together as one ConfigError, so that a person mends them in one go.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from treatywatch.errors import ConfigError

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """Base of configuration models: unknown keys are faults, values are frozen."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def load(path: Path, model: type[M]) -> M:
    """Read one YAML file as `model`.

    Raises ConfigError with a line per fault, each `file:line: what, did you mean …`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read: {error}"]) from error
    try:
        node, data = _read(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigError([f"{path}:{line}: not valid YAML: {error.problem}"]) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError([f"{path}:{line}: not valid YAML: a control character, {error.character!r}"]) from error
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise ConfigError([_fault(path, node, model, e) for e in error.errors(include_url=False)]) from error


def lines_of(path: Path, key: str) -> list[int]:
    """Give the line on which each entry of the list or mapping under `key` begins, for faults between entries.

    The file is one that `load` has read; where the key is missing the list is empty.
    """
    node, _ = _read(path.read_text(encoding="utf-8"))
    found = _child(node, key)
    held = found[0] if found else None
    if isinstance(held, yaml.SequenceNode):
        return [entry.start_mark.line + 1 for entry in held.value]
    return [name.start_mark.line + 1 for name, _ in held.value] if isinstance(held, yaml.MappingNode) else []


def nearest(key: str, valid: Iterable[str]) -> str:
    """Return ", did you mean 'x'?" for the valid key nearest to `key`, or nothing where none is near."""
    close = difflib.get_close_matches(key, list(valid), n=1, cutoff=0.6)
    return f", did you mean '{close[0]}'?" if close else ""


class _Loader(yaml.CSafeLoader):
    """Safe YAML by libyaml, which is ten times as fast: every role reads the configuration at its start."""


_PLAIN, _MERGE = "tag:yaml.org,2002:str", "tag:yaml.org,2002:merge"


def _data(loader: _Loader, node: yaml.Node, above: tuple[yaml.Node, ...] = ()) -> Any:
    """Make data of a node. A key given twice is refused (plain YAML keeps the last one in silence).

    Own code, because PyYAML's constructor, which looks up a method for each of ten thousand words, takes three times
    as long; what is no plain text, list or mapping is left to it.
    """
    if node in above:
        raise yaml.constructor.ConstructorError(None, None, "an alias inside its own anchor", node.start_mark)
    if isinstance(node, yaml.SequenceNode):
        inside = (*above, node)
        return [part.value if part.tag == _PLAIN else _data(loader, part, inside) for part in node.value]
    if isinstance(node, yaml.MappingNode):
        return _mapping(loader, node, (*above, node))
    try:
        return node.value if node.tag == _PLAIN else loader.construct_object(node)
    except (ValueError, AttributeError) as error:  # 2025-02-30 looks like a date
        raise yaml.constructor.ConstructorError(None, None, f"{node.value}: {error}", node.start_mark) from error


def _mapping(loader: _Loader, node: yaml.MappingNode, inside: tuple[yaml.Node, ...]) -> dict[Any, Any]:
    merges = [key for key, _ in node.value if key.tag == _MERGE]
    merged = 0
    if merges:
        own = len(node.value) - len(merges)
        loader.flatten_mapping(node)  # puts what is merged in first, and own keys win
        merged = len(node.value) - own
    data: dict[Any, Any] = {}
    lines: dict[Any, int] = {}
    for index, (key_node, value) in enumerate(node.value):
        key = _data(loader, key_node, inside)
        if isinstance(key, list | dict):
            raise yaml.constructor.ConstructorError(None, None, "a key is a word, not a list", key_node.start_mark)
        if key in lines:
            raise yaml.constructor.ConstructorError(
                None, None, f"key '{key}' given twice, first on line {lines[key]}", key_node.start_mark
            )
        if index >= merged:
            lines[key] = key_node.start_mark.line + 1
        data[key] = _data(loader, value, inside)
    return data


# "NO", "ON" and "1e3" are text unless written as yes/no words in full: Norway's code must stay Norway's code.
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:bool"]
    for letter, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _word in ("true", "false"):
    _Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(rf"^{_word}$"), [_word[0]])


def _read(text: str) -> tuple[yaml.Node | None, Any]:
    """Return the nodes, which know their lines, and the data made from them."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        return node, {} if node is None else _data(loader, node)
    finally:
        loader.dispose()


def _fault(path: Path, root: yaml.Node | None, model: type[BaseModel], error: Any) -> str:
    where = error["loc"]
    node, line = root, 1
    for step in where:
        found = _child(node, step)
        if found is None:
            break
        node, line = found
    dotted = ".".join(str(step) for step in where)
    if error["type"] == "extra_forbidden":
        return f"{path}:{line}: unknown key '{dotted}'{nearest(str(where[-1]), _fields(model, where[:-1]))}"
    if error["type"] == "missing":
        return f"{path}:{line}: key '{dotted}' is missing"
    if isinstance(error["input"], dict):  # said of the whole entry, which would be no help to read again
        return f"{path}:{line}: {dotted}: {error['msg'].removeprefix('Value error, ')}"
    got = "a secret" if is_secret(_field(model, where)) else repr(str(error["input"])[:80])
    return f"{path}:{line}: {dotted}: {error['msg']} (got {got})"


def is_secret(field: FieldInfo | None) -> bool:
    """Say whether a value must not be shown: a SecretStr, or a field with `repr=False` (an address with a token)."""
    return field is not None and (not field.repr or "SecretStr" in str(field.annotation))


def _field(model: type[BaseModel], where: tuple[Any, ...]) -> FieldInfo | None:
    """Return the innermost field that `where` leads through."""
    found: FieldInfo | None = None
    current: type[BaseModel] | None = model
    for step in where:
        if current is None or step not in current.model_fields:
            break
        found = current.model_fields[step]
        current = next(iter(_models_in(found.annotation)), None)
    return found


def _child(node: yaml.Node | None, step: object) -> tuple[yaml.Node, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    return None


def _fields(model: type[BaseModel], where: tuple[Any, ...]) -> list[str]:
    """Return the keys that are valid at `where` inside `model`; every key of every nested model if that is unclear."""
    current: Any = model
    for step in where:
        if isinstance(current, type) and issubclass(current, BaseModel) and step in current.model_fields:
            current = current.model_fields[step].annotation
        current = next((m for m in _models_in(current)), current)
    return list(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [m for argument in getattr(annotation, "__args__", ()) for m in _models_in(argument)]

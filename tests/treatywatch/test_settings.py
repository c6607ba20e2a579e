"""Settings: defaults < file < environment, secrets from files, and all faults at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from treatywatch.errors import ConfigError
from treatywatch.settings import Settings, read_settings, variables


def test_environment_wins_over_file_and_file_over_defaults(tmp_path: Path) -> None:
    """The order of the three sources."""
    file = tmp_path / "treatywatch.yml"
    file.write_text("live: {port: 1111}\nkafka: {bootstrap: 'file:9092'}\n")

    settings = read_settings({"TREATYWATCH_KAFKA_BOOTSTRAP": "environment:9092"}, file)

    assert (settings.kafka.bootstrap, settings.live.port) == ("environment:9092", 1111)
    assert settings.notify == Settings().notify


def test_a_secret_comes_from_a_file_and_is_never_shown(tmp_path: Path) -> None:
    """`_FILE` names a file with the value; printing settings does not print it."""
    secret = tmp_path / "password"
    secret.write_text("open sesame\n")

    settings = read_settings({"TREATYWATCH_ELASTICSEARCH_PASSWORD_FILE": str(secret)}, None)

    assert settings.elasticsearch.password is not None
    assert settings.elasticsearch.password.get_secret_value() == "open sesame"
    assert "sesame" not in repr(settings)


def test_all_faults_of_file_and_environment_are_shown_at_once(tmp_path: Path) -> None:
    """A person sees every fault in one go."""
    file = tmp_path / "treatywatch.yml"
    file.write_text("kafka:\n  bootstap: x\n")

    with pytest.raises(ConfigError) as caught:
        read_settings({"TREATYWATCH_LIVE_PROT": "1", "TREATYWATCH_LIVE_PORT": "many", "TREATYWATCH_X_FILE": "/x"}, file)

    text = str(caught.value)
    assert f"{file}:2: unknown key 'kafka.bootstap', did you mean 'bootstrap'?" in text
    assert "unknown variable TREATYWATCH_LIVE_PROT, did you mean 'TREATYWATCH_LIVE_PORT'?" in text
    assert "TREATYWATCH_LIVE_PORT: " in text
    assert "unknown variable TREATYWATCH_X_FILE" in text


def test_a_wrong_secret_is_not_echoed(tmp_path: Path) -> None:
    """An unreadable secret file is named, never its content; a value and its _FILE form exclude each other."""
    with pytest.raises(ConfigError) as caught:
        read_settings(
            {"TREATYWATCH_KAFKA_SASL_PASSWORD": "hidden", "TREATYWATCH_KAFKA_SASL_PASSWORD_FILE": str(tmp_path / "no")},
            None,
        )

    assert "keep one" in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_secret_in_the_wrong_place_is_not_echoed(tmp_path: Path) -> None:
    """Neither a password that is a list, nor a webhook that is no list: its path may be a token."""
    file = tmp_path / "treatywatch.yml"
    file.write_text("kafka: {sasl_password: [hidden]}\nnotify: {webhooks: 'https://chat.example/hidden'}\n")

    with pytest.raises(ConfigError) as caught:
        read_settings({}, file)

    assert len(caught.value.faults) == 2
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(read_settings({"TREATYWATCH_NOTIFY_WEBHOOKS": "https://chat.example/hidden"}, None))


def test_lists_are_separated_by_commas() -> None:
    """Webhooks in one variable."""
    settings = read_settings({"TREATYWATCH_NOTIFY_WEBHOOKS": "http://a/x, http://b/y"}, None)

    assert settings.notify.webhooks == ("http://a/x", "http://b/y")


def test_every_setting_has_a_description_and_one_variable() -> None:
    """Documentation and compose are checked against this list."""
    names = [variable for variable, _, _ in variables()]

    assert len(names) == len(set(names))
    for _, section, name in variables():
        field = type(getattr(Settings(), section)).model_fields[name]
        assert field.description, f"{section}.{name}"

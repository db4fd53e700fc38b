"""Secrets from wherever they are given, and never shown."""

import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3  # type: ignore[import-untyped]
import pytest

from alpine_service.adapters.secrets.aws import AwsSecrets
from alpine_service.adapters.secrets.configuration import Configuration
from alpine_service.adapters.secrets.sources import EnvironmentSecrets, FileSecrets
from alpine_service.errors import AlpineError, InvalidSetting, SecretsAway
from alpine_service.ports.secrets import Secret, Secrets
from alpine_service.settings import Before
from alpine_service.testing.whole.service import free_port

DATABASE, KEY = "ALPINE_DATABASE_URL", "ALPINE_LOG_API_KEY"
URL = "postgresql://app:hush-new@db/alpine"
OLD_URL = "postgresql://app:hush-old@db/alpine"


@pytest.fixture
def aws(manager: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client of the manager, whose address and credentials others find where boto3 looks."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", manager)
    monkeypatch.setenv("AWS_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    return boto3.client("secretsmanager")


Make = Callable[[Mapping[str, str], Mapping[str, str]], Secrets]


@pytest.fixture(params=["environment", "files", "aws"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A source that knows those secrets, and those before them; each in its own way."""

    def of_environment(now: Mapping[str, str], before: Mapping[str, str]) -> Secrets:
        assert not before, "an environment has no past"
        return EnvironmentSecrets(now)

    def of_files(now: Mapping[str, str], before: Mapping[str, str]) -> Secrets:
        named = {}
        for name, value in now.items():
            path = tmp_path / name
            path.write_text(f"{value}\n")
            named[f"{name}_FILE"] = str(path)
        for name, value in before.items():
            (tmp_path / f"{name}.previous").write_text(f"{value}\n")
        return FileSecrets(named)

    def of_aws(now: Mapping[str, str], before: Mapping[str, str]) -> Secrets:
        client, name = request.getfixturevalue("aws"), f"alpine/{uuid4()}"
        client.create_secret(Name=name, SecretString=json.dumps(before or now))
        if before:
            client.put_secret_value(SecretId=name, SecretString=json.dumps(now))
        return AwsSecrets(name)

    ways: dict[str, Make] = {"environment": of_environment, "files": of_files, "aws": of_aws}
    return ways[request.param]


def test_what_is_there_is_known_by_its_setting(make: Make) -> None:
    source = make({DATABASE: URL, KEY: "hush-key"}, {})

    assert source.read() == {DATABASE: Secret(URL), KEY: Secret("hush-key")}


@pytest.mark.parametrize("make", ["files", "aws"], indirect=True)
def test_while_it_is_changed_both_are_known(make: Make) -> None:
    source = make({DATABASE: URL}, {DATABASE: OLD_URL})

    assert source.read() == {DATABASE: Secret(URL, OLD_URL)}


def test_a_source_shows_nothing(make: Make) -> None:
    source = make({KEY: "hush-key"}, {})

    assert "hush" not in repr(source)
    assert "hush" not in repr(source.read())


def test_a_secret_that_is_not_there_is_said(aws: Any) -> None:
    with pytest.raises(InvalidSetting, match="there is no alpine/none"):
        AwsSecrets("alpine/none").read()


@pytest.mark.parametrize(
    "text", ["hush", "[]", '{"ALPINE_LOG_API_KEY": 1}', '{"ALPINE_PORT": "hush"}']
)
def test_a_secret_that_is_none_of_ours_is_refused_without_its_words(aws: Any, text: str) -> None:
    name = f"alpine/{uuid4()}"
    aws.create_secret(Name=name, SecretString=text)
    with pytest.raises(InvalidSetting) as refused:
        AwsSecrets(name).read()

    assert "hush" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_manager_that_is_away_is_waited_for(
    aws: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
    caplog.set_level(logging.DEBUG, "alpine_service")
    with pytest.raises(SecretsAway, match="EndpointConnectionError"):
        AwsSecrets("alpine/any").read()


def test_settings_come_from_everywhere_and_secrets_from_one_place(aws: Any, tmp_path: Path) -> None:
    name = f"alpine/{uuid4()}"
    aws.create_secret(Name=name, SecretString=json.dumps({DATABASE: OLD_URL}))
    aws.put_secret_value(SecretId=name, SecretString=json.dumps({DATABASE: URL}))
    (tmp_path / "key").write_text("hush-key\n")
    (tmp_path / "alpine.env").write_text(
        f"# of Alpine\n\nALPINE_LOG_API_KEY_FILE={tmp_path / 'key'}\n"
        f'ALPINE_NOTICE="Closed on Sunday."\nexport ALPINE_PORT=1\nALPINE_SECRETS=aws:{name}\n'
    )
    configuration = Configuration(
        {"ALPINE_SETTINGS_FILE": str(tmp_path / "alpine.env"), "ALPINE_PORT": "2", "PATH": "/bin"}
    )

    given = configuration.read()

    settings = given.settings
    assert (settings.database_url, settings.log.api_key) == (URL, "hush-key")
    assert settings.before == Before(OLD_URL)
    # The environment is above the file.
    assert (settings.port, settings.notice) == (2, "Closed on Sunday.")
    assert configuration.has_manager
    assert configuration.last is given
    assert "hush" not in repr(given) + repr(settings)


def test_a_secret_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("hush-file")
    given = {KEY: "hush-here", f"{KEY}_FILE": str(tmp_path / "key")}
    with pytest.raises(InvalidSetting, match="two ways") as refused:
        Configuration(given).read()

    assert refused.value.name == KEY
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("ALPINE_PORT", "no setting"),
        ("PATH=/bin", "no setting"),
        ("ALPINE_SETTINGS_FILE=x", "no setting"),
        ("ALPINE_LOG_API_KEY hush-hush", "no setting"),
        ("ALPINE_PORT=1\nALPINE_PORT=2", "twice"),
        ("ALPINE_PROT=1", "no such setting"),
    ],
)
def test_a_file_of_settings_is_read_strictly(tmp_path: Path, line: str, problem: str) -> None:
    path = tmp_path / "alpine.env"
    path.write_text(line)
    with pytest.raises(InvalidSetting, match=problem) as refused:
        Configuration({"ALPINE_SETTINGS_FILE": str(path)}).read()

    assert "hush" not in str(refused.value)


@pytest.mark.parametrize(
    "given",
    [
        {"ALPINE_SECRETS": "vault:alpine"},
        {"ALPINE_SECRETS": "aws:"},
        {"ALPINE_SETTINGS_FILE": "is/not/there"},
        {"ALPINE_MAIL_URL_FILE": "is/not/there"},
        {"ALPINE_MAIL_URL_FILE": "/dev/zero"},
    ],
    ids=str,
)
def test_a_source_that_cannot_be_is_refused(given: Mapping[str, str]) -> None:
    with pytest.raises(AlpineError):
        Configuration(given).read()


def test_without_the_library_a_manager_is_refused_with_what_helps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "boto3", None)
    with pytest.raises(InvalidSetting, match=r"alpine-service\[aws\]"):
        AwsSecrets("alpine/any")

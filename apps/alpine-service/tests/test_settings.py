"""What an operator decides."""

from pathlib import Path

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.errors import InvalidSetting
from alpine_service.ports.observing import Weight
from alpine_service.settings import (
    Bounds,
    LogSettings,
    MailSettings,
    Operation,
    Settings,
    read_settings,
)

KEY = "log.example/signals+1a2b3c4d+AbCd"


def test_an_empty_environment_means_loopback() -> None:
    assert read_settings({}) == Settings(host="127.0.0.1", port=8091)


def test_what_is_not_ours_is_left_alone() -> None:
    assert read_settings({"PATH": "/bin", "ALPINEX": "1"}) == Settings()


def test_host_and_port_are_taken_from_the_environment_and_say_how_we_are_called() -> None:
    given = read_settings({"ALPINE_HOST": " ::1 ", "ALPINE_PORT": "9000"})

    assert (given.host, given.port, given.public_url) == ("::1", 9000, "http://[::1]:9000")
    assert read_settings({"ALPINE_PORT": "9000"}).public_url == "http://127.0.0.1:9000"


def test_everything_can_be_set() -> None:
    environment = {
        "ALPINE_HOST": "0.0.0.0",  # noqa: S104 - it is only read
        "ALPINE_PORT": "1",
        "ALPINE_INTERNAL_HOST": "::1",
        "ALPINE_INTERNAL_PORT": "2",
        "ALPINE_PUBLIC_URL": "https://alpine.example/",
        "ALPINE_FOLDER": "kept",
        "ALPINE_DATABASE_URL": "postgresql://app@db/alpine",
        "ALPINE_OWNER_DATABASE_URL": "postgres://owner@db/alpine",
        "ALPINE_WITNESS_NAME": "alpine.example/w",
        "ALPINE_LOG_URL": "https://log.example",
        "ALPINE_LOG_KEY": KEY,
        "ALPINE_LOG_API_KEY": "opens",
        "ALPINE_LOG_POLL_S": "0.5",
        "ALPINE_MAIL_URL": "smtp+starttls://user@mail.example",
        "ALPINE_MAIL_FROM": "Us <us@alpine.example>",
        "ALPINE_TRUSTED_PROXIES": "10.0.0.1 10.0.0.2",
        "ALPINE_PRIVATE_WEBHOOKS": "yes",
        "ALPINE_BREACHED_PASSWORDS": "known.txt",
        "ALPINE_NOTICE": "Closed on Sunday.",
        "ALPINE_INSTANCE": "blue",
        "ALPINE_BUILD": "1a2b3c4",
        "ALPINE_DRAIN_S": "5",
        "ALPINE_LOG_LEVEL": "warning",
        "ALPINE_TRACES": "http://127.0.0.1:4318",
        "ALPINE_TRACES_SHARE": "0.25",
        "ALPINE_LIMIT_PER_MINUTE": "7",
        "ALPINE_LIMIT_PAGES_PER_MINUTE": "8",
        "ALPINE_LIMIT_AT_ONCE": "9",
    }

    assert read_settings(environment) == Settings(
        host="0.0.0.0",  # noqa: S104 - it is only compared
        port=1,
        internal_host="::1",
        internal_port=2,
        public_url="https://alpine.example",
        folder=Path("kept"),
        database_url="postgresql://app@db/alpine",
        owner_url="postgres://owner@db/alpine",
        witness_name="alpine.example/w",
        log=LogSettings("https://log.example", KEY, "opens", 0.5),
        mail=MailSettings("smtp+starttls://user@mail.example", "Us <us@alpine.example>"),
        trusted_proxies=("10.0.0.1", "10.0.0.2"),
        private_webhooks=True,
        breached_passwords=Path("known.txt"),
        notice="Closed on Sunday.",
        operation=Operation("blue", "1a2b3c4", 5.0, Weight.WARNING, "http://127.0.0.1:4318", 0.25),
        bounds=Bounds(7, 8, 9),
    )


@given(st.integers(0, 65_535))
def test_every_port_is_read_as_it_was_written(port: int) -> None:
    assert read_settings({"ALPINE_PORT": str(port)}).port == port


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("ALPINE_HOST", "  ", "empty"),
        ("ALPINE_PORT", "", "not a number"),
        ("ALPINE_PORT", "http", "not a number"),
        ("ALPINE_PORT", "٣", "not a number"),
        ("ALPINE_PORT", "1_0", "not a number"),
        ("ALPINE_PORT", "65536", "not a port"),
        ("ALPINE_PORT", "-1", "not a port"),
        ("ALPINE_PROT", "8091", "no such setting"),
        ("ALPINE_LOG_POLL_S", "often", "not a number"),
        ("ALPINE_LOG_POLL_S", "0", "cannot be waited"),
        ("ALPINE_LOG_POLL_S", "nan", "cannot be waited"),
        ("ALPINE_LOG_POLL_S", "inf", "cannot be waited"),
        ("ALPINE_LOG_URL", "ftp://log.example", "not such a URL"),
        ("ALPINE_LOG_URL", "http://", "names no host"),
        ("ALPINE_LOG_URL", "http://[::1", "not a URL"),
        ("ALPINE_DATABASE_URL", "mysql://db/alpine", "not such a URL"),
        ("ALPINE_MAIL_URL", "mail.example", "not such a URL"),
        ("ALPINE_PRIVATE_WEBHOOKS", "true", "neither yes nor no"),
        ("ALPINE_FOLDER", "", "empty"),
        ("ALPINE_INSTANCE", "blue green", "not a word"),
        ("ALPINE_DRAIN_S", "-1", "cannot be waited"),
        ("ALPINE_DRAIN_S", "nan", "cannot be waited"),
        ("ALPINE_LOG_LEVEL", "loud", "no level"),
        ("ALPINE_TRACES", "yes", "not such a URL"),
        ("ALPINE_TRACES", "https://me:hush@collector.example", "a password in it"),
        ("ALPINE_TRACES_SHARE", "1.1", "no share"),
        ("ALPINE_TRACES_SHARE", "nan", "no share"),
        ("ALPINE_TRACES_SHARE", "half", "not a number"),
        ("ALPINE_LIMIT_PER_MINUTE", "0", "too few"),
        ("ALPINE_LIMIT_AT_ONCE", "many", "not a number"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_with_its_name(
    name: str, value: str, problem: str
) -> None:
    with pytest.raises(InvalidSetting, match=problem) as refused:
        read_settings({name: value})

    assert refused.value.name == name
    assert refused.value.fix


def test_a_log_without_its_key_is_refused() -> None:
    with pytest.raises(InvalidSetting) as refused:
        read_settings({"ALPINE_LOG_URL": "https://log.example"})

    assert refused.value.name == "ALPINE_LOG_KEY"


def test_no_secret_is_shown() -> None:
    secrets = Settings(
        database_url="postgresql://app:hush-db@db/alpine",
        owner_url="postgresql://owner:hush-owner@db/alpine",
        log=LogSettings(api_key="hush-log"),
        mail=MailSettings(url="smtp://user:hush-mail@mail.example"),
    )

    assert "hush" not in repr(secrets)
    assert "hush" not in repr(evolve(secrets, port=1))


@pytest.mark.parametrize("name", ["ALPINE_DATABASE_URL", "ALPINE_MAIL_URL", "ALPINE_LOG_URL"])
def test_a_url_that_is_refused_is_not_repeated_because_of_its_password(name: str) -> None:
    with pytest.raises(InvalidSetting) as refused:
        read_settings({name: "gopher://user:hush-hush@somewhere"})

    assert "hush" not in str(refused.value)

"""Every key that is or was in force is blanked in log lines and spans, however it came."""

import asyncio
import json
import logging
from pathlib import Path

import pytest

from argo_adapters.observers.json_lines import JsonLines
from argo_adapters.secrets.files import FileSecrets
from argo_adapters.secrets.holder import SecretHolder
from argo_core.consensus.opinion import GROK
from argo_core.errors import SecretMissing
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_secrets import FakeSecrets
from argo_service.config.tree import Settings
from argo_service.known_secrets import KnownSecrets, known_in
from argo_service.settings import read_configuration
from argo_service.tracing import tracing

NAME = "sources.grok.key"
FIRST, SECOND, THIRD = "canary-first", "canary-second", "canary-third"


def line(known: KnownSecrets, text: str) -> str:
    record = logging.LogRecord("x", logging.INFO, "x", 1, text, (), None)
    return str(json.loads(JsonLines(known.redactor).format(record))["message"])


def held(known: KnownSecrets, store: FakeSecrets, clock: FakeClock) -> SecretHolder:
    return SecretHolder(
        known.listening(store),
        {GROK: (NAME,)},
        clock=clock,
        observer=FakeObserver(),
        chance=lambda: 0.5,
    )


async def test_a_key_that_was_rotated_is_known_with_those_before_it() -> None:
    known, store = KnownSecrets(), FakeSecrets()
    store.put(NAME, FIRST)
    holder = held(known, store, FakeClock())
    await holder.open()
    assert line(known, f"a {FIRST} b") == "a *** b"
    assert line(known, SECOND) == SECOND
    for value in (SECOND, THIRD):
        store.put(NAME, value)
        await holder.refresh()
    assert line(known, f"{FIRST} {SECOND} {THIRD}") == "*** *** ***"


async def test_a_key_that_is_read_because_one_was_refused_is_known_before_it_is_shown() -> None:
    known, store = KnownSecrets(), FakeSecrets()
    store.put(NAME, FIRST)
    holder = held(known, store, FakeClock())
    await holder.open()
    store.put(NAME, SECOND)
    key = holder.key(GROK)
    assert await key.refused((FIRST,))
    assert key.parts() == (SECOND,)
    assert line(known, f"{FIRST} {SECOND}") == "*** ***"


async def test_what_a_store_calls_the_previous_value_is_known() -> None:
    known, store = KnownSecrets(), FakeSecrets()
    store.put(NAME, FIRST)
    store.put(NAME, SECOND)
    await known.listening(store).read(NAME)
    assert line(known, f"{FIRST} {SECOND}") == "*** ***"


async def test_a_store_that_refuses_tells_as_ever() -> None:
    with pytest.raises(SecretMissing):
        await KnownSecrets().listening(FakeSecrets()).read(NAME)


async def test_a_key_in_a_file_is_known_with_the_one_that_was_there_before(tmp_path: Path) -> None:
    known, file = KnownSecrets(), tmp_path / "grok.key"
    store = known.listening(FileSecrets({NAME: file}))
    for value in (FIRST, SECOND):
        await asyncio.to_thread(file.write_text, value)
        await asyncio.to_thread(file.chmod, 0o600)
        await store.read(NAME)
    assert line(known, f"{FIRST} {SECOND}") == "*** ***"


async def test_spans_know_what_log_lines_do(capsys: pytest.CaptureFixture[str]) -> None:
    environment = {"ARGO_TRACING__EXPORTER": "console", "ARGO_SOURCES__GROK__KEY": FIRST}
    settings = (await asyncio.to_thread(read_configuration, None, environment)).settings
    known, store = known_in(settings), FakeSecrets()
    async with tracing(settings, known=known) as opened:
        store.put(NAME, SECOND)
        await known.listening(store).read(NAME)
        with opened.tracer.span(f"ask {SECOND}", source=f"{FIRST} {SECOND}"):
            pass
    told = capsys.readouterr().err
    assert '"name": "ask ***"' in told
    assert "canary" not in told


def test_what_the_settings_have_is_known_for_good() -> None:
    given = {"ARGO_REDIS_URL": "redis://me:canary-word@127.0.0.1:6379/0"}
    known = known_in(read_configuration(None, given).settings)
    for number in range(1_000):
        given = {"ARGO_SOURCES__GROK__KEY": f"passing-{number:04}"}
        known.learn(read_configuration(None, given).settings)
    assert line(known, "canary-word passing-0999") == "*** ***"


def test_a_word_is_no_secret() -> None:
    known = known_in(read_configuration(None, {"ARGO_SOURCES__GROK__KEY": "argo"}).settings)
    assert line(known, "argo serves") == "argo serves"
    assert known_in(Settings()).redactor.blank("") == ""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A settings file that happens to lie here would be read, too.
    monkeypatch.chdir(tmp_path)

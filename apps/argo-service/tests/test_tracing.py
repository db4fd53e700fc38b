"""Tracing by setting: off, none of it is loaded; on, requests are spans that hide secrets."""

import asyncio
import json
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve

from argo_adapters.tracing.finished import Finished
from argo_core.errors import InvalidSetting
from argo_core.resilience.secret import Secret
from argo_core.testing.tracer_contract import CALLER, TRACE
from argo_service.api import keys
from argo_service.config.tracing import headers_of
from argo_service.config.tree import Settings
from argo_service.known_secrets import known_in, secrets_in
from argo_service.settings import read_configuration
from argo_service.tracing import NOTHING_TRACED, Tracing, tracing

CANARY = "canary-0123456789"


def settings_of(tmp_path: Path, text: str, **environment: str) -> Settings:
    path = tmp_path / "argo.toml"
    path.write_text(text)
    return read_configuration(path, environment).settings


async def test_nothing_is_traced_unless_somebody_asks_for_it() -> None:
    async with tracing(Settings()) as traced:
        assert traced is NOTHING_TRACED


def test_without_tracing_none_of_it_is_loaded() -> None:
    code = (
        "import sys, argo_service.wiring, argo_service.cli.serve;"
        "sys.exit(any('opentelemetry' in name for name in sys.modules))"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603 - our own words
    assert ran.returncode == 0


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("exporter = 'jaeger'", "tracing.exporter"),
        ("endpoint = 'http://collector.example/v1/traces'", "tracing.endpoint"),
        ("sample = 1.5", "tracing.sample"),
        ("timeout_s = 60", "tracing.timeout_s"),
        ("queue = 0", "tracing.queue"),
        ("told = ['somewhere']", "tracing.told"),
        ("service = 'my argo'", "tracing.service"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, field: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting) as refused:
        settings_of(tmp_path, f"[tracing]\n{text}\n")
    assert refused.value.field.startswith(field)


@pytest.mark.parametrize(
    "text", [CANARY, f"={CANARY}", f"A%20b={CANARY}", "Name=", f"A={CANARY}%0A"]
)
def test_headers_that_are_none_are_refused_and_not_repeated(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting) as refused:
        settings_of(tmp_path, "", ARGO_TRACING__HEADERS=text)
    assert refused.value.field == "tracing.headers"
    assert CANARY not in str(refused.value)


def test_headers_are_names_and_values() -> None:
    given = headers_of(Secret("Authorization=Bearer%20a=b,X-Tenant=argo"))
    assert given == {"Authorization": "Bearer a=b", "X-Tenant": "argo"}


@pytest.fixture
def kept() -> list[Finished]:
    return []


@pytest.fixture
async def traced(station: Any, kept: list[Finished]) -> AsyncIterator[Tracing]:
    async with tracing(Settings(), kept.append) as opened:
        station.client.app._state[keys.TRACING] = opened
        yield opened


@pytest.mark.usefixtures("traced")
async def test_a_request_is_a_span_of_its_route_in_its_caller_s_trace(
    station: Any, kept: list[Finished]
) -> None:
    await station.cycle()
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
    await station.client.get("/api/v1/signals/AAPL?limit=1", headers=headers)
    (request,) = [one for one in kept if one.attributes.get("route")]
    assert request.name == "GET /api/v1/signals/{symbol}"
    assert (request.trace_id, request.parent) == (int(TRACE, 16), int(CALLER, 16))
    assert request.attributes["status"] == 200
    assert request.failed is None


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("header", ["", "nonsense", f"00-{TRACE}-{CALLER}-01-x", "0" * 5_000])
async def test_a_header_that_is_none_begins_a_trace_of_our_own(
    header: str, station: Any, kept: list[Finished]
) -> None:
    await station.client.get("/api/v1/signals", headers={"traceparent": header})
    (request,) = kept
    assert request.parent == 0
    assert request.trace_id != int(TRACE, 16)


@pytest.mark.usefixtures("traced")
async def test_health_metrics_and_streams_are_not_traced(
    station: Any, kept: list[Finished]
) -> None:
    for path in ("/api/v1/health", "/metrics"):
        await station.client.get(path)
    async with station.client.get("/api/v1/stream") as stream:
        assert stream.status == 200
    assert kept == []


@pytest.mark.usefixtures("traced")
async def test_a_request_that_fails_by_our_fault_failed(
    station: Any, kept: list[Finished], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError(CANARY)

    monkeypatch.setattr(station.client.app[keys.INDEX], "find", broken)
    reply = await station.client.get("/api/v1/signals")
    assert reply.status == 500
    (request,) = kept
    assert request.failed == "500"
    assert CANARY not in repr(kept)


async def test_lost_spans_are_among_the_metrics(station: Any, traced: Tracing) -> None:
    station.client.app._state[keys.TRACING] = evolve(traced, counts=lambda: {"dropped": 7})
    text = await (await station.client.get("/metrics")).text()
    assert 'argo_trace_spans_total{fate="dropped"} 7.0' in text


def test_of_an_address_and_of_headers_the_secret_part_is_known_by_itself() -> None:
    settings = Settings()
    settings = evolve(
        settings,
        redis=evolve(settings.redis, url=Secret("redis://me:p%2Fss-word@127.0.0.1:6379/0")),
        tracing=evolve(settings.tracing, headers=Secret("Authorization=Bearer%20tok-en-1")),
    )
    assert {"p%2Fss-word", "p/ss-word", "Bearer tok-en-1", "tok-en-1"} <= set(secrets_in(settings))
    assert known_in(settings).redactor.blank("a tok-en-1 b p/ss-word") == "a *** b ***"
    assert secrets_in(Settings()) == ()


async def test_spans_on_the_console_are_one_line_of_json_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "[tracing]\nexporter = 'console'\n"
    settings = await asyncio.to_thread(settings_of, tmp_path, text, ARGO_SOURCES__GROK__KEY=CANARY)
    async with tracing(settings) as opened:
        with opened.tracer.span("ask", source=CANARY):
            assert set(opened.ids()) == {"trace_id", "span_id"}
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["name"] == "ask"
    assert CANARY not in line
    assert opened.counts() == {"exported": 1, "dropped": 0}


async def test_a_collector_that_is_away_is_no_trouble(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    text = (
        "[tracing]\nexporter = 'otlp'\nendpoint = 'http://127.0.0.1:9/v1/traces'\n"
        "timeout_s = 0.2\nqueue = 16\n"
    )
    headers = f"Authorization=Bearer%20{CANARY}"
    settings = await asyncio.to_thread(settings_of, tmp_path, text, ARGO_TRACING__HEADERS=headers)
    async with tracing(settings) as opened:
        for number in range(3):
            with opened.tracer.span("cycle", number=number):
                pass
    assert opened.counts() == {"exported": 0, "dropped": 3}
    assert [one.levelno for one in caplog.records] == [logging.WARNING]
    assert CANARY not in caplog.text

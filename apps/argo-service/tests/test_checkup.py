"""What the doctor says about limits, budgets, words and shared state."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from attrs import evolve

from argo_adapters.clocks.system import SystemClock
from argo_adapters.redis.launcher import NoServer, server_url
from argo_core.resilience.secret import Secret
from argo_core.testing.fake_clock import FakeClock
from argo_service.checkup_shared import shared_findings
from argo_service.checkup_vendors import vendor_findings
from argo_service.config.redis import Redis
from argo_service.finding import Finding, State
from argo_service.settings import read_configuration


def found(**variables: str) -> dict[str, Finding]:
    """What is found with these settings; `__` and case as in the environment."""
    environment = {f"ARGO_{name.upper()}": value for name, value in variables.items()}
    settings = read_configuration(environment=environment).settings
    return {finding.name: finding for finding in vendor_findings(settings)}


def test_by_default_every_budget_and_limit_is_good() -> None:
    findings = found()
    assert {finding.state for finding in findings.values()} == {State.GOOD}
    assert findings["budget grok"].detail == "$5 a day, until midnight in UTC; 1/s"
    assert findings["budget massive"].detail == "unlimited; 5/s burst 10"


def test_a_source_that_is_switched_off_is_not_looked_at() -> None:
    assert "budget grok" not in found(sources__grok__enabled="no")


def test_all_measures_of_a_budget_are_named() -> None:
    findings = found(
        sources__sonar__budget__usd_per_day="2.5",
        sources__sonar__budget__tokens_per_day="1000000",
        sources__sonar__budget__calls_per_day="400",
        sources__sonar__budget__time_zone="America/Los_Angeles",
    )
    detail = "$2.50, 1,000,000 tokens, 400 calls a day, until midnight in America/Los_Angeles; 1/s"
    assert findings["budget sonar"].detail == detail


@pytest.mark.parametrize("measure", ["usd_per_day", "tokens_per_day", "calls_per_day"])
def test_a_budget_of_nothing_is_warned_of(measure: str) -> None:
    finding = found(**{f"sources__grok__budget__{measure}": "0"})["budget grok"]
    assert finding.state is State.WARNING
    assert f"sources.grok.budget.{measure}" in finding.fix


def test_a_paid_model_without_a_bound_on_dollars_is_warned_of(tmp_path: Path) -> None:
    settings = read_configuration(environment={}).settings
    grok = settings.sources.grok
    unbound = evolve(grok, budget=evolve(grok.budget, usd_per_day=None))
    settings = evolve(settings, sources=evolve(settings.sources, grok=unbound))
    (finding,) = [each for each in vendor_findings(settings) if each.name == "budget grok"]
    assert finding.state is State.WARNING
    assert finding.fix == "set sources.grok.budget.usd_per_day"


def test_limits_that_cannot_keep_up_are_warned_of() -> None:
    finding = found(sources__massive__limits="5/s, within 1/h")["limits massive"]
    assert finding.state is State.WARNING
    assert "an opinion is due every 15 s" in finding.detail
    assert "sources.massive.limits" in finding.fix


def test_a_breaker_that_finds_nothing_slow_is_warned_of() -> None:
    finding = found(sources__massive__breaker__slow_s="4")["breaker massive"]
    assert finding.state is State.WARNING
    assert "given up after 4 s" in finding.detail


def test_words_need_the_key_of_the_model_that_writes_them() -> None:
    assert "reasoning" not in found()
    keyless = found(reasoning__enabled="yes")["reasoning"]
    assert keyless.state is State.FAULT
    assert keyless.detail == "grok has no key"
    good = found(reasoning__enabled="yes", sources__grok__key="open-sesame")["reasoning"]
    assert good.state is State.GOOD
    assert good.detail == "grok-4.20-non-reasoning of grok, up to $1.00 a day"


async def one_finding(redis: Redis, clock: SystemClock | FakeClock | None = None) -> Finding:
    (finding,) = await shared_findings(redis, clock or SystemClock())
    return finding


async def test_without_a_server_memory_alone_is_good() -> None:
    finding = await one_finding(Redis())
    assert (finding.state, finding.fix) == (State.GOOD, "")


async def test_a_server_that_answers_is_good() -> None:
    async with server_url(None) as url:
        assert not isinstance(url, NoServer), url.problem
        finding = await one_finding(Redis(url=Secret(url), timeout_ms=5_000))
    assert finding.state is State.GOOD
    assert "keys begin with argo" in finding.detail
    assert re.search(r"\((valkey|redis) [0-9]+\.[0-9.]+\) answers in", finding.detail)


async def test_a_server_that_is_not_there_is_a_fault_without_its_password() -> None:
    url = Secret("redis://:open-sesame@127.0.0.1:1/0")
    finding = await one_finding(Redis(url=url))
    assert finding.state is State.FAULT
    assert finding.detail.startswith("127.0.0.1:1: ")
    assert "correct ARGO_REDIS_URL" in finding.fix
    assert "open-sesame" not in str(finding)


async def test_an_address_that_redis_itself_refuses_is_a_fault_without_its_password() -> None:
    finding = await one_finding(Redis(url=Secret("redis://:open-sesame@h?socket_timeout=x")))
    assert finding.state is State.FAULT
    assert "open-sesame" not in str(finding)


@asynccontextmanager
async def slow_server(clock: FakeClock, seconds: float) -> AsyncIterator[str]:
    """It knows one answer, and takes so long for each on that clock."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line.strip() == b"PING":
                await clock.advance(seconds)
                writer.write(b"+PONG\r\n")
            elif line.strip() in {b"SETINFO", b"SELECT"}:
                writer.write(b"+OK\r\n")
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_server_that_answers_too_late_is_warned_of() -> None:
    clock = FakeClock()
    async with slow_server(clock, 0.2) as url:
        finding = await one_finding(Redis(url=Secret(url)), clock)
    assert finding.state is State.WARNING
    assert "answers in 200.0 ms" in finding.detail
    assert "redis.timeout_ms from 50" in finding.fix

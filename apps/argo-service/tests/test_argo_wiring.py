"""Vendors from settings, fingerprints, the still clock, and what the doctor looks at."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from attrs import evolve

from argo_adapters.clocks.system import SystemClock
from argo_adapters.http.client import open_session
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR
from argo_core.errors import VendorRefused, VendorUnavailable
from argo_core.market.instrument import instrument
from argo_core.resilience.queue import Urgency
from argo_core.resilience.secret import Secret
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_service.address import reserve
from argo_service.api_keys import ApiKeyFile, Scope, keys_path
from argo_service.checkup import local_findings, remote_findings
from argo_service.config.tree import Listen, Settings
from argo_service.errors import CannotListen
from argo_service.finding import State
from argo_service.fingerprint import code_sha256, config_sha256
from argo_service.settings import Configuration, read_configuration
from argo_service.still_clock import StillClock
from argo_service.turnstiles import Turnstiles, build_turnstiles
from argo_service.vendors import Vendors, plug_in, plug_in_stream

AAPL = (instrument("AAPL"),)


def turned(settings: Settings, pace: float = 1.0) -> Turnstiles:
    return build_turnstiles(
        settings, FakeClock(), chance=lambda: 0.0, observer=FakeObserver(), pace=pace
    )


def plugged(settings: Settings, session: ClientSession) -> Vendors:
    turnstiles = turned(settings)
    return plug_in(settings, session, FakeClock(), lambda _: None, turnstiles=turnstiles)


async def test_without_keys_every_vendor_refuses_and_names_its_variable() -> None:
    async with open_session() as session:
        vendors = plugged(Settings(), session)
        for source in vendors.sources:
            with pytest.raises(VendorRefused, match=f"ARGO_SOURCES__{source.name.upper()}__KEY"):
                await source.opinions(AAPL, BEGINNING)
        with pytest.raises(VendorRefused, match="ARGO_ALPACA__KEY_ID") as caught:
            await vendors.prices.quotes(AAPL)
        assert caught.value.calls == 0
        with pytest.raises(VendorRefused):
            await vendors.history.minute_bars(AAPL, BEGINNING, BEGINNING)


async def test_with_keys_every_vendor_is_the_real_one_and_hides_its_key() -> None:
    key = Secret("open-sesame")
    settings = Settings()
    settings = evolve(
        settings,
        sources=settings.sources.each(lambda _: {"key": key}),
        alpaca=evolve(settings.alpaca, key_id=key, secret_key=key),
    )
    async with open_session() as session:
        vendors = plugged(settings, session)
        names = {source.name: type(source).__name__ for source in vendors.sources}
        assert names == {
            MASSIVE: "MassiveTechnicals",
            ALPHA_VANTAGE: "AlphaVantageOpinions",
            GROK: "GrokOpinions",
            SONAR: "SonarOpinions",
        }
        assert vendors.prices is vendors.history
        assert "open-sesame" not in f"{vendors} {vars(vendors.sources[2])}"


async def test_the_stream_of_market_data_needs_its_keys_and_can_be_switched_off() -> None:
    key = Secret("open-sesame")
    keyed = evolve(Settings(), alpaca=evolve(Settings().alpaca, key_id=key, secret_key=key))
    few = evolve(keyed, trading=evolve(keyed.trading, stream_symbols=1), symbols=("NVR", "AAPL"))
    off = evolve(keyed, trading=evolve(keyed.trading, stream=False))
    halves = [
        evolve(keyed, alpaca=evolve(keyed.alpaca, **{name: None}))
        for name in ("key_id", "secret_key")
    ]
    async with open_session() as session:
        stream = plug_in_stream(few, session, FakeClock())
        assert repr(stream) == "AlpacaMarketStream(wss://stream.data.alpaca.markets/v2/iex)"
        assert "open-sesame" not in repr(vars(stream))
        for without in (Settings(), off, *halves):
            assert plug_in_stream(without, session, FakeClock()) is None


async def test_a_source_switched_off_is_not_plugged_in() -> None:
    variables = {"ARGO_SOURCES__GROK__ENABLED": "no", "ARGO_SYMBOLS": "AAPL, BTC/USD"}
    settings = (await asyncio.to_thread(read_configuration, None, variables)).settings
    async with open_session() as session:
        vendors = plugged(settings, session)
    assert GROK not in {source.name for source in vendors.sources}
    assert settings.symbols == ("AAPL", "BTC/USD")


async def test_every_vendor_has_a_turnstile_with_the_limits_of_the_settings() -> None:
    settings = Settings()
    turnstiles = turned(settings)
    assert set(turnstiles) == {*settings.limits(), "yfinance"}
    assert turnstiles[MASSIVE].tokens == (10.0,)
    assert turnstiles[ALPHA_VANTAGE].tokens == (4.0,)
    async with turnstiles[GROK].call(Urgency.REFRESH, 0.0):
        pass
    assert turnstiles[GROK].ready_in_s == pytest.approx(1.0, abs=0.01)
    played = turned(settings, pace=60.0)[GROK]
    async with played.call(Urgency.REFRESH, 0.0):
        pass
    # A second of the vendor is a sixtieth of ours.
    with pytest.raises(VendorUnavailable):
        async with played.call(Urgency.REFRESH, 0.005):
            pass


def test_the_configurations_hash_follows_what_changes_signals_and_nothing_else() -> None:
    base = Settings()
    said = config_sha256(base)
    key = Secret("open-sesame")
    same = (
        evolve(base, listen=Listen(port=1)),
        evolve(base, database=Path("elsewhere")),
        evolve(base, sources=base.sources.each(lambda _: {"key": key, "base_url": "https://x"})),
    )
    other = (
        evolve(base, seed=1),
        evolve(base, symbols=("AAPL",)),
        evolve(base, consensus=evolve(base.consensus, theta_bp=7_000)),
        evolve(base, sources=base.sources.each(lambda _: {"half_life_s": 1.0})),
    )
    assert {config_sha256(each) for each in same} == {said}
    assert len({config_sha256(each) for each in other} | {said}) == 1 + len(other)


def test_the_codes_hash_is_the_same_each_time() -> None:
    assert code_sha256() == code_sha256()


async def test_a_still_clock_stands_while_waiting_and_measuring_go_on() -> None:
    under = FakeClock()
    clock = StillClock(BEGINNING, under)
    before = clock.monotonic()
    waiting = asyncio.ensure_future(clock.sleep(5))
    await under.advance(5)
    await waiting
    assert clock.now() == BEGINNING
    assert clock.monotonic() == before + 5
    with pytest.raises(TimeoutError):
        async with clock.timeout(1):
            await asyncio.gather(under.advance(2), asyncio.Event().wait())


def findings(settings: Settings, **origins: str) -> dict[str, Any]:
    configuration = Configuration(settings, origins)
    found = local_findings(configuration, SystemClock().now())
    return {finding.name: finding for finding in found}


def test_the_doctor_warns_of_a_reachable_host_without_keys(tmp_path: Path) -> None:
    settings = evolve(
        Settings(),
        database=tmp_path / "argo.sqlite3",
        listen=Listen(host="0.0.0.0", port=0),  # noqa: S104 - it is what is warned of
    )
    assert findings(settings)["api keys"].state is State.FAULT
    file = ApiKeyFile(keys_path(settings.database))
    now = SystemClock().now()
    file.add("reader", frozenset({Scope.READ}), now, now + timedelta(days=1))
    assert findings(settings)["api keys"].detail == "1 of 1 are alive"
    keys_path(settings.database).chmod(0o644)
    assert "chmod 600" in findings(settings)["api keys"].fix
    keys_path(settings.database).write_bytes(b"scrambled" * 100)
    assert findings(settings)["api keys"].state is State.FAULT


def test_the_doctor_warns_of_a_key_file_that_others_can_read(tmp_path: Path) -> None:
    key = tmp_path / "grok.key"
    key.write_text("open-sesame")
    key.chmod(0o644)
    variables = {
        "ARGO_SOURCES__GROK__KEY_FILE": str(key),
        "ARGO_DATABASE": str(tmp_path / "absent" / "argo.sqlite3"),
        "ARGO_YFINANCE__ENABLED": "false",
    }
    configuration = read_configuration(environment=variables)
    found = {each.name: each for each in local_findings(configuration, SystemClock().now())}
    assert found["sources.grok.key_file"].fix == f"chmod 600 {key}"
    assert found["sources.grok.key"].state is State.GOOD
    assert found["database"].state is State.FAULT
    assert found["fallback prices"].state is State.WARNING


def test_the_doctor_warns_when_the_calendar_runs_out() -> None:
    late = SystemClock().now().replace(year=2028, month=12, day=15)
    found = {each.name: each for each in local_findings(Configuration(Settings(), {}), late)}
    assert found["calendar"].state is State.FAULT


@pytest.mark.parametrize(
    ("date", "state"),
    [("Thu, 01 Jan 1970 00:00:00 GMT", State.FAULT), ("yesterday", None), (None, None)],
)
async def test_the_doctor_compares_our_clock_with_the_vendors(
    date: str | None, state: State | None
) -> None:
    async def answer(_request: web.Request) -> web.Response:
        response = web.Response(status=401)
        if date is not None:
            response.headers["Date"] = date
        return response

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    async with TestServer(app) as server:
        url = str(server.make_url("/")).rstrip("/")
        base = Settings()
        settings = evolve(
            base,
            sources=base.sources.each(lambda _: {"base_url": url}),
            alpaca=evolve(base.alpaca, base_url=url),
        )
        found = [
            finding async for finding in remote_findings(Configuration(settings, {}), SystemClock())
        ]
    reached = [each for each in found if each.name.startswith("reach")]
    assert len(reached) == 5
    assert {each.state for each in reached} == {State.GOOD}
    clocks = {each.state for each in found if each.name == "clock"}
    assert clocks == ({state} if state else set())


@pytest.mark.parametrize("host", ["\ud800", "a..b", "1" * 300, "256.1.1.1"])
def test_a_host_that_is_no_host_is_said_so(host: str) -> None:
    with pytest.raises(CannotListen, match="cannot listen on"):
        reserve(Listen(host=host, port=0))


def test_an_address_is_had_by_one_alone_before_anybody_serves_it() -> None:
    with reserve(Listen(port=0)) as first:
        port = first.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}"):
            reserve(Listen(port=port))

"""A small engine with stand-ins outside and a real log, and the API around it."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from attrs import define

from argo_adapters.calendar.session_table import UNTIL, load_session_table
from argo_adapters.keys.ed25519 import Ed25519Signer, verify_ed25519
from argo_adapters.observers.fan_out import FanOut
from argo_adapters.observers.prometheus import PrometheusMetrics
from argo_adapters.sqlite.log import SqliteLog
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.cycle import Cycle
from argo_core.engine.engine import Engine
from argo_core.engine.outside import Outside, Registration
from argo_core.engine.publication import Publication
from argo_core.execution.trader import Trader
from argo_core.ledger.policy import Policy
from argo_core.market.instrument import instrument
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_quotes import FakeQuotes
from argo_core.testing.fake_source import FakeSource
from argo_service.api.app import Served, build_app
from argo_service.api.engine_probes import engine_probes
from argo_service.api.keyring import Keyring
from argo_service.api.standby_probes import standby_probes
from argo_service.api.store_probe import write_probe
from argo_service.api.trading_health import trading_probe
from argo_service.api_keys import ApiKeyFile
from argo_service.backtesting.desk import Desk
from argo_service.config.tree import Api
from argo_service.standing_by.post import Post
from argo_service.tally import Tally

MORNING = datetime(2024, 11, 25, 15, 0, tzinfo=UTC)
# Read here, because the event loop must not wait for a file.
CALENDAR = load_session_table()
SYMBOLS = ("AAPL", "BRK.B", "BTC/USD")
ORIGIN = "argo.test/signals"
STRENGTHS = {"AAPL": 0.9, "BRK.B": -0.9, "BTC/USD": 0.1}


@define
class Station:
    """An engine of four sources that agree, with its log and API."""

    clock: FakeClock
    engine: Engine
    log: SqliteLog
    publication: Publication
    quotes: FakeQuotes
    sources: dict[SourceName, FakeSource]
    client: "TestClient[web.Request, web.Application]"
    keys: ApiKeyFile
    keyring: Keyring
    tally: Tally
    prose: dict[str, tuple[str, str]]

    async def cycle(self, seconds: float = 5.0) -> Cycle:
        """Let a beat pass and run a cycle in which every source answers."""
        await self.clock.advance(seconds)
        cycle = await self.engine.cycle(wait=True)
        await self.published()
        return cycle

    async def published(self) -> None:
        """Wait until all that is in the log is public."""
        self.publication.offer()
        await self.publication.beyond((await self.log.head()).size - 1)

    def say(self, symbol: str, strength: float) -> None:
        for source in self.sources.values():
            source.say(symbol, strength)


@pytest.fixture
def clock() -> FakeClock:
    """The clock of everything at the station."""
    return FakeClock(MORNING)


@pytest.fixture
def trader() -> Trader | None:
    """Whoever trades there; the tests of trading have somebody who does."""
    return None


@pytest.fixture
def post() -> Post | None:
    """Its place beside a standby; the tests of taking turns give it one."""
    return None


@pytest.fixture
def desk() -> Desk | None:
    """Where backtests are asked for there; their tests have one."""
    return None


@pytest.fixture
def api() -> Api:
    """What the API there is bounded by."""
    return Api()


@pytest.fixture
async def station(
    tmp_path: Path,
    *,
    clock: FakeClock,
    api: Api,
    trader: Trader | None,
    desk: Desk | None,
    post: Post | None,
) -> AsyncIterator[Station]:
    quotes = FakeQuotes(clock)
    sources = {name: FakeSource(name) for name in (MASSIVE, ALPHA_VANTAGE, GROK, SONAR)}
    for symbol, strength in STRENGTHS.items():
        quotes.price(symbol, "100.00")
        for source in sources.values():
            source.say(symbol, strength)
    tally, metrics = Tally(clock), PrometheusMetrics()
    signer = Ed25519Signer(ORIGIN, b"\x01" * 32)
    async with SqliteLog.open(tmp_path / "argo.sqlite3", signer) as log:
        publication = Publication(
            log, Policy(signer.key), (), verify_ed25519, clock=clock, observer=FakeObserver()
        )
        await publication.start()
        engine = Engine(
            Profile(),
            tuple(map(instrument, SYMBOLS)),
            Outside(
                sources=tuple(sources.values()),
                quotes=(quotes,),
                calendar=CALENDAR,
                log=log,
                index=log,
                clock=clock,
                observer=FanOut(tally, metrics),
            ),
            Registration(ORIGIN, "test", "0" * 64, "1" * 64),
        )
        await engine.start()
        # What the engine wrote when it started.
        publication.offer()
        keys = ApiKeyFile(tmp_path / "argo.sqlite3.keys")
        keyring = Keyring(keys, clock)
        probes = (
            *engine_probes(engine, log, tally, clock, UNTIL),
            write_probe(tmp_path / "argo.sqlite3"),
        )
        if trader is not None:
            probes += (trading_probe(trader, clock),)
        if post is not None:
            probes += standby_probes(post, log, clock)
        prose: dict[str, tuple[str, str]] = {}
        served = Served(
            engine,
            log,
            log,
            clock,
            metrics,
            tally,
            probes,
            notice="simulated vendors",
            prose_of=prose.get,
            publication=publication,
            trading=trader,
            backtests=desk,
            post=post,
        )
        app = build_app(served, keyring, api)
        await publication.beyond(0)
        async with TestClient(TestServer(app)) as client:
            yield Station(
                clock,
                engine,
                log,
                publication,
                quotes,
                sources,
                client,
                keys,
                keyring,
                tally,
                prose,
            )
        await engine.stop()
        await publication.stop()


KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}


def conforms(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> list[str]:
    """How `value` departs from the part of JSON Schema that we write."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/components/schemas/")
        return conforms(value, schemas[name], schemas, where)
    if "anyOf" in schema:
        tried = [conforms(value, each, schemas, where) for each in schema["anyOf"]]
        return [] if [] in tried else [f"{where}: {value!r} is none of them: {tried}"]
    if not isinstance(value, KINDS[schema["type"]]):
        return [f"{where}: {value!r} is no {schema['type']}"]
    if value not in schema.get("enum", [value]):
        return [f"{where}: {value!r} is not listed"]
    if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
        return [f"{where}: {value!r} does not match"]
    return inside(value, schema, schemas, where)


def inside(value: Any, schema: dict[str, Any], schemas: dict[str, Any], where: str) -> list[str]:
    wrong: list[str] = []
    if isinstance(value, list):
        for place, each in enumerate(value):
            wrong += conforms(each, schema["items"], schemas, f"{where}[{place}]")
    if isinstance(value, dict):
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        wrong += [
            f"{where}.{name} is missing" for name in schema.get("required", ()) if name not in value
        ]
        wrong += [
            f"{where}.{name} is not described" for name in value if not known.get(name, others)
        ]
        for name, each in value.items():
            if kind := known.get(name, others):
                wrong += conforms(each, kind, schemas, f"{where}.{name}")
    return wrong


@pytest.fixture
def conforming() -> Callable[[Any, dict[str, Any], dict[str, Any]], list[str]]:
    """How an answer departs from its schema, given the schemas that this one names."""
    return lambda value, schema, schemas: conforms(value, schema, schemas, "body")

"""The recorded day as vendors on this machine, and Argo's settings pointed at them."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from secrets import token_hex
from typing import Final
from zoneinfo import ZoneInfo

from attrs import evolve

from argo_adapters.redis.launcher import NoServer
from argo_adapters.simulator.app import VENDORS, Simulator, serving, simulate
from argo_adapters.simulator.faults import Fault
from argo_adapters.simulator.simulation import KEY
from argo_core.backtest.tape import Tape
from argo_core.codec.plain import rfc3339
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, SourceName
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.market.instrument import parse_symbol
from argo_core.ports import Clock
from argo_core.resilience.secret import Secret
from argo_service.config.log import Log
from argo_service.config.trading import PAPER, AlpacaBroker, Trading
from argo_service.config.tree import Settings

NOTICE: Final = "simulated vendors, recorded prices"
CAPITAL: Final = Decimal(1_000_000)
"""One share of the tapes' stocks costs up to nine thousand dollars, 5 % may go into an order."""

PATIENCE_S: Final = 60.0
"""Such stocks trade less than once a beat, and an order on paper waits for the next price."""

# Read once at import, because reading a zone's file would block the loop.
_NEW_YORK: Final = ZoneInfo("America/New_York")
_SETTLED = timedelta(minutes=30)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
# The library behind the fallback is called yfinance, the vendor behind the library Yahoo.
_YAHOO: Final = "yahoo"
_ALIASES: Final = {"yfinance": _YAHOO}
# Alpha Vantage's default limit is that of its old free plan; the simulated key has a better one.
_SIMULATED_PLAN: Final = ("within 600/min burst 20",)
# Where vendors count nothing, neither do we.
_UNLIMITED: Final = ("100000000/s burst 100000000",)


def opening(tape: Tape, at: str | None) -> datetime:
    """The moment of the played day that `at`, `HH:MM` in New York, means.

    Without it, half an hour after the open: by then the day has a direction to have opinions on.

    Raises:
        InvalidInput: it is no time of day, or the tape is not playing then.
    """
    if at is None:
        return min(tape.starts + _SETTLED, tape.ends - _SETTLED)
    found = _TIME.fullmatch(at)
    if not found:
        fix = "write New York time like 10:30"
        raise InvalidInput("--at", f"{at[:20]!r} is not a time", fix)
    day = tape.starts.astimezone(_NEW_YORK)
    moment = day.replace(hour=int(found[1]), minute=int(found[2])).astimezone(UTC)
    if moment < tape.starts:
        # A tape of crypto alone begins at midnight UTC, which is the evening before in New York.
        moment += timedelta(days=1)
    if moment >= tape.ends:
        first, last = (edge.astimezone(_NEW_YORK) for edge in (tape.starts, tape.ends))
        fix = f"give a time from {first:%H:%M} to before {last:%H:%M}"
        raise InvalidInput("--at", f"{tape.name} does not play at {at}", fix)
    return moment


def new_york(moment: datetime) -> datetime:
    """The same moment on the clocks of New York."""
    return moment.astimezone(_NEW_YORK)


def parse_breaks(texts: Sequence[str]) -> Mapping[str, Fault]:
    """`VENDOR=FAULT` of the command line.

    Raises:
        InvalidInput: there is no such vendor or no such fault.
    """
    vendors = [vendor.name for vendor in VENDORS]
    broken: dict[str, Fault] = {}
    for text in texts:
        named, _, fault = text.partition("=")
        vendor = _ALIASES.get(named, named)
        if vendor not in vendors:
            raise InvalidInput(
                "--break", f"{named[:40]!r} is no vendor", f"use {', '.join(vendors)}"
            )
        if fault not in list(Fault):
            problem = f"{fault[:40]!r} is no fault"
            raise InvalidInput("--break", problem, f"write {named}=one of {', '.join(Fault)}")
        broken[vendor] = Fault(fault)
    return broken


@asynccontextmanager
async def staged(
    tape: Tape,
    clock: Clock,
    *,
    latency_scale: float = 1.0,
    limits: bool = True,
    broken: Mapping[str, Fault] | None = None,
) -> AsyncIterator[Simulator]:
    """The vendors, serving on the loopback until the block ends."""
    app = await asyncio.to_thread(
        simulate, tape, clock, latency_scale=latency_scale, limits=limits, seed=tape.seed
    )
    async with serving(app) as simulator:
        for vendor, fault in (broken or {}).items():
            simulator.break_vendor(vendor, fault)
        yield simulator


def point_at(
    simulator: Simulator, settings: Settings, tape: Tape, symbols: Sequence[str], database: Path
) -> Settings:
    """`settings` with every vendor on the stage, and the tape's symbols, or those named.

    Their limits are switched off where the vendors' own are. Whoever trades does so on paper.

    Raises:
        InvalidInput: a symbol is not on the tape.
    """
    known = [str(one.symbol) for one in tape.instruments]
    for symbol in map(parse_symbol, symbols):
        if symbol not in known:
            fix = f"use some of {', '.join(known)}"
            raise InvalidInput("--symbols", f"{symbol} is not on the tape", fix)
    key = Secret(KEY)

    def changes(name: SourceName) -> Mapping[str, object]:
        # xAI's base address ends in the version; the others have it in their paths.
        base_url = simulator.url(name) + ("/v1" if name == GROK else "")
        changed: dict[str, object] = {"base_url": base_url, "key": key, "enabled": True}
        if not simulator.limits:
            changed["limits"] = _UNLIMITED
        elif name == ALPHA_VANTAGE:
            changed["limits"] = _SIMULATED_PLAN
        return changed

    return evolve(
        settings,
        symbols=tuple(symbols) or tuple(known),
        database=database,
        sources=settings.sources.each(changes),
        alpaca=evolve(
            settings.alpaca,
            base_url=simulator.url("alpaca"),
            key_id=key,
            secret_key=key,
            limits=settings.alpaca.limits if simulator.limits else _UNLIMITED,
        ),
        log=log_of(tape, settings),
        trading=on_paper(settings.trading),
    )


def on_paper(own: Trading) -> Trading:
    """Whatever account the settings name, signals of a recorded day are traded on paper alone."""
    if not own.enabled:
        return own
    return evolve(
        own,
        broker=PAPER,
        live=False,
        journal=None,
        alpaca=AlpacaBroker(),
        entry_patience_s=max(PATIENCE_S, own.entry_patience_s),
        capital=CAPITAL if own.capital == Trading().capital else own.capital,
    )


def log_of(tape: Tape, settings: Settings) -> Log:
    """A log of the tape's own: no key, witness or reader of another log has to do with it."""
    return Log(name=f"argo.demo/{tape.name}", strategy=settings.log.strategy)


def dressed(settings: Settings, server: str | NoServer) -> Settings:
    """`settings` with everything a demo shows: words by a language model, and shared state.

    Every demo has a namespace of its own, because its days are recorded ones that come again.
    """
    url = None if isinstance(server, NoServer) else Secret(server)
    namespace = f"demo-{token_hex(8)}"
    return evolve(
        settings,
        reasoning=evolve(settings.reasoning, enabled=True),
        redis=evolve(settings.redis, url=url, namespace=namespace),
    )


def refuse_after_the_end(tape: Tape, moment: datetime) -> None:
    """Raise InvalidSetting when the tape has been played to its end already."""
    if moment >= tape.ends:
        problem = f"{tape.name} was played to its end at {rfc3339(tape.ends)}"
        raise InvalidSetting("demo", problem, "start again with --fresh")


def yahoo_url(simulator: Simulator) -> str:
    """Where the fallback finds its prices on the stage."""
    return simulator.url(_YAHOO)

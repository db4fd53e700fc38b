"""The demo: simulator, engine and API in one process, from the opening to the summary."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from socket import socket
from typing import Any

from attrs import define, frozen

from argo_adapters.clocks.system import SystemClock
from argo_adapters.clocks.tape import TapeClock
from argo_adapters.redis.launcher import server_url
from argo_adapters.simulator.faults import Fault
from argo_adapters.sqlite.verify import Verification
from argo_core.backtest.tape import Tape
from argo_core.engine.engine import Engine
from argo_core.engine.loop import run as run_loop
from argo_core.execution.trader import Trader
from argo_core.market.moment import from_micros
from argo_core.ports import Observer
from argo_service.api.app import build_app
from argo_service.api.keyring import Keyring
from argo_service.api_keys import ApiKeyFile, keys_path
from argo_service.cli.listen import listening
from argo_service.cli.output import called, console, write_line
from argo_service.cli.stop import stop_wish
from argo_service.config.tree import Settings
from argo_service.demo.plain import PlainView
from argo_service.demo.record import DemoRecord
from argo_service.demo.screen import Screen
from argo_service.demo.stage import (
    NOTICE,
    dressed,
    new_york,
    point_at,
    refuse_after_the_end,
    staged,
    yahoo_url,
)
from argo_service.demo.summary import check_log, sentences, summary
from argo_service.demo.trading_views import trading_sentences, trading_summary
from argo_service.folder import make_folder_of
from argo_service.record import opened_log
from argo_service.running import Running
from argo_service.tally import Tally
from argo_service.wiring import running


@frozen
class Wishes:
    """What the command line asked for; `seconds` is wall time, `reserved` the API's socket."""

    record: DemoRecord
    begins: datetime
    speed: float
    seconds: float | None
    plain: bool
    fresh: bool
    symbols: tuple[str, ...]
    broken: Mapping[str, Fault]
    reserved: socket

    @property
    def tape(self) -> Tape:
        return self.record.tape

    @property
    def database(self) -> Path:
        return self.record.database


@define
class _Seat:
    """Where a view finds the engine, which is made after it."""

    argo: Running | None = None

    def engine(self) -> Engine | None:
        return self.argo.engine if self.argo else None

    def tally(self) -> Tally | None:
        return self.argo.tally if self.argo else None

    def trader(self) -> Trader | None:
        return self.argo.trader if self.argo else None

    def prose_of(self, signal_id: str) -> tuple[str, str] | None:
        return self.argo.prose_of(signal_id) if self.argo else None


async def play(wishes: Wishes, settings: Settings) -> dict[str, Any]:
    """Play until somebody stops it, its time is over or the tape ends; returns the summary.

    Raises:
        InvalidInput: a wish cannot be met.
        LogError: the database cannot be used.
    """
    begins = await asyncio.to_thread(_prepare, wishes)
    if not wishes.fresh and await asyncio.to_thread(wishes.database.exists):
        begins = max(begins, await _continued(wishes, settings))
    refuse_after_the_end(wishes.tape, begins)
    seat = _Seat()
    # To the very end, so that an impatient second Ctrl-C does not cost the summary.
    with stop_wish() as stop:
        argo = await _played(wishes, settings, begins, seat, stop)
        checked = await asyncio.to_thread(check_log, wishes.database, argo.log.key)
        _say(wishes, argo, checked, await asyncio.to_thread(called))
        result = summary(argo.tally, checked)
        if argo.trader is not None:
            now = argo.clock.now()
            result["trading"] = trading_summary(argo.trader, argo.tally.trading, now)
        return result


def _prepare(wishes: Wishes) -> datetime:
    make_folder_of(wishes.database)
    if wishes.fresh:
        wishes.record.forget()
    return wishes.begins


async def _continued(wishes: Wishes, settings: Settings) -> datetime:
    """One beat after the last recorded moment."""
    async with opened_log(wishes.record.settings(settings)) as log:
        head = await log.head()
    last = from_micros(head.last_decided_us or 0)
    return last + timedelta(seconds=settings.consensus.beat_s)


async def _played(
    wishes: Wishes, settings: Settings, begins: datetime, seat: _Seat, stop: asyncio.Event
) -> Running:
    # The vendors' clock starts here, and the engine's is the same one.
    clock = TapeClock(begins, wishes.speed)
    async with (
        server_url(_operators(settings)) as server,
        staged(wishes.tape, clock, latency_scale=wishes.speed, broken=wishes.broken) as simulator,
    ):
        pointed = point_at(simulator, settings, wishes.tape, wishes.symbols, wishes.database)
        dressed_up = dressed(wishes.record.settings(pointed), server)
        with _view(wishes, seat) as view:
            async with running(
                dressed_up,
                clock,
                (view,),
                yahoo_url=yahoo_url(simulator),
                pace=wishes.speed,
                recorded=True,
            ) as argo:
                seat.argo = argo
                async with _served(wishes, argo) as address:
                    _announce(wishes, view, address, f"the log's key: {argo.log.key}")
                    timer = asyncio.create_task(_stop_after(wishes.seconds, stop))
                    try:
                        await run_loop(
                            argo.engine, clock, argo.observer, stop, until=wishes.tape.ends
                        )
                    finally:
                        timer.cancel()
                        await asyncio.gather(timer, return_exceptions=True)
    return argo


def _operators(settings: Settings) -> str | None:
    return None if settings.redis.url is None else settings.redis.url.reveal()


@contextmanager
def _view(wishes: Wishes, seat: _Seat) -> Iterator[Observer]:
    if wishes.plain:
        yield PlainView(seat.engine)
        return
    views = seat.engine, seat.tally, NOTICE, seat.prose_of
    with Screen(console(), *views, trader=seat.trader) as screen:
        yield screen


def _announce(wishes: Wishes, view: object, address: str, key: str) -> None:
    where = f"{address}   database {wishes.database}   Ctrl-C ends it"
    if isinstance(view, Screen):
        view.where = where
        view.say(key)
    else:
        begins = new_york(wishes.begins)
        write_line(f"{NOTICE}: {wishes.tape.name}, {begins:%A %d %B %Y}, speed {wishes.speed:g}")
        write_line(where)
        write_line(key)


@asynccontextmanager
async def _served(wishes: Wishes, argo: Running) -> AsyncIterator[str]:
    keyring = Keyring(ApiKeyFile(keys_path(wishes.database)), SystemClock())
    app = build_app(argo.served(NOTICE), keyring, argo.settings.api)
    async with listening(app, wishes.reserved) as address:
        yield address


async def _stop_after(seconds: float | None, stop: asyncio.Event) -> None:
    if seconds is not None:
        await SystemClock().sleep(seconds)
        stop.set()


def _say(wishes: Wishes, argo: Running, checked: Verification, program: str) -> None:
    write_line("")
    for sentence in sentences(argo.tally):
        write_line(sentence)
    if argo.trader is not None:
        for line in trading_sentences(argo.trader, argo.tally.trading, argo.clock.now()):
            write_line(line)
    if checked.verified:
        write_line(f"{wishes.database}: {checked.size} entries, verified, root {checked.root}")
        command = f"{program} verify {wishes.database} --log-key {argo.log.key}"
        write_line(f"check it yourself: {command}")
    else:
        write_line(f"{wishes.database}: NOT verified: {'; '.join(checked.problems)}")

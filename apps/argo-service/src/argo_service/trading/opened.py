"""Trading, opened in order and closed in reverse: journal, broker, trader, what they are told."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Final

from attrs import frozen

from argo_adapters.brokers.alpaca.library import require_library
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.brokers.paper import PaperBroker
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_adapters.sqlite.trading_journal import SqliteTradingJournal
from argo_core.engine.outside import Trading
from argo_core.engine.untraced import UNTRACED
from argo_core.errors import InvalidSetting
from argo_core.events import TradingAlarm
from argo_core.execution.trader import Trader
from argo_core.ports import (
    Broker,
    Calendar,
    Clock,
    Liquidity,
    MarketStream,
    Observer,
    Tracer,
    Turnstile,
)
from argo_core.resilience.secret import Secret
from argo_service.config.reader import variable_of
from argo_service.config.tree import Settings
from argo_service.folder import make_folder_of
from argo_service.trading.floor import PaperFloor
from argo_service.trading.limits_in_force import LimitsInForce
from argo_service.trading.live_market import LiveMarket
from argo_service.trading.policy import account_of, paper_of, policy_of
from argo_service.trading.sectors import read_sectors
from argo_service.trading.turnover import keep_turnover

_NO_TURNOVER: Final = (
    "nothing is bought: nobody can be asked how much trades in a day; set"
    f" {variable_of('alpaca.key_id')} and {variable_of('alpaca.secret_key')}"
)


@frozen
class Outlook:
    """What trading is told and tells.

    `liquidity` is None where nobody can be asked for it, and so is `stream`; `turnstile` is the
    outside broker's. `tracer` is told how long orders take. Without `limits` those of the settings
    stay what they are.
    """

    clock: Clock
    observer: Observer
    calendar: Calendar
    turnstile: Turnstile | None = None
    liquidity: Liquidity | None = None
    stream: MarketStream | None = None
    tracer: Tracer = UNTRACED
    limits: LimitsInForce | None = None


@frozen
class OpenTrading:
    """Whoever trades, and what the engine knows of it."""

    trader: Trader
    side: Trading


def refuse_what_cannot_trade(settings: Settings) -> None:
    """Say what is missing for trading before anything is made or written.

    Raises:
        InvalidSetting: a key of the broker's is missing, or its library is.
    """
    if settings.trading.asks_outside:
        _outside(settings)
        require_library()


def traded_account(settings: Settings) -> str:
    """What the journal calls the account.

    Raises:
        InvalidSetting: a key of the broker's is missing.
    """
    outside = _outside(settings) if settings.trading.asks_outside else None
    return account_of(settings, outside.name if outside else paper_of(settings).name)


@asynccontextmanager
async def opened_trading(settings: Settings, outlook: Outlook) -> AsyncIterator[OpenTrading]:
    """Begin to trade; at the end stop, and leave at the broker what protects positions.

    Raises:
        InvalidSetting: a key is missing, the sectors cannot be read, or the journal is another's.
        JournalError: the journal cannot be used.
        BrokerError: the paper account cannot be used.
    """
    own, clock = settings.trading, outlook.clock
    outside = _outside(settings) if own.asks_outside else None
    account = traded_account(settings)
    sectors = await asyncio.to_thread(read_sectors, own.sectors_file)
    path = own.journal_of(settings.database)
    await asyncio.to_thread(make_folder_of, path)
    async with AsyncExitStack() as stack:
        journal = await stack.enter_async_context(SqliteTradingJournal.open(path, account=account))
        broker = await stack.enter_async_context(_broker(settings, path, outlook, outside))
        trader = Trader(
            account,
            broker,
            journal,
            settings.instruments(),
            outlook.calendar,
            clock=clock,
            observer=outlook.observer,
            policy=policy_of(settings),
            sectors=sectors,
            tracer=outlook.tracer,
        )
        if outlook.limits is not None:
            stack.enter_context(outlook.limits.binding(trader))
        await trader.open()
        stack.push_async_callback(trader.stop)
        side: Trading = trader
        tell = trader.observe
        if isinstance(broker, PaperBroker):
            side = floor = PaperFloor(trader, broker, clock, outlook.observer)
            tell = floor.observe
            await stack.enter_async_context(_beside(floor.run(), "paper broker's market"))
        if outlook.liquidity is None:
            outlook.observer.notice(TradingAlarm(clock.now(), _NO_TURNOVER))
        else:
            keeping = keep_turnover(trader, outlook.liquidity, clock, outlook.observer)
            await stack.enter_async_context(_beside(keeping, "turnover"))
        if outlook.stream is not None:
            live = LiveMarket(trader, outlook.stream, tell, clock, outlook.observer)
            await stack.enter_async_context(_beside(live.run(), "market stream"))
        yield OpenTrading(trader, side)


@asynccontextmanager
async def _broker(
    settings: Settings, journal: Path, outlook: Outlook, outside: AlpacaBrokerSettings | None
) -> AsyncIterator[Broker]:
    if outside is None:
        path = paper_file(journal)
        async with PaperBroker.open(path, outlook.clock, paper_of(settings)) as paper:
            yield paper
        return
    # It is made of an extra's library, and most who trade on paper have no need of it.
    from argo_adapters.brokers.alpaca.broker import AlpacaBroker  # noqa: PLC0415 - see above

    broker = AlpacaBroker(outside, outlook.clock, turnstile=outlook.turnstile or OpenTurnstile())
    try:
        yield broker
    finally:
        await broker.aclose()


def _outside(settings: Settings) -> AlpacaBrokerSettings:
    own = settings.trading.alpaca
    return AlpacaBrokerSettings(
        key_id=_revealed("key_id", own.key_id),
        secret_key=_revealed("secret_key", own.secret_key),
        base_url=own.base_url,
        live=settings.trading.live,
    )


def paper_file(journal: Path) -> Path:
    """Where the paper account is kept: beside the journal, which tells of its orders."""
    return journal.with_name(f"{journal.stem}.paper.sqlite3")


def _revealed(name: str, secret: Secret | None) -> str:
    if secret is None:
        key = f"trading.alpaca.{name}"
        fix = f"set {variable_of(key)}, or name a file with {key}_file"
        raise InvalidSetting(key, "it is missing, and those of market data are not tried", fix)
    return secret.reveal()


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    """Do it while the block lasts."""
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

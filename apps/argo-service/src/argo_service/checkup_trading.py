"""What `argo doctor` finds about trading: with whose money, whether it can begin, what it knows."""

import os
from collections.abc import Iterator
from importlib.util import find_spec

from argo_core.errors import InvalidInput
from argo_core.execution.market import UNKNOWN_SECTOR
from argo_core.market.instrument import AssetClass
from argo_service.config.reader import variable_of
from argo_service.config.trading import ALPACA
from argo_service.config.tree import Settings
from argo_service.finding import Finding, State
from argo_service.trading.sectors import KEY, read_sectors


def trading_findings(settings: Settings) -> Iterator[Finding]:
    """What can be seen without asking the broker. Blocks on the disk."""
    trading = settings.trading
    if not trading.enabled:
        yield Finding("trading", State.GOOD, "switched off")
        return
    yield _broker(settings)
    if trading.broker == ALPACA:
        yield from _account(settings)
    yield _journal(settings)
    yield _liquidity(settings)
    yield _sectors(settings)
    yield _untraded(settings)


def _broker(settings: Settings) -> Finding:
    trading = settings.trading
    if trading.live:
        fix = "set trading.live = false and a paper account's address if that is not meant"
        return Finding("trading", State.WARNING, f"REAL MONEY at {trading.alpaca.host}", fix)
    where = trading.alpaca.host if trading.broker == ALPACA else f"{trading.capital:,} of its own"
    return Finding("trading", State.GOOD, f"on paper, broker {trading.broker}: {where}")


def _account(settings: Settings) -> Iterator[Finding]:
    for name in ("key_id", "secret_key"):
        key = f"trading.alpaca.{name}"
        if getattr(settings.trading.alpaca, name) is None:
            fix = f"set {variable_of(key)}, or name a file with {key}_file"
            yield Finding(key, State.FAULT, "missing: the account cannot be used", fix)
        else:
            yield Finding(key, State.GOOD, "set")
    if find_spec("alpaca") is None:
        fix = "install argo-adapters[alpaca]"
        yield Finding("alpaca-py", State.FAULT, "not installed", fix)


def _journal(settings: Settings) -> Finding:
    path = settings.trading.journal_of(settings.database)
    folder = path.resolve().parent
    writable = path if path.exists() else folder
    if not folder.is_dir() or not os.access(writable, os.W_OK):
        fix = "make the folder and let us write there, or set trading.journal"
        return Finding("trading journal", State.FAULT, f"{path} cannot be written", fix)
    said = f"{path}" if path.exists() else f"{path} will be made"
    return Finding("trading journal", State.GOOD, said)


def _liquidity(settings: Settings) -> Finding:
    alpaca = settings.alpaca
    keys = {"alpaca.key_id": alpaca.key_id, "alpaca.secret_key": alpaca.secret_key}
    missing = [variable_of(key) for key, value in keys.items() if value is None]
    if missing:
        detail = "without keys for market data nothing is bought: nobody says how much trades"
        return Finding("liquidity", State.WARNING, detail, f"set {' and '.join(missing)}")
    return Finding("liquidity", State.GOOD, "asked of Alpaca's market data")


def _sectors(settings: Settings) -> Finding:
    try:
        sectors = read_sectors(settings.trading.sectors_file)
    except InvalidInput as error:
        return Finding("sectors", State.FAULT, error.problem, error.fix)
    stocks = (one for one in settings.instruments() if one.asset_class is AssetClass.STOCK)
    missing = [str(one.symbol) for one in stocks if one.symbol not in sectors]
    if missing:
        detail = f"{', '.join(missing)} count as one sector, {UNKNOWN_SECTOR}"
        return Finding("sectors", State.WARNING, detail, f"give them one with {KEY}")
    return Finding("sectors", State.GOOD, "every stock's sector is known")


def _untraded(settings: Settings) -> Finding:
    every = settings.instruments()
    stocks = sum(one.asset_class is AssetClass.STOCK for one in every)
    detail = f"{stocks} of {len(every)} symbols can be traded: stocks, and no pairs"
    if stocks:
        return Finding("traded symbols", State.GOOD, detail)
    return Finding("traded symbols", State.WARNING, detail, "name stocks, or switch trading off")

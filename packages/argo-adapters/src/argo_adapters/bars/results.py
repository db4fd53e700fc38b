"""Results of backtests as CSV and Parquet: trades, and the account after every row."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from argo_adapters.bars.parquet import arrow, translated
from argo_core.backtest.backtest import Backtest
from argo_core.backtest.bars.units import from_units
from argo_core.backtest.data.hours import dated
from argo_core.backtest.trades import BarTrade, trades
from argo_core.errors import InvalidInput
from argo_core.market.moment import from_micros

FORMATS: Final = ("csv", "parquet")
EQUITY: Final = ("known", "session", "equity", "cash", "gross", "positions", "halted", "reduced")
TRADES: Final = (
    "symbol",
    "side",
    "quantity",
    "decided",
    "opened",
    "entry",
    "closed",
    "exit",
    "reasons",
    "fees",
    "pnl",
    "risk",
    "r",
    "bars",
)
_MOMENTS: Final = frozenset({"known", "decided", "opened", "closed"})
_MONEY: Final = frozenset({"equity", "cash", "gross", "entry", "exit", "fees", "pnl", "risk"})
_WHOLE: Final = frozenset({"quantity", "positions", "bars"})
_FLAGS: Final = frozenset({"halted", "reduced"})

Table = Mapping[str, Sequence[Any]]


def write_results(
    folder: Path, backtest: Backtest, formats: Iterable[str] = FORMATS
) -> tuple[Path, ...]:
    """Write `trades` and `equity` of the result to that folder, and return the files.

    Money is in dollars with its four decimals, moments are UTC: when the row was known at whose
    close something was decided, or in which it was filled. The same result makes the same tables.
    Files of these names are replaced. Where one cannot be written, none of them is.

    Raises:
        InvalidInput: a format is unknown, pyarrow is missing, or the folder cannot be written.
    """
    wanted = tuple(dict.fromkeys(formats))
    if strangers := sorted(set(wanted) - set(FORMATS)):
        raise InvalidInput("formats", f"{strangers[0]!r} is unknown", f"use {', '.join(FORMATS)}")
    tables = {"equity": _equity(backtest), "trades": _trades(backtest)}
    if "parquet" in wanted:
        arrow("writing Parquet")
    finals = [folder / f"{name}.{form}" for form in wanted for name in tables]
    try:
        if taken := next((one for one in finals if one.is_dir()), None):
            problem = f"{taken.name} is a folder there"
            raise InvalidInput("folder", problem, "choose a folder for results alone")
        folder.mkdir(parents=True, exist_ok=True)
        # Everything is on the disk before the first name changes, and goes with its folder if not.
        with TemporaryDirectory(prefix=".results-", dir=folder) as desk:
            for final in finals:
                _WRITERS[final.suffix](Path(desk, final.name), tables[final.stem])
            for final in finals:
                Path(desk, final.name).replace(final)
    except OSError as refused:
        problem = f"{folder.name} cannot be written ({refused.strerror})"
        raise InvalidInput("folder", problem, "choose one you may write to") from refused
    return tuple(finals)


def _equity(backtest: Backtest) -> Table:
    panel, traded = backtest.panel, backtest.traded
    money = {
        name: [from_units(units) for units in getattr(traded, name).tolist()]
        for name in ("equity", "cash", "gross")
    }
    return {
        "known": [from_micros(us) for us in panel.known_us.tolist()],
        "session": [dated(day) for day in panel.session.tolist()],
        **money,
        "positions": traded.positions.tolist(),
        "halted": [bool(one) for one in traded.halted],
        "reduced": [bool(one) for one in traded.reduced],
    }


def _trades(backtest: Backtest) -> Table:
    every = trades(backtest.panel, backtest.traded)
    known = backtest.panel.known_us

    def cell(trade: BarTrade, name: str) -> Any:
        value = getattr(trade, name)
        if name == "reasons":
            return " ".join(one.name.lower() for one in value)
        if name == "side":
            return str(value)
        return from_micros(int(known[value])) if name in _MOMENTS and value is not None else value

    return {name: [cell(trade, name) for trade in every] for name in TRADES}


def _csv(path: Path, table: Table) -> None:
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table)
        columns = [[_text(name, value) for value in column] for name, column in table.items()]
        writer.writerows(zip(*columns, strict=True))


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in _MOMENTS:
        return f"{value.isoformat()}"
    if name in _FLAGS:
        return str(value).lower()
    return f"{value:.4f}" if isinstance(value, Decimal) else str(value)


def _parquet(path: Path, table: Table) -> None:
    parts = arrow("writing Parquet")
    core = parts.core

    def kind(name: str) -> Any:
        if name in _MONEY:
            return core.decimal128(24, 4)
        if name in _MOMENTS:
            return core.timestamp("us", "UTC")
        if name in _WHOLE:
            return core.int64()
        if name in _FLAGS:
            return core.bool_()
        return core.float64() if name == "r" else core.string()

    with translated(parts, path):
        made = {
            name: core.array(_exact(name, column), kind(name)) for name, column in table.items()
        }
        parts.parquet.write_table(core.table(made), path, compression="zstd")


def _exact(name: str, column: Sequence[Any]) -> Sequence[Any]:
    if name not in _MONEY:
        return column
    return [None if one is None else round(one, 4) for one in column]


_WRITERS: Final = {".csv": _csv, ".parquet": _parquet}

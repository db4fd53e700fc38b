"""A recorded stretch of market that can be played again.

It is a tape as `tape_format` has it: a header, then one record a line with a `kind`. The header
says how many records follow, because a tape cut off between two lines would otherwise be a shorter
one. Times are whole microseconds since 1970 UTC; prices are strings, as the data printed them. A
reader refuses a kind it does not know rather than play half a market.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from attrs import field, frozen

from argo_core.backtest.fields import Fields
from argo_core.backtest.tape_format import FORMAT, MARKET, VERSION, line
from argo_core.backtest.tape_format import header as header_of
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol, parse_symbol
from argo_core.market.moment import aware, to_micros
from argo_core.market.session import Session, SessionTable

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_MINUTE_US = 60_000_000
_SEEDS = 1 << 63


def _copied(bars: Mapping[Symbol, tuple[Bar, ...]]) -> Mapping[Symbol, tuple[Bar, ...]]:
    return {symbol: tuple(bars[symbol]) for symbol in sorted(bars) if bars[symbol]}


@frozen
class Tape:
    """Minute bars of some instruments, with the sessions they belong to.

    Play begins at `starts`, the regular open of the day played, and ends at `ends`; earlier bars
    are warm-up. `bars` are sorted by time; a minute without a trade has none. `seed` fixes the path
    of prices inside the bars. `origin`, `licence` and `note` say where the data come from, under
    which terms, and what was changed.
    """

    name: str
    origin: str
    licence: str
    note: str
    seed: int
    instruments: tuple[Instrument, ...]
    sessions: tuple[Session, ...]
    starts: datetime
    ends: datetime
    bars: Mapping[Symbol, tuple[Bar, ...]] = field(converter=_copied)

    def __attrs_post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            problem = f"{self.name[:70]!r} is not a tape's name"
            raise InvalidInput("name", problem, "use up to 63 of a-z, 0-9 and -")
        if not 0 <= self.seed < _SEEDS:
            raise InvalidInput("seed", f"{self.seed} is out of range", "give 0 to 2**63 - 1")
        if not aware("starts", self.starts) < aware("ends", self.ends):
            problem = f"{self.starts} is not before ends {self.ends}"
            raise InvalidInput("starts", problem, "play must begin before it ends")
        SessionTable(self.sessions, self.starts, self.ends)  # refuses sessions out of order
        self._check_instruments()
        for symbol, bars in self.bars.items():
            self._check_bars(symbol, bars)

    def _check_instruments(self) -> None:
        known = [instrument.symbol for instrument in self.instruments]
        if len(set(known)) < len(known):
            raise InvalidInput("instruments", "a symbol is listed twice", "list each symbol once")
        strangers = sorted(set(self.bars) - set(known))
        if strangers:
            problem = f"there are bars of {', '.join(strangers[:5])}, which is not listed"
            raise InvalidInput("instruments", problem, "list every symbol that has bars")

    def _check_bars(self, symbol: Symbol, bars: tuple[Bar, ...]) -> None:
        where = f"bars of {symbol}"
        for bar in bars:
            if bar.symbol != symbol:
                raise InvalidInput(
                    where, f"one is of {bar.symbol}", "keep each under its own symbol"
                )
            if to_micros(bar.start) % _MINUTE_US:
                problem = f"{bar.start.isoformat()} is not a whole minute"
                raise InvalidInput(where, problem, "give one-minute bars by their starts")
        if bars and bars[-1].start >= self.ends:
            problem = f"{bars[-1].start.isoformat()} is not before ends {self.ends.isoformat()}"
            raise InvalidInput(where, problem, "drop the bars after the end of play")
        for one, other in pairwise(bars):
            if one.start >= other.start:
                problem = f"{other.start.isoformat()} follows {one.start.isoformat()}"
                raise InvalidInput(where, problem, "sort by time and keep one bar for each minute")


def dump(tape: Tape) -> Iterator[bytes]:
    """The tape's lines, each with its line feed; bars in order of time, then symbol."""
    yield line(
        {
            "format": FORMAT,
            "version": VERSION,
            "name": tape.name,
            "origin": tape.origin,
            "licence": tape.licence,
            "note": tape.note,
            "seed": tape.seed,
            "instruments": [
                {"symbol": one.symbol, "asset_class": one.asset_class, "tick": f"{one.tick:f}"}
                for one in tape.instruments
            ],
            "sessions": [
                [to_micros(edge) for edge in (one.pre, one.open, one.close, one.post)]
                for one in tape.sessions
            ],
            "starts": to_micros(tape.starts),
            "ends": to_micros(tape.ends),
            "records": sum(map(len, tape.bars.values())),
        }
    )
    every = (bar for bars in tape.bars.values() for bar in bars)
    for bar in sorted(every, key=lambda bar: (bar.start, bar.symbol)):
        yield line(
            {
                "kind": "bar",
                "symbol": bar.symbol,
                "start": to_micros(bar.start),
                "open": _printed(bar.open),
                "high": _printed(bar.high),
                "low": _printed(bar.low),
                "close": _printed(bar.close),
                "volume": _printed(bar.volume),
            }
        )


def load(lines: Iterable[bytes]) -> Tape:
    """The tape those lines hold.

    Raises:
        InvalidInput: they are not a tape, are damaged, or were written by a newer program; the
            error names the line.
    """
    records = (Fields.read(f"tape line {number}", one) for number, one in enumerate(lines, 1))
    header = header_of(next(records, None), MARKET)
    bars: dict[Symbol, list[Bar]] = {}
    for record in records:
        kind = record.text("kind")
        if kind != "bar":
            problem = f"kind {kind[:40]!r} is unknown to version {VERSION} of the format"
            raise InvalidInput(record.where, problem, "play it with the program that wrote it")
        bar = _bar(record)
        bars.setdefault(bar.symbol, []).append(bar)
    _complete(header, sum(map(len, bars.values())))
    return Tape(
        name=header.text("name"),
        origin=header.text("origin"),
        licence=header.text("licence"),
        note=header.text("note"),
        seed=header.integer("seed"),
        instruments=tuple(_instrument(each) for each in header.objects("instruments")),
        sessions=tuple(Session(*edges) for edges in header.moments("sessions", 4)),
        starts=header.moment("starts"),
        ends=header.moment("ends"),
        bars={symbol: tuple(each) for symbol, each in bars.items()},
    )


def _printed(value: float) -> str:
    # repr is the shortest text that reads back as this float; a price never shows an exponent.
    return f"{Decimal(repr(value)):f}".removesuffix(".0")


def _complete(header: Fields, found: int) -> None:
    promised = header.integer("records")
    if found != promised:
        problem = f"{found:,} records follow where the header says {promised:,}"
        raise InvalidInput("tape", problem, "restore the file")


def _instrument(record: Fields) -> Instrument:
    kind = record.text("asset_class")
    if kind not in list(AssetClass):
        problem = f"{kind[:40]!r} is no asset class"
        raise InvalidInput(record.where, problem, f"use {' or '.join(AssetClass)}")
    tick = Decimal(str(record.number("tick")))
    return Instrument(record.text("symbol"), AssetClass(kind), tick)


def _bar(record: Fields) -> Bar:
    try:
        return Bar(
            symbol=parse_symbol(record.text("symbol")),
            start=record.moment("start"),
            open=record.number("open"),
            high=record.number("high"),
            low=record.number("low"),
            close=record.number("close"),
            volume=record.number("volume"),
        )
    except InvalidInput as wrong:
        if wrong.field.startswith(record.where):
            raise
        where = f"{record.where}, {wrong.field}"
        raise InvalidInput(where, wrong.problem, wrong.fix) from wrong

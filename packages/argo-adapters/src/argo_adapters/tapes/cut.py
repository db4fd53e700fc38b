"""Cutting a tape from anybody's minute bars: one day to play, and sessions before it to warm up."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from attrs import frozen

from argo_adapters.calendar.session_table import load_session_table
from argo_adapters.tapes.bar_files import rows
from argo_core.backtest.tape import Tape
from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import AssetClass, Instrument, Symbol, instrument
from argo_core.market.session import Session

MAX_BARS = 2_000_000
DAY = timedelta(days=1)

Moves = Mapping[str, Mapping[date, date]]


@frozen
class Span:
    """Which moments a tape covers: warm-up since `since`, play from `starts` to `ends`."""

    since: datetime
    starts: datetime
    ends: datetime
    sessions: tuple[Session, ...]


def cut_tape(
    paths: Iterable[Path],
    *,
    name: str,
    day: date,
    warmup_sessions: int,
    symbols: Sequence[str],
    origin: str,
    licence: str,
    note: str,
    seed: int,
    moves: Moves | None = None,
) -> Tape:
    """A tape of the bars in those CSV and Parquet files.

    Play begins at the regular open of `day` and ends when extended hours do; with crypto alone it
    is that whole UTC day. The `warmup_sessions` sessions before it come along. `symbols` are in
    Argo's spelling; a file may leave out the stroke and write BTCUSD, BTC-USD or BTC_USD. `moves`
    takes a symbol's bars from other UTC dates: for a symbol listed there only the dates named are
    used, each moved to the date it maps to, at the same time of the day.

    Raises:
        InvalidInput: a file, a column, a bar, or one of the arguments is wrong.
    """
    wanted = {_plain(symbol): instrument(symbol) for symbol in symbols}
    if not wanted:
        raise InvalidInput("symbols", "none is named", "name at least one, such as AAPL or BTC/USD")
    moved = {instrument(symbol).symbol: dict(dates) for symbol, dates in (moves or {}).items()}
    strangers = sorted(set(moved) - {one.symbol for one in wanted.values()})
    if strangers:
        problem = f"{', '.join(strangers)} is not among the symbols"
        raise InvalidInput("moves", problem, "move only symbols that are on the tape")
    span = _span(day, warmup_sessions, wanted.values())
    bars: dict[Symbol, list[Bar]] = {one.symbol: [] for one in wanted.values()}
    kept = 0
    for path in paths:
        for row in rows(path):
            one = wanted.get(_plain(row.symbol))
            if one is None:
                continue
            start = _moved(row.start, moved.get(one.symbol))
            if start is None or not span.since <= start < span.ends:
                continue
            kept += 1
            if kept > MAX_BARS:
                raise InvalidInput("symbols", f"over {MAX_BARS:,} bars", "cut a shorter tape")
            bars[one.symbol].append(row.bar(one.symbol, start))
    empty = sorted(symbol for symbol, each in bars.items() if not each)
    if empty:
        problem = f"no bar of {', '.join(empty)} from {span.since} to {span.ends}"
        raise InvalidInput("symbols", problem, "leave the symbol out or choose another day")
    return Tape(
        name=name,
        origin=origin,
        licence=licence,
        note=note,
        seed=seed,
        instruments=tuple(sorted(wanted.values(), key=lambda one: one.symbol)),
        sessions=span.sessions,
        starts=span.starts,
        ends=span.ends,
        bars={
            symbol: tuple(sorted(each, key=lambda bar: bar.start)) for symbol, each in bars.items()
        },
    )


def _plain(symbol: str) -> str:
    return symbol.translate(str.maketrans("", "", "/-_"))


def _span(day: date, warmup_sessions: int, wanted: Iterable[Instrument]) -> Span:
    if warmup_sessions < 0:
        problem = f"{warmup_sessions} is negative"
        raise InvalidInput("warmup_sessions", problem, "give zero or more")
    if all(one.asset_class is AssetClass.CRYPTO for one in wanted):
        midnight = datetime.combine(day, time(), UTC)
        return Span(midnight - warmup_sessions * DAY, midnight, midnight + DAY, ())
    sessions = load_session_table().sessions
    place = next((i for i, one in enumerate(sessions) if one.open.date() == day), None)
    if place is None:
        first, last = sessions[0].open.date(), sessions[-1].open.date()
        problem = f"the US stock market has no session on {day}"
        raise InvalidInput("day", problem, f"choose a trading day from {first} to {last}")
    if warmup_sessions > place:
        problem = f"only {place} sessions before {day} are known"
        raise InvalidInput("warmup_sessions", problem, f"give {place} or fewer")
    played = sessions[place]
    chosen = sessions[place - warmup_sessions : place + 1]
    return Span(chosen[0].pre, played.open, played.post, chosen)


def _moved(start: datetime, dates: Mapping[date, date] | None) -> datetime | None:
    if dates is None:
        return start
    target = dates.get(start.date())
    return None if target is None else start + (target - start.date())

"""Bars under a name: what is known of them before they are read, and how they are."""

import gzip
import hashlib
import json
import re
from datetime import date, timedelta
from enum import StrEnum
from importlib.resources import as_file, files
from itertools import chain
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from argo_adapters.tapes.file import SUFFIX, shipped
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.units import MOST_BARS
from argo_core.errors import InvalidInput
from argo_core.market.moment import from_micros
from argo_service.backtesting.cleaning import OF_DATA
from argo_service.backtesting.members import full_name
from argo_service.backtesting.request import Asked

_UNNAMED: Final = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST: Final = 100
_DAY: Final = timedelta(days=1)
_MINUTES: Final = 1_440


class Kind(StrEnum):
    """How bars are kept."""

    SHIPPED = "shipped tape"
    TAPE = "tape"
    PARQUET = "parquet"
    CSV = "csv"


@frozen(kw_only=True)
class Dataset:
    """Bars of `symbols` symbols at `times` moments at most, from `start` to `end`.

    None stands for what nobody knows before they are read. `stamp` changes when the bars do.
    """

    name: str
    kind: Kind
    stamp: str
    path: Path | None = None
    symbols: int | None = None
    times: int | None = None
    start: date | None = None
    end: date | None = None
    daily: bool = False

    @property
    def bars(self) -> int | None:
        """How many there are at most, absent ones included."""
        known = self.symbols is not None and self.times is not None
        return (self.symbols or 0) * (self.times or 0) if known else None

    def estimate(self, asked: Asked) -> int:
        """How many bars would be read at most, without reading any; 0 where nobody knows."""
        there = max(0, (self.symbols or 0) - len(asked.data.without))
        return min(there, len(asked.symbols) or there) * min(
            self.times or 0, self._times_asked(asked)
        )

    def _times_asked(self, asked: Asked) -> int:
        start, end = asked.start or self.start, asked.end or self.end
        if start is None or end is None:
            return self.times or 0
        days = max(0, (end - start).days + 1)
        return days if self.daily else days * _MINUTES

    def read(self, asked: Asked, most_bars: int = MOST_BARS) -> Panel:
        """The bars that are asked for.

        Raises:
            InvalidInput: there are none, too many, or they are no bars.
        """
        try:
            return self._read(asked, most_bars)
        except InvalidInput as error:
            if error.field == "bars":
                called = "data.refuse"
            elif error.field in OF_DATA:
                called = full_name("data", error.field)
            elif error.field == "range":
                # What is a range there are two members here.
                called = "end" if asked.start is None and asked.end is not None else "start"
            else:
                raise
            raise InvalidInput(called, error.problem, error.fix) from error

    def _read(self, asked: Asked, most_bars: int) -> Panel:
        # Reading brings the rules for bars' defects and a table of market hours.
        from argo_adapters.bars.csv_file import read_csv  # noqa: PLC0415 - see above
        from argo_adapters.bars.parquet import read_parquet  # noqa: PLC0415 - the same
        from argo_adapters.bars.selection import MOST_ROWS, Selection  # noqa: PLC0415 - the same
        from argo_adapters.bars.tape import read_tape, tape_panel  # noqa: PLC0415 - the same

        selection = Selection(
            symbols=asked.symbols,
            since=asked.start,
            until=None if asked.end is None or asked.end == date.max else asked.end + _DAY,
            most_rows=min(most_bars, MOST_ROWS),
        )
        options = evolve(asked.data, most_bars=min(most_bars, MOST_BARS))
        if self.path is None:
            return tape_panel(shipped(self.name), selection, options)
        if self.kind is Kind.TAPE:
            return read_tape(self.path, selection, options)
        if self.kind is Kind.CSV:
            return read_csv(self.path, selection, options, name=self.name)
        return read_parquet(self.path, selection, options, name=self.name)


def dataset_at(path: Path) -> Dataset:
    """The bars in a file or a folder that somebody at this machine names.

    Raises:
        InvalidInput: there is nothing.
    """
    if not path.exists():
        fix = "check the path, or see `argo backtest --list`"
        raise InvalidInput("dataset", f"there is no file or folder {path}", fix)
    name = path.name.removesuffix(SUFFIX)
    kind = Kind.PARQUET
    if path.name.endswith(SUFFIX):
        kind = Kind.TAPE
    elif path.suffix.lower() in {".csv", ".txt"}:
        kind = Kind.CSV
    stem = _UNNAMED.sub("_", name.rpartition(".")[0] or name).lstrip(".-")[:_LONGEST]
    return Dataset(name=stem or "bars", kind=kind, stamp="", path=path)


def shipped_dataset(name: str) -> Dataset:
    """The tape of that name that comes along; its first line tells enough."""
    with as_file(files("argo_adapters.tapes") / f"{name}{SUFFIX}") as path:
        packed = path.read_bytes()
    first, *others = gzip.decompress(packed).splitlines()
    header = json.loads(first)
    days = [from_micros(one).date() for one in chain(*header["sessions"])]
    return Dataset(
        name=name,
        kind=Kind.SHIPPED,
        stamp=hashlib.sha256(packed).hexdigest(),
        symbols=len(header["instruments"]),
        times=len(others),
        start=min(days),
        end=max(days),
    )

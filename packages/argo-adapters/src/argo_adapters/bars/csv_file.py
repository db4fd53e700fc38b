"""Panels from CSV files, with the columns that `argo_adapters.bars.parquet` lists.

Separated by commas or semicolons, in UTF-8. Dates are ISO 8601; moments are that with an offset, or
whole seconds, milliseconds or microseconds since 1970 UTC. An empty number is null.
"""

import csv
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
from attrs import define, field

from argo_adapters.bars.columns import Columns, choose, named_for, symbol_of
from argo_adapters.bars.pieces import Piece, joined
from argo_adapters.bars.selection import ALL, Selection, to_panel, too_many
from argo_adapters.tapes.bar_files import lines_of, moment_of
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.calendar import DAY_S
from argo_core.backtest.data.hours import DAY_US
from argo_core.backtest.data.options import Options
from argo_core.backtest.data.renames import day_of
from argo_core.backtest.data.rows import NUMBERS, Rows
from argo_core.errors import InvalidInput
from argo_core.market.moment import aware, to_micros

MOST_BYTES: Final = 4 * 1024**3
_DEFAULT: Final = Options()
_NAN: Final = float("nan")


def read_csv(
    path: Path,
    selection: Selection = ALL,
    options: Options = _DEFAULT,
    *,
    name: str | None = None,
    origin: str = "",
) -> Panel:
    """The chosen bars of that file, cleaned; what is not chosen is skipped line by line.

    Raises:
        InvalidInput: the file, a column or a cell is wrong, there are too many rows, or what was
            chosen makes no panel.
    """
    rows, bar_s = csv_rows(path, selection, options)
    return to_panel(
        rows,
        bar_s,
        name=name or symbol_of(path),
        origin=origin,
        selection=selection,
        options=options,
    )


def csv_rows(
    path: Path, selection: Selection = ALL, options: Options = _DEFAULT
) -> tuple[Rows, int]:
    """As `read_csv`, before anything is cleaned; and how long a bar lasts, in seconds.

    Raises:
        InvalidInput: as for `read_csv`.
    """
    with _translated(path):
        if (size := path.stat().st_size) > MOST_BYTES:
            raise InvalidInput(path.name, f"it has {size:,} bytes", "split it, or use Parquet")
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = lines_of(path, file)
            header = next(lines, "")
            separator = ";" if header.count(";") > header.count(",") else ","
            names = next(csv.reader([header], delimiter=separator), [])
            columns = choose(path, names)
            if columns.symbol is None:
                named_for(path)
            places = {own: names.index(own) for own in columns.every}
            kept = _Kept(path, columns, selection, selection.names(options.renames), places)
            for number, cells in enumerate(csv.reader(lines, delimiter=separator), 1):
                if not cells:
                    continue
                if len(cells) != len(names):
                    problem = f"{len(cells)} cells where the header has {len(names)}"
                    where = f"{path.name} row {number}"
                    raise InvalidInput(where, problem, "give every row the same columns")
                kept.take(number, cells)
    return joined([kept.piece()]), DAY_S if columns.daily else selection.bar_s


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as absent:
        raise InvalidInput(path.name, "there is no such file", "check the path") from absent
    except (UnicodeDecodeError, csv.Error) as broken:
        raise InvalidInput(path.name, f"not CSV in UTF-8 ({broken})", "export it anew") from broken
    except OSError as broken:
        problem = f"cannot be read ({broken.strerror})"
        raise InvalidInput(path.name, problem, "check the file") from broken


@define
class _Kept:
    """The rows taken so far, packed: boxed numbers would need four times the memory.

    `places` says in which cell a column is; `packed` holds the numbers of one row after another.
    """

    path: Path
    columns: Columns
    chosen: Selection
    wanted: frozenset[str]
    places: dict[str, int]
    numbers: tuple[str, ...] = ()
    since: int = 0
    until: int = 0
    pick: Callable[[list[str]], tuple[str, ...]] = field(init=False)
    symbols: dict[str, int] = field(factory=dict)
    times: dict[str, int] = field(factory=dict)
    code: "array[int]" = field(factory=lambda: array("q"))
    at: "array[int]" = field(factory=lambda: array("q"))
    packed: "array[float]" = field(factory=lambda: array("d"))

    def __attrs_post_init__(self) -> None:
        every = (*self.columns.numbers.values(), self.columns.adjusted)
        self.numbers = tuple(own for own in every if own is not None)
        self.pick = itemgetter(*(self.places[own] for own in self.numbers))
        unit = 1 if self.columns.daily else DAY_US
        since, until = self.chosen.since or date.min, self.chosen.until or date.max
        self.since, self.until = day_of(since) * unit, day_of(until) * unit

    def take(self, number: int, cells: list[str]) -> None:
        """Keep the row if it is chosen; `number` is where it stands."""
        own = self.columns.symbol
        symbol = symbol_of(self.path) if own is None else cells[self.places[own]].strip()
        if self.wanted and symbol not in self.wanted:
            return
        try:
            at = self._time(cells[self.places[self.columns.time]])
            if not self.since <= at < self.until:
                return
            numbers = self._numbers(cells)
        except InvalidInput as wrong:
            where = f"{self.path.name} row {number}, {wrong.field}"
            raise InvalidInput(where, wrong.problem, wrong.fix) from wrong
        if len(self.at) >= self.chosen.most_rows:
            raise too_many(self.path, len(self.at) + 1, self.chosen)
        self.code.append(self.symbols.setdefault(symbol, len(self.symbols)))
        self.at.append(at)
        self.packed.extend(numbers)

    def piece(self) -> Piece:
        table = np.array(self.packed).reshape(-1, len(self.numbers))
        numbers = dict(zip(self.numbers, table.T, strict=True))
        adjusted = self.columns.adjusted
        return Piece(
            symbols=tuple(self.symbols),
            code=np.array(self.code, dtype=np.int64),
            at=np.array(self.at, dtype=np.int64),
            numbers={name: numbers[self.columns.numbers[name]] for name in NUMBERS},
            adjusted=None if adjusted is None else numbers[adjusted],
            daily=self.columns.daily,
        )

    def _time(self, cell: str) -> int:
        # The same times come back with every symbol, and reading them is most of the work.
        if (known := self.times.get(cell)) is not None:
            return known
        if self.columns.daily:
            try:
                at = day_of(date.fromisoformat(cell.strip()))
            except ValueError as wrong:
                problem = f"{cell[:40]!r} is not a date"
                raise InvalidInput("date", problem, "write it like 2024-11-29") from wrong
        else:
            at = to_micros(aware("ts", moment_of(cell)))
        self.times[cell] = at
        return at

    def _numbers(self, cells: list[str]) -> list[float]:
        texts = self.pick(cells)
        try:
            if _plain("".join(texts)):
                return [*map(float, texts)]
        except ValueError:  # a null, nearly always
            pass
        return [_number(own, text) for own, text in zip(self.numbers, texts, strict=True)]


def _number(name: str, cell: str) -> float:
    text = cell.strip()
    if not text:
        return _NAN
    try:
        if _plain(text):
            return float(text)
    except ValueError:
        pass
    problem = f"{text[:40]!r} is not a number"
    raise InvalidInput(name, problem, "write it like 12.5, or nothing for null")


def _plain(text: str) -> bool:
    # Python reads 1_000 and digits of every script; who wrote such a file meant something else.
    return text.isascii() and "_" not in text

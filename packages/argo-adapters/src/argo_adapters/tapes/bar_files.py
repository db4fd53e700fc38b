"""Minute bars from CSV and Parquet files of whoever exported them.

A file needs the columns `open`, `high`, `low`, `close`, `volume` and one of `ts`, `start` or
`timestamp`, the start of the minute: ISO 8601 with an offset, or whole seconds, milliseconds or
microseconds since 1970 UTC. Without a column `symbol` the file's name is the symbol. Other columns
are ignored. CSV may be separated by commas or semicolons.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol
from argo_core.market.moment import from_micros

TIMES = ("ts", "start", "timestamp")
NUMBERS = ("open", "high", "low", "close", "volume")
NEEDED = (" or ".join(TIMES), *NUMBERS)

LONGEST_LINE = 10_000

# Seconds stay below this until the year 5138, and milliseconds are above it since 1973.
_EPOCH_UNITS = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))


@frozen
class Row:
    """A bar as the file has it; `symbol` is the file's own spelling, `number` where it stands.

    Only the symbol and the start are read at once: most rows of a large file are of other days.
    """

    file: str
    number: int
    symbol: str
    start: datetime
    cells: Mapping[str, object]

    def bar(self, symbol: Symbol, start: datetime) -> Bar:
        """The row as a bar of that symbol, at that time.

        Raises:
            InvalidInput: a cell is no number, or the numbers make no bar; so does `rows`.
        """
        where = f"{self.file} row {self.number}"
        try:
            return Bar(symbol, start, **{name: _number(name, self.cells[name]) for name in NUMBERS})
        except InvalidInput as wrong:
            raise InvalidInput(f"{where}, {wrong.field}", wrong.problem, wrong.fix) from wrong


def rows(path: Path) -> Iterator[Row]:
    """Every bar of the file, in its order.

    Raises:
        InvalidInput: the file, a column or a cell is wrong; the error names it and the fix.
    """
    if path.exists() and not path.is_file():
        raise InvalidInput(str(path), "is no regular file", "give a CSV or Parquet file")
    reader = _parquet if path.suffix.lower() in {".parquet", ".pq"} else _csv
    try:
        yield from reader(path)
    except FileNotFoundError as absent:
        raise InvalidInput(str(path), "there is no such file", "check the path") from absent
    except OSError as broken:
        raise InvalidInput(str(path), f"cannot be read ({broken})", "check the file") from broken


def _csv(path: Path) -> Iterator[Row]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = lines_of(path, file)
            header = next(lines, "")
            separator = ";" if header.count(";") > header.count(",") else ","
            names = next(csv.reader([header], delimiter=separator), [])
            chosen = _choose(path, names)
            for number, cells in enumerate(csv.reader(lines, delimiter=separator), 1):
                if len(cells) != len(names):
                    problem = f"{len(cells)} cells where the header has {len(names)}"
                    where = f"{path.name} row {number}"
                    raise InvalidInput(where, problem, "give every row the same columns")
                yield _row(path, number, {name: cells[place] for name, place in chosen.items()})
    except (UnicodeDecodeError, csv.Error) as broken:
        raise InvalidInput(path.name, f"not CSV in UTF-8 ({broken})", "export it anew") from broken


def lines_of(path: Path, file: TextIO) -> Iterator[str]:
    """The file's lines; one without an end would otherwise be read until memory is gone."""
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            problem = f"a line is longer than {LONGEST_LINE} characters"
            raise InvalidInput(path.name, f"not CSV in UTF-8 ({problem})", "export it anew")
        yield line


def _parquet(path: Path) -> Iterator[Row]:
    try:
        # An extra, and a hundred megabytes that only those pay who read Parquet.
        from pyarrow import (  # type: ignore[import-untyped] # noqa: PLC0415 - it ships no types
            ArrowException,
            parquet,
        )
    except ImportError as absent:
        fix = "install argo-adapters[parquet], or give CSV"
        raise InvalidInput(path.name, "reading Parquet needs pyarrow", fix) from absent
    try:
        with parquet.ParquetFile(path) as file:
            names = file.schema_arrow.names
            chosen = _choose(path, names)
            number = 0
            for batch in file.iter_batches(columns=[names[place] for place in chosen.values()]):
                columns = [batch.column(names[place]).to_pylist() for place in chosen.values()]
                for cells in zip(*columns, strict=True):
                    number += 1
                    yield _row(path, number, dict(zip(chosen, cells, strict=True)))
    except ArrowException as broken:
        raise InvalidInput(path.name, f"not Parquet ({broken})", "export it anew") from broken


def _choose(path: Path, names: Iterable[str]) -> dict[str, int]:
    """Which place holds what: `ts`, the numbers, and `symbol` where there is one."""
    places = {name.strip().lower(): place for place, name in reversed(list(enumerate(names)))}
    time = next((name for name in TIMES if name in places), None)
    absent = [name for name in NUMBERS if name not in places]
    if time is None:
        absent.insert(0, NEEDED[0])
    if time is None or absent:
        problem = f"column {', '.join(absent)} is missing"
        fix = f"name the columns {', '.join(NEEDED)}, and symbol unless the file's name says it"
        raise InvalidInput(path.name, problem, fix)
    chosen = {"ts": places[time]} | {name: places[name] for name in NUMBERS}
    return chosen | ({"symbol": places["symbol"]} if "symbol" in places else {})


def _row(path: Path, number: int, cells: Mapping[str, object]) -> Row:
    try:
        symbol = _symbol(cells.get("symbol", path.name.split(".")[0]))
        return Row(path.name, number, symbol, moment_of(cells["ts"]), cells)
    except InvalidInput as wrong:
        where = f"{path.name} row {number}, {wrong.field}"
        raise InvalidInput(where, wrong.problem, wrong.fix) from wrong


def _symbol(cell: object) -> str:
    if not isinstance(cell, str) or not cell:
        raise InvalidInput("symbol", f"{cell!r} is no symbol", "write it like AAPL")
    return cell.strip()


def _number(name: str, cell: object) -> float:
    try:
        return float(cell)  # type: ignore[arg-type] # what it cannot read is refused below
    except (TypeError, ValueError) as wrong:
        problem = f"{str(cell)[:40]!r} is not a number"
        raise InvalidInput(name, problem, "write it like 12.5") from wrong


def moment_of(cell: object) -> datetime:
    moment = _moment(cell)
    if moment is None:
        problem = f"{str(cell)[:40]!r} is not a time"
        raise InvalidInput("ts", problem, "write ISO 8601, or whole s, ms or us since 1970 UTC")
    if moment.utcoffset() is None:
        problem = f"{moment.isoformat()} has no time zone"
        raise InvalidInput("ts", problem, "write an offset, such as Z or -05:00")
    return moment.astimezone(UTC)


def _moment(cell: object) -> datetime | None:
    if isinstance(cell, datetime):
        return cell
    text = str(cell).strip()
    try:
        if not text.isdecimal():
            return datetime.fromisoformat(text)
        epoch = int(text)
        unit = next(unit for limit, unit in _EPOCH_UNITS if epoch < limit)
    except (ValueError, StopIteration):
        return None
    return from_micros(epoch * unit)

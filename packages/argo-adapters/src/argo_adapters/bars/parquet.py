"""Panels from Parquet files of whoever exported them.

A file needs the columns `open`, `high`, `low`, `close`, `volume` and either `date`, the session's,
or one of `ts`, `start`, `timestamp`, the bar's start with a time zone. `symbol` may be left out
where the file is named for it; `adj_close` is the close adjusted for splits and dividends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import numpy as np
from attrs import frozen

from argo_adapters.bars.columns import MOMENTS, Columns, choose, named_for, symbol_of
from argo_adapters.bars.pieces import Piece, joined
from argo_adapters.bars.selection import ALL, Selection, to_panel, too_many
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.calendar import DAY_S
from argo_core.backtest.data.options import Options
from argo_core.backtest.data.rows import Rows
from argo_core.errors import InvalidInput

SUFFIXES: Final = (".parquet", ".pq")
MOST_FILES: Final = 10_000
_DEFAULT: Final = Options()


@frozen
class Arrow:
    """The parts of pyarrow that are used; an extra, and a hundred megabytes."""

    core: ModuleType
    compute: ModuleType
    dataset: ModuleType
    parquet: ModuleType


def arrow(purpose: str) -> Arrow:
    """pyarrow, if it is installed.

    Raises:
        InvalidInput: it is not.
    """
    try:
        import pyarrow as pa  # type: ignore[import-untyped] # noqa: PLC0415 - an extra
        from pyarrow import compute, dataset, parquet  # noqa: PLC0415 - the same
    except ImportError as absent:
        fix = "install argo-adapters[parquet], or use CSV"
        raise InvalidInput("parquet", f"{purpose} needs pyarrow", fix) from absent
    return Arrow(pa, compute, dataset, parquet)


@contextmanager
def translated(parts: Arrow, path: Path) -> Iterator[None]:
    """What pyarrow and the disk raise, as the one error that the caller knows."""
    try:
        yield
    except FileNotFoundError as absent:
        raise InvalidInput(path.name, "there is no such file", "check the path") from absent
    except (parts.core.ArrowException, OSError) as broken:
        told = str(broken).splitlines()[0][:200] if str(broken) else type(broken).__name__
        raise InvalidInput(path.name, f"cannot be read ({told})", "export it anew") from broken


def read_parquet(
    path: Path,
    selection: Selection = ALL,
    options: Options = _DEFAULT,
    *,
    name: str | None = None,
    origin: str = "",
) -> Panel:
    """The chosen bars of that file, or of all Parquet files in that folder, cleaned.

    Only the columns and row groups that are needed are read, after their rows have been counted.

    Raises:
        InvalidInput: pyarrow is missing, a file or a column is wrong, there are too many rows, or
            what was chosen makes no panel.
    """
    rows, bar_s = parquet_rows(path, selection, options)
    return to_panel(
        rows,
        bar_s,
        name=name or symbol_of(path),
        origin=origin,
        selection=selection,
        options=options,
    )


def parquet_rows(
    path: Path, selection: Selection = ALL, options: Options = _DEFAULT
) -> tuple[Rows, int]:
    """As `read_parquet`, before anything is cleaned; and how long a bar lasts, in seconds.

    Raises:
        InvalidInput: as for `read_parquet`.
    """
    parts = arrow("reading Parquet")
    pieces, left = [], selection.most_rows
    for one in files(path):
        with translated(parts, one):
            piece = _piece(parts, one, selection, options, left)
        left -= len(piece.at)
        pieces.append(piece)
    filled = [piece for piece in pieces if len(piece.at)] or pieces[:1]
    rows = joined(filled)
    return rows, DAY_S if filled[0].daily else selection.bar_s


def files(path: Path) -> list[Path]:
    """The file itself, or the Parquet files of a folder by name.

    Raises:
        InvalidInput: there is none, or there are too many.
    """
    if not path.is_dir():
        return [path]
    found = sorted(one for one in path.iterdir() if one.suffix.lower() in SUFFIXES)
    if not 0 < len(found) <= MOST_FILES:
        problem = f"there are {len(found):,} Parquet files in it"
        raise InvalidInput(path.name, problem, f"give a folder of 1 to {MOST_FILES:,}")
    return found


def _piece(parts: Arrow, path: Path, chosen: Selection, options: Options, left: int) -> Piece:
    source = parts.dataset.dataset(path, format="parquet")
    columns = choose(path, source.schema.names)
    check_types(parts, path, columns, source.schema)
    wanted = chosen.names(options.renames)
    if columns.symbol is None and wanted and symbol_of(path) not in wanted:
        condition = parts.compute.scalar(False)
    else:
        condition = _condition(parts, columns, source.schema, chosen, wanted)
    count = source.count_rows(filter=condition)
    if count > left:
        raise too_many(path, chosen.most_rows - left + count, chosen)
    table = source.to_table(columns=list(columns.every), filter=condition)
    at = times(parts, path, columns, table)
    symbols, code = _symbols(path, columns, table)

    def numbers(name: str) -> Any:
        column = table.column(name).cast(parts.core.float64(), safe=False)
        return parts.compute.fill_null(column, float("nan")).to_numpy()

    whole = at.cast(parts.core.int32() if columns.daily else parts.core.int64())
    return Piece(
        symbols=symbols,
        code=code,
        at=whole.to_numpy().astype(np.int64),
        numbers={name: numbers(own) for name, own in columns.numbers.items()},
        adjusted=None if columns.adjusted is None else numbers(columns.adjusted),
        daily=columns.daily,
    )


def times(parts: Arrow, path: Path, columns: Columns, table: Any) -> Any:
    """The column of times, as dates or as microseconds in UTC.

    Raises:
        InvalidInput: one is null, or a date has a time of the day.
    """
    when = table.column(columns.time)
    if when.null_count:
        raise InvalidInput(path.name, f"a {columns.time} is null", "give every bar its time")
    if not columns.daily:
        return when.cast(parts.core.timestamp("us", "UTC"))
    dates = when.cast(parts.core.date32())
    if not dates.cast(when.type).equals(when):
        fix = f"name the column {MOMENTS[0]} and give it a time zone"
        raise InvalidInput(path.name, f"a {columns.time} has a time of the day", fix)
    return dates


def check_types(parts: Arrow, path: Path, columns: Columns, schema: Any) -> None:
    """Check that every column holds what it is named for.

    Raises:
        InvalidInput: one does not.
    """
    kinds = parts.core.types
    for name in columns.every:
        kind = schema.field(name).type
        if name == columns.symbol:
            held = kind.value_type if kinds.is_dictionary(kind) else kind
            right, fix = kinds.is_string(held) or kinds.is_large_string(held), "store text"
        elif name == columns.time and columns.daily:
            naive = kinds.is_timestamp(kind) and kind.tz is None
            right, fix = kinds.is_date(kind) or naive, "store dates"
        elif name == columns.time:
            right = kinds.is_timestamp(kind) and kind.tz is not None
            fix = "store timestamps with a time zone"
        else:
            decimal = kinds.is_decimal(kind)
            right = kinds.is_integer(kind) or kinds.is_floating(kind) or decimal
            fix = "store numbers"
        if not right:
            raise InvalidInput(path.name, f"column {name} is of type {kind}", fix)


def _condition(
    parts: Arrow, columns: Columns, schema: Any, chosen: Selection, wanted: frozenset[str]
) -> Any:
    condition = parts.compute.scalar(True)
    when = parts.compute.field(columns.time)
    kind = schema.field(columns.time).type
    if chosen.since is not None:
        condition &= when >= _edge(parts, kind, chosen.since)
    if chosen.until is not None:
        condition &= when < _edge(parts, kind, chosen.until)
    if wanted and columns.symbol is not None:
        condition &= parts.compute.field(columns.symbol).isin(sorted(wanted))
    return condition


def _edge(parts: Arrow, kind: Any, day: date) -> Any:
    if parts.core.types.is_date(kind):
        return parts.core.scalar(day, parts.core.date32()).cast(kind)
    zone = None if kind.tz is None else UTC
    return parts.core.scalar(datetime.combine(day, time(), zone), kind)


def _symbols(path: Path, columns: Columns, table: Any) -> tuple[list[str], Any]:
    if columns.symbol is None:
        return [named_for(path)], np.zeros(len(table), dtype=np.int64)
    column = table.column(columns.symbol)
    if column.null_count:
        raise InvalidInput(path.name, "a symbol is null", "give every bar its symbol")
    coded = column.combine_chunks()
    if not hasattr(coded, "dictionary"):
        coded = coded.dictionary_encode()
    return coded.dictionary.to_pylist(), coded.indices.to_numpy().astype(np.int64)

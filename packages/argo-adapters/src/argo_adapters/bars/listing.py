"""What a folder offers to a backtest."""

import hashlib
from datetime import date
from pathlib import Path

from attrs import field, frozen

from argo_adapters.bars.columns import Columns, choose, symbol_of
from argo_adapters.bars.parquet import SUFFIXES, Arrow, arrow, check_types, times, translated
from argo_adapters.bars.selection import MOST_ROWS
from argo_core.errors import InvalidInput

MOST_DATASETS = 10_000
_CHUNK = 1 << 20


@frozen(kw_only=True)
class Dataset:
    """Bars of `symbols` from `first` to `last`, both dates included, in the file or folder `path`.

    `name` is the path in the folder that was listed, without suffix. `rows` counts bars in the
    files, `times` the moments that there are, so that `times` times symbols is what a panel of all
    of it takes at most. `sha256` names the bytes of the file, for a folder those of all its files.
    """

    name: str
    path: Path = field(repr=False)
    daily: bool
    symbols: tuple[str, ...]
    first: date
    last: date
    rows: int
    times: int
    sha256: str

    @property
    def most_bars(self) -> int:
        return self.times * len(self.symbols)


@frozen(kw_only=True)
class Listing:
    """The data sets, and by path the reason why a file is none."""

    datasets: tuple[Dataset, ...]
    refused: dict[str, str]


def datasets(folder: Path) -> Listing:
    """Every Parquet file of bars in the folder and its folders, and each folder of at least two.

    A folder is a data set of its own where all its files are bars of one kind. Links are not
    followed. Files are hashed whole, so remember the answer for as long as they do not change.

    Raises:
        InvalidInput: there is no such folder, it has too many files, or pyarrow is missing.
    """
    if not folder.is_dir():
        raise InvalidInput("folder", f"there is no folder {folder.name}", "create it")
    parts = arrow("listing Parquet")
    found: list[Dataset] = []
    refused: dict[str, str] = {}
    for place in (folder, *sorted(one for one in folder.iterdir() if one.is_dir())):
        if place.is_symlink() and place != folder:
            continue
        mine: list[_Seen] = []
        paths = sorted(one for one in place.iterdir() if one.suffix.lower() in SUFFIXES)
        paths = [one for one in paths if one.is_file() and not one.is_symlink()]
        if len(found) + len(paths) > MOST_DATASETS:
            problem = f"there are more than {MOST_DATASETS:,} files"
            raise InvalidInput("folder", problem, "list folders one by one")
        for path in paths:
            name = path.relative_to(folder).with_suffix("").as_posix()
            try:
                with translated(parts, path):
                    mine.append(_seen(parts, path))
            except InvalidInput as wrong:
                refused[name] = f"{wrong.problem}; {wrong.fix}"
            else:
                found.append(_dataset(name, path, mine[-1:]))
        whole = place != folder and len(mine) == len(paths) > 1
        if whole and len({(one.daily, one.adjusted) for one in mine}) == 1:
            found.append(_dataset(place.name, place, mine))
    return Listing(datasets=tuple(sorted(found, key=lambda one: one.name)), refused=refused)


@frozen
class _Seen:
    """What one file holds; `times` are in the file's own unit, `sha256` is of its bytes."""

    file: str
    daily: bool
    adjusted: bool
    symbols: frozenset[str]
    times: frozenset[int]
    first: date
    last: date
    rows: int
    sha256: str


def _seen(parts: Arrow, path: Path) -> _Seen:
    source = parts.dataset.dataset(path, format="parquet")
    columns: Columns = choose(path, source.schema.names)
    keys = [name for name in (columns.symbol, columns.time) if name is not None]
    check_types(parts, path, columns, source.schema)
    if (count := source.count_rows()) > MOST_ROWS:
        raise InvalidInput(path.name, f"it has {count:,} rows", f"split it, {MOST_ROWS:,} at most")
    table = source.to_table(columns=keys)
    compute, core = parts.compute, parts.core
    if not len(table):
        raise InvalidInput(path.name, "it has no rows", "export it anew")
    when = times(parts, path, columns, table)
    try:
        ends = compute.min_max(when).as_py()
    except (OverflowError, ValueError) as beyond:
        problem = f"a {columns.time} is beyond the years that there are"
        raise InvalidInput(path.name, problem, "check its unit") from beyond
    first, last = (_date(ends[name]) for name in ("min", "max"))
    whole = when.cast(core.int32() if columns.daily else core.int64())
    if columns.symbol is None:
        symbols = [symbol_of(path)]
    else:
        symbols = compute.unique(table.column(columns.symbol)).to_pylist()
    if None in symbols:
        raise InvalidInput(path.name, "a symbol is null", "give every bar its symbol")
    return _Seen(
        path.name,
        columns.daily,
        columns.adjusted is not None,
        frozenset(symbols),
        frozenset(compute.unique(whole).to_pylist()),
        first,
        last,
        len(table),
        _sha256(path),
    )


def _date(when: date) -> date:
    return date(when.year, when.month, when.day)


def _dataset(name: str, path: Path, seen: list[_Seen]) -> Dataset:
    told = hashlib.sha256("".join(f"{one.file} {one.sha256}\n" for one in seen).encode())
    return Dataset(
        name=name,
        path=path,
        daily=seen[0].daily,
        symbols=tuple(sorted(frozenset[str]().union(*(one.symbols for one in seen)))),
        first=min(one.first for one in seen),
        last=max(one.last for one in seen),
        rows=sum(one.rows for one in seen),
        times=len(frozenset[int]().union(*(one.times for one in seen))),
        sha256=seen[0].sha256 if path.is_file() else told.hexdigest(),
    )


def _sha256(path: Path) -> str:
    told = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            told.update(chunk)
    return told.hexdigest()

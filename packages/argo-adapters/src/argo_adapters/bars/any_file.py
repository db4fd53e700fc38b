"""Panels from a file of any kind that is known here."""

from pathlib import Path

from argo_adapters.bars.csv_file import read_csv
from argo_adapters.bars.parquet import SUFFIXES, read_parquet
from argo_adapters.bars.selection import ALL, Selection
from argo_adapters.bars.tape import read_tape
from argo_adapters.tapes.file import SUFFIX as TAPE
from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.options import Options
from argo_core.errors import InvalidInput

_DEFAULT = Options()


def read_bars(
    path: Path | str,
    selection: Selection = ALL,
    options: Options = _DEFAULT,
    *,
    name: str | None = None,
    origin: str = "",
) -> Panel:
    """The chosen bars of a Parquet file, a folder of them, a CSV file or a tape, by its suffix.

    A tape says itself what it is called and where it comes from.

    Raises:
        InvalidInput: the suffix is unknown, or as the reader of that kind.
    """
    path = Path(path)
    if path.is_dir() or path.suffix.lower() in SUFFIXES:
        return read_parquet(path, selection, options, name=name, origin=origin)
    if path.suffix.lower() == ".csv":
        return read_csv(path, selection, options, name=name, origin=origin)
    if path.name.endswith(TAPE):
        return read_tape(path, selection, options)
    fix = f"give {', '.join(SUFFIXES)}, .csv, {TAPE}, or a folder of Parquet files"
    raise InvalidInput(path.name, "its suffix is unknown", fix)

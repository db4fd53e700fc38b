"""Which sector a symbol is of, from a table of two columns."""

import csv
import re
from collections.abc import Mapping
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Final

from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.market.instrument import Symbol, parse_symbol

KEY: Final = "trading.sectors_file"
_HEAD: Final = ["symbol", "sector"]
_MAX_BYTES: Final = 4_000_000
_SECTOR: Final = re.compile(r"[ -~]{1,64}")
_FIX: Final = "write lines like AAPL,technology below the line symbol,sector"


def read_sectors(path: Path | None) -> Mapping[Symbol, str]:
    """The sectors in that file, or those that come with Argo: US large caps by GICS. Blocks.

    Raises:
        InvalidSetting: the file cannot be read, or a line of it is not meant so.
    """
    if path is None:
        return parse_sectors(files(__package__).joinpath("sectors.csv").read_text("utf-8"))
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
        text = raw.decode("utf-8")
    except OSError as error:
        raise InvalidSetting(KEY, f"{path} cannot be read ({error.strerror})", _FIX) from error
    except ValueError as error:
        raise InvalidSetting(KEY, f"{path} is not text", _FIX) from error
    if len(raw) > _MAX_BYTES:
        raise InvalidSetting(KEY, f"{path} is larger than {_MAX_BYTES:,} bytes", _FIX)
    return parse_sectors(text)


def parse_sectors(text: str) -> Mapping[Symbol, str]:
    """The table in `text`; a symbol that is not in it is of the sector `unknown`.

    Raises:
        InvalidSetting: a line is malformed, or a symbol is there twice.
    """
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    found: dict[Symbol, str] = {}
    try:
        if next(rows, None) != _HEAD:
            raise InvalidSetting(KEY, "line 1 does not name the columns", _FIX)
        for row in rows:
            if row:
                symbol, sector = _line(row, rows.line_num)
                if symbol in found:
                    problem = f"{symbol} is there twice, again in line {rows.line_num}"
                    raise InvalidSetting(KEY, problem, "name each symbol once")
                found[symbol] = sector
    except csv.Error as error:
        raise InvalidSetting(KEY, f"line {rows.line_num}: {error}", _FIX) from error
    return found


def _line(row: list[str], number: int) -> tuple[Symbol, str]:
    try:
        symbol, sector = (cell.strip() for cell in row)
        parsed = parse_symbol(symbol)
    except InvalidInput as error:
        raise InvalidSetting(KEY, f"line {number}: {error.problem}", _FIX) from error
    except ValueError as error:
        raise InvalidSetting(KEY, f"line {number} is not two columns", _FIX) from error
    if not _SECTOR.fullmatch(sector):
        raise InvalidSetting(KEY, f"line {number} names no sector", _FIX)
    return parsed, sector

"""Rows from several files as one."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import frozen

from argo_core.backtest.data.rows import NUMBERS, Rows
from argo_core.errors import InvalidInput


@frozen(eq=False)
class Piece:
    """The bars of one file: which of `symbols` each is of, when, and its numbers."""

    symbols: Sequence[str]
    code: npt.NDArray[np.int64]
    at: npt.NDArray[np.int64]
    numbers: dict[str, npt.NDArray[np.float64]]
    adjusted: npt.NDArray[np.float64] | None
    daily: bool


def joined(pieces: Sequence[Piece]) -> Rows:
    """All of them, in their order; a symbol may be in several.

    Raises:
        InvalidInput: some are daily and some not, or some have adjusted closes and some not.
    """
    if len({one.daily for one in pieces}) > 1:
        raise InvalidInput("files", "some bars are daily, some are not", "read them one by one")
    if len({one.adjusted is None for one in pieces}) > 1:
        problem = "some files have adjusted closes, some have not"
        raise InvalidInput("files", problem, "read them one by one")
    symbols = sorted({symbol for one in pieces for symbol in one.symbols})
    place = {symbol: number for number, symbol in enumerate(symbols)}
    codes = [np.array([place[each] for each in one.symbols], np.int64)[one.code] for one in pieces]
    adjusted = [one.adjusted for one in pieces if one.adjusted is not None]
    columns: dict[str, Any] = {
        name: np.concatenate([one.numbers[name] for one in pieces]) for name in NUMBERS
    }
    return Rows(
        symbols=symbols,
        code=np.concatenate(codes),
        at=np.concatenate([one.at for one in pieces]),
        adjusted=np.concatenate(adjusted) if adjusted else None,
        **columns,
    )

"""Arrays as parts of frozen values: a copy of their own that nobody can write to.

An array that owns its numbers and lets nobody write to them already is kept as it is.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from attrs import cmp_using

from argo_core.errors import InvalidInput

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

same = cmp_using(eq=np.array_equal)


def _alike(one: Floats | None, other: Floats | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other, equal_nan=True)


same_or_absent = cmp_using(eq=_alike)


def _is_fixed(values: npt.NDArray[Any], kind: Any) -> bool:
    flags = values.flags
    its_own = flags.owndata and flags.c_contiguous and not flags.writeable
    return bool(its_own and values.dtype == kind)


def _check_whole(given: npt.NDArray[Any], kind: Any) -> None:
    # Numbers that are cut to whole ones, or wrapped, would be traded all the same.
    if given.dtype.kind == "f" and not (given == np.rint(given)).all():
        raise InvalidInput("array", "it holds what is no whole number", "give whole numbers")
    bounds = np.iinfo(kind)
    if given.size and not (bounds.min <= given.min() and given.max() <= bounds.max):
        problem = f"it holds {given.min()} to {given.max()}"
        raise InvalidInput("array", problem, f"give {bounds.min} to {bounds.max}")


def _fixed(values: npt.ArrayLike, kind: Any) -> Any:
    if isinstance(values, np.ndarray) and _is_fixed(values, kind):
        return values
    given = np.asarray(values)
    if np.issubdtype(kind, np.integer):
        _check_whole(given, kind)
    array: npt.NDArray[Any] = np.array(given, dtype=kind, order="C")
    array.flags.writeable = False
    return array


def ints(values: npt.ArrayLike) -> Ints:
    """Whole numbers of 64 bits."""
    fixed: npt.NDArray[np.int64] = _fixed(values, np.int64)
    return fixed


def int8s(values: npt.ArrayLike) -> npt.NDArray[np.int8]:
    """Whole numbers of 8 bits."""
    fixed: npt.NDArray[np.int8] = _fixed(values, np.int8)
    return fixed


def int16s(values: npt.ArrayLike) -> npt.NDArray[np.int16]:
    """Whole numbers of 16 bits."""
    fixed: npt.NDArray[np.int16] = _fixed(values, np.int16)
    return fixed


def int32s(values: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Whole numbers of 32 bits."""
    fixed: npt.NDArray[np.int32] = _fixed(values, np.int32)
    return fixed


def floats(values: npt.ArrayLike) -> Floats:
    """Floating-point numbers of 64 bits."""
    fixed: npt.NDArray[np.float64] = _fixed(values, np.float64)
    return fixed


def floats_or_none(values: npt.ArrayLike | None) -> Floats | None:
    """As `floats`; None stays None."""
    return None if values is None else floats(values)

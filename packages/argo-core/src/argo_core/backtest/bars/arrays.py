"""Arrays as parts of frozen values: a copy of their own that nobody can write to."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from attrs import cmp_using

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

same = cmp_using(eq=np.array_equal)
same_or_absent = cmp_using(eq=lambda one, other: np.array_equal(one, other, equal_nan=True))


def _converter(kind: type) -> Callable[[npt.ArrayLike], npt.NDArray[np.generic]]:
    def fixed(values: npt.ArrayLike) -> npt.NDArray[np.generic]:
        array: npt.NDArray[np.generic] = np.array(values, dtype=kind, order="C")
        array.flags.writeable = False
        return array

    return fixed


ints = _converter(np.int64)
floats = _converter(np.float64)
int8s = _converter(np.int8)
int16s = _converter(np.int16)
int32s = _converter(np.int32)


def floats_or_none(values: npt.ArrayLike | None) -> npt.NDArray[np.generic] | None:
    """As `floats`; None stays None."""
    return None if values is None else floats(values)

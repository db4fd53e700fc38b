"""Loops over arrays, compiled by numba where it is there (the extra `fast`), else as they are."""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, ParamSpec, TypeVar, cast

_P = ParamSpec("_P")
_R = TypeVar("_R")

COMPILED = find_spec("numba") is not None
"""Whether numba is installed; without it the same source runs, some hundred times as slow."""


def compiled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """`function` as machine code that is kept between runs and lets other threads run.

    Functions that call each other must live in one module: what is kept is made anew when its own
    file changes, and would not notice that another did.
    """
    if not COMPILED:
        return function
    from numba import njit  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415 - half a second

    make: Any = njit(cache=True, nogil=True)
    return cast("Callable[_P, _R]", make(function))

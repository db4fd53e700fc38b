"""Loops over arrays, compiled by numba where it is there (the extra `fast`), else as they are."""

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol, TypeVar

_F = TypeVar("_F", bound=Callable[..., Any])


class Compiler(Protocol):
    """Makes machine code of a function of numbers, arrays and named tuples of them."""

    def __call__(self, function: _F, /) -> _F:
        """The same function."""
        ...


def compiler(numba: Any, *, inline: bool = False, counted: bool = True) -> Compiler:
    """What numba makes: code that is kept between runs and lets other threads run.

    With `inline` a function becomes a part of each that calls it, before anything is translated.
    It saves the counting of arrays' owners at every call, across threads, and is worth it for what
    has one or two callers; more of it takes longer to translate. Without `counted` neither a
    function nor what became a part of it counts any owners: it works on arrays that its caller
    holds, and can make none.

    With None instead of numba the source is run as it is, some hundred times as slow. Functions
    that call each other must live in one module: what is kept is made anew when its own file
    changes, and would not notice that another did. A division by zero gives what numpy's gives.
    """

    def as_it_is(function: _F, /) -> _F:
        return function

    if numba is None:
        return as_it_is
    if inline:
        part: Compiler = numba.njit(nogil=True, error_model="numpy", inline="always")
        return part
    made: Compiler = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=counted)
    return made


_numba = import_module("numba") if find_spec("numba") else None
COMPILED = _numba is not None
compiled: Compiler = compiler(_numba)
inlined: Compiler = compiler(_numba, inline=True)
uncounted: Compiler = compiler(_numba, counted=False)

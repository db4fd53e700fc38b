"""A signal that counts in the published record, with what its figures are made of."""

import re
from collections.abc import Mapping
from functools import lru_cache

from attrs import frozen

_PHI = re.compile("phi_(.+)_bp")

COLUMNS = (
    "signal_index",
    "strategy",
    "symbol",
    "direction",
    "confidence_bp",
    "decided_us",
    "at_us",
    "return_bp",
    "result",
    "is_overdue",
)
"""The columns of the record as a table; see `row_of`."""


@frozen
class Opinion:
    """What one source contributed to a signal: `phi_bp` of its confidence, from `strength_e4`."""

    source: str
    phi_bp: int
    strength_e4: int


@frozen
class Counted:
    """One signal in the count: resolved with a return where everybody sees it, or overdue.

    `position` is the log's entry with which it came into the count, the later one of outcome and
    reveal. Of an overdue commit it is the commit, and what is in it is None. `at_us` is when the
    outcome ended, or when the reveal was due. `return_bp` is in the signal's direction: what
    following it would have earned before costs.
    """

    position: int
    signal_index: int
    strategy: str
    decided_us: int
    at_us: int
    return_bp: int
    symbol: str | None = None
    direction: str | None = None
    confidence_bp: int | None = None
    result: str | None = None
    opinions: tuple[Opinion, ...] = ()

    @property
    def is_overdue(self) -> bool:
        return self.result is None


def opinions_of(members: Mapping[str, str | int]) -> tuple[Opinion, ...]:
    """The contributions in the members of a signal's entry: `phi_*_bp` with `strength_*_e4`."""
    return tuple(
        Opinion(source, int(members[phi]), int(members[strength]))
        for source, phi, strength in _sources(tuple(members))
    )


# Signals from the same sources have the same names, so that there are few to be looked at.
@lru_cache(256)
def _sources(names: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    found = (_PHI.fullmatch(name) for name in names)
    return tuple((match[1], match[0], f"strength_{match[1]}_e4") for match in found if match)


def row_of(counted: Counted) -> tuple[str | int | None, ...]:
    """It as a row of a table with `COLUMNS`; `is_overdue` is 0 or 1."""
    return tuple(
        int(value) if isinstance(value := getattr(counted, name), bool) else value
        for name in COLUMNS
    )

"""A signal that counts in the published record, with what its figures are made of."""

from collections.abc import Mapping

from attrs import frozen

_PREFIX, _SUFFIX = "phi_", "_bp"

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
    sources = (
        name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
        for name in members
        if name.startswith(_PREFIX) and name.endswith(_SUFFIX)
    )
    return tuple(
        Opinion(
            source, int(members[f"phi_{source}_bp"]), int(members.get(f"strength_{source}_e4", 0))
        )
        for source in sources
    )


def row_of(counted: Counted) -> tuple[str | int | None, ...]:
    """It as a row of a table with `COLUMNS`; `is_overdue` is 0 or 1."""
    return tuple(
        int(value) if isinstance(value := getattr(counted, name), bool) else value
        for name in COLUMNS
    )

"""The findings of one assembling, as they are made."""

from collections.abc import Sequence

import numpy as np
from attrs import define, evolve, field

from argo_core.backtest.bars.arrays import Ints
from argo_core.backtest.bars.finding import Defect, Finding
from argo_core.backtest.data.hours import dated, timed
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol

_ORDER = {defect: place for place, defect in enumerate(Defect)}


@define
class Notes:
    """What was found so far; what is to be refused is refused as soon as it is noted."""

    symbols: Sequence[Symbol]
    daily: bool
    refuse: frozenset[Defect]
    findings: list[Finding] = field(factory=list)

    def bars(self, defect: Defect, code: Ints, at: Ints, rule: str) -> None:
        """One case for each of these bars.

        Raises:
            InvalidInput: there is one, and data with this defect are to be refused.
        """
        counts = np.bincount(code, minlength=len(self.symbols))
        first = np.full(len(self.symbols), np.iinfo(np.int64).max)
        np.minimum.at(first, code, at)
        for place in np.flatnonzero(counts):
            self.case(defect, int(place), int(counts[place]), int(first[place]), rule)

    def case(self, defect: Defect, place: int | None, count: int, first: int, rule: str) -> None:
        """`count` cases of the symbol at `place`, of all where it is None.

        Raises:
            InvalidInput: as for `bars`.
        """
        symbol = None if place is None else self.symbols[place]
        told = dated(first) if self.daily else timed(first)
        if defect in self.refuse:
            problem = f"{symbol or 'the data'}: {defect}, {count:,} times, first {told}"
            raise InvalidInput("bars", problem, f"mend the data, or do not refuse {defect}")
        self.findings.append(Finding(defect, symbol, count, told, rule))

    def excluded(self, defects: frozenset[Defect]) -> set[Symbol]:
        """The symbols that have one of these defects; their findings say that they are left out."""
        out = {one.symbol for one in self.findings if one.defect in defects and one.symbol}
        for place, one in enumerate(self.findings):
            if one.defect in defects and one.symbol in out:
                self.findings[place] = evolve(one, rule=f"{one.rule}; the symbol was left out")
        return out

    def in_order(self) -> tuple[Finding, ...]:
        """By kind of defect, then by symbol."""
        key = {id(one): (_ORDER[one.defect], one.symbol or "", one.rule) for one in self.findings}
        return tuple(sorted(self.findings, key=lambda one: key[id(one)]))

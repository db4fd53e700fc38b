"""What bars a trial was made on, so that trials on nearly the same ones are counted together."""

from collections.abc import Iterable
from datetime import date
from typing import Self

from attrs import field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.data.renames import date_of
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol, parse_symbol


def _symbols(symbols: Iterable[str]) -> frozenset[Symbol]:
    return frozenset(parse_symbol(one) for one in symbols)


@frozen
class Ground:
    """`symbols` in the sessions from `first` to `last`, both included, by bars of any length."""

    symbols: frozenset[Symbol] = field(converter=_symbols)
    first: date
    last: date

    def __attrs_post_init__(self) -> None:
        if not self.symbols:
            raise InvalidInput("symbols", "there is none", "name those that were traded")
        if self.first > self.last:
            raise InvalidInput("last", f"it is before {self.first}", "give the last session")

    @classmethod
    def of(cls, panel: Panel) -> Self:
        """The ground of a backtest on that panel."""
        return cls(panel.symbols, date_of(panel.session[0]), date_of(panel.session[-1]))

    def meets(self, other: "Ground") -> bool:
        """Whether both have a symbol and a span of sessions in common."""
        at_once = self.first <= other.last and other.first <= self.last
        return at_once and not self.symbols.isdisjoint(other.symbols)

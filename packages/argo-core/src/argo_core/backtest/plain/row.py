"""One row of a panel as values: what an account meets before the next."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from attrs import field, frozen

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.units import from_units
from argo_core.backtest.bars.verdicts import Verdicts
from argo_core.trading.order import Side

Place = int
"""Where a symbol stands in the panel."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = _EPOCH.date()
_SIDES = {1: Side.BUY, -1: Side.SELL}


@frozen
class PlainBar:
    """What one symbol did in one row."""

    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal


@frozen
class Verdict:
    """What was said of one symbol at a close: never to hold. None is what nobody knows."""

    place: Place
    side: Side
    close: Decimal
    stray_ppm: int | None
    adv: Decimal | None


@frozen
class Row:
    """Row `number` of a panel, known at `known`, in the session of that date."""

    number: int
    known: datetime
    session: date
    _bars: tuple[Sequence[int], ...]
    _directions: Sequence[int]
    _said: Verdicts
    # Bars that somebody asked for: three rules look at each of them.
    _made: dict[Place, PlainBar] = field(factory=dict)

    def has_bar(self, place: Place) -> bool:
        return self._bars[3][place] > 0

    def close(self, place: Place) -> Decimal:
        """Of a bar that is there."""
        return from_units(self._bars[3][place])

    def bar(self, place: Place) -> PlainBar | None:
        """None where the symbol has none in this row."""
        if not self.has_bar(place):
            return None
        if place not in self._made:
            opened, high, low, close = (from_units(column[place]) for column in self._bars[:4])
            self._made[place] = PlainBar(opened, high, low, close)
        return self._made[place]

    def volume(self, place: Place) -> int:
        return self._bars[4][place]

    def said(self, place: Place) -> Side | None:
        """None to hold."""
        return _SIDES.get(self._directions[place])

    def wanted(self) -> Iterator[Place]:
        """Whose symbols are to be bought or sold and have a bar, in the panel's order."""
        told = zip(self._directions, self._bars[3], strict=True)
        return (place for place, (way, close) in enumerate(told) if way and close)

    def surest_first(self, places: Iterable[Place]) -> list[Place]:
        """The most confident first, those alike in the order that they were in."""
        confidence = self._said.confidence_bp[self.number].tolist()
        return sorted(places, key=lambda place: -abs(confidence[place]))

    def verdict(self, place: Place) -> Verdict:
        """Of a symbol that is wanted."""
        said, number = self._said, self.number
        stray, adv = int(said.stray_ppm[number, place]), int(said.adv[number, place])
        return Verdict(
            place,
            _SIDES[self._directions[place]],
            self.close(place),
            stray if stray >= 0 else None,
            from_units(adv) if adv >= 0 else None,
        )


def rows(panel: Panel, verdicts: Verdicts) -> Iterator[Row]:
    """All rows in the order of time, with what was said at the close of each."""
    columns = (panel.open, panel.high, panel.low, panel.close, panel.volume)
    times = zip(panel.known_us.tolist(), panel.session.tolist(), strict=True)
    for number, (known, session) in enumerate(times):
        yield Row(
            number,
            _EPOCH + timedelta(microseconds=known),
            _FIRST_DAY + timedelta(days=session),
            tuple([column[number].tolist() for column in columns]),
            verdicts.direction[number].tolist(),
            verdicts,
        )

"""One row of a panel as values: what an account meets before the next."""

from collections.abc import Iterator, Sequence
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
    # Bars that somebody asked for: five rules look at each of them.
    _made: dict[Place, PlainBar] = field(factory=dict)

    def bar(self, place: Place) -> PlainBar | None:
        """None where the symbol has none in this row."""
        if not self._bars[3][place]:
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

    def wanted(self) -> Iterator[Verdict]:
        """To buy or to sell what has a bar, the most confident first, then in the panel's order."""
        closes, confidence = self._bars[3], self._said.confidence_bp[self.number].tolist()
        places = [place for place, one in enumerate(self._directions) if one and closes[place]]
        places.sort(key=lambda place: -abs(confidence[place]))
        return map(self._verdict, places)

    def _verdict(self, place: Place) -> Verdict:
        said, number = self._said, self.number
        stray, adv = int(said.stray_ppm[number, place]), int(said.adv[number, place])
        return Verdict(
            place,
            _SIDES[self._directions[place]],
            from_units(self._bars[3][place]),
            stray if stray >= 0 else None,
            from_units(adv) if adv >= 0 else None,
        )


def rows(panel: Panel, verdicts: Verdicts) -> Iterator[Row]:
    """All rows in the order of time, with what was said at the close of each."""
    columns = (panel.open, panel.high, panel.low, panel.close, panel.volume)
    for number in range(panel.rows):
        yield Row(
            number,
            _EPOCH + timedelta(microseconds=int(panel.known_us[number])),
            _FIRST_DAY + timedelta(days=int(panel.session[number])),
            tuple(column[number].tolist() for column in columns),
            verdicts.direction[number].tolist(),
            verdicts,
        )

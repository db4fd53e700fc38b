"""Published prices of a symbol with a signal's levels, and where it began and ended."""

from collections.abc import Sequence
from decimal import Decimal

from alpine_service.domain.signals.price_point import PricePoint
from alpine_service.pages.charts.line_chart import Lines, line_chart, thinned
from alpine_service.pages.charts.numbers import Numbers, Unit
from alpine_service.pages.charts.scale import is_drawable
from alpine_service.pages.charts.values import Chart, Kind, Level, Look, Moment, Series
from alpine_service.pages.formats import count, moment, of_us, price

_KINDS = {
    "signal": "Reference price",
    "start": "Start of an outcome",
    "end": "End of an outcome",
}
_LEVEL_LOOKS = {"Entry": Look.ACCENT, "Stop": Look.BAD, "Target": Look.GOOD}


def level(name: str, value: str | Decimal | None) -> Level | None:
    """An entry, a stop or a target, None where the signal has none."""
    return None if value is None else Level(name, float(value), _LEVEL_LOOKS.get(name, Look.STILL))


def levels_of(
    entry: str | Decimal | None, stop: str | Decimal | None, target: str | Decimal | None
) -> tuple[Level, ...]:
    """Those of the three that there are."""
    named = (level("Target", target), level("Entry", entry), level("Stop", stop))
    return tuple(each for each in named if each is not None)


def price_chart(
    symbol: str,
    points: Sequence[PricePoint],
    levels: Sequence[Level] = (),
    moments: Sequence[Moment] = (),
    *,
    name: str = "prices",
    more: str | None = None,
) -> Chart:
    """The points in order of time. `moments` are times in microseconds with prices.

    `more` is where all points are, if anywhere. What is too large to be drawn stands in the table.
    """
    levels = [each for each in levels if is_drawable(each.value)]
    moments = [each for each in moments if is_drawable(each.value)]
    numbers = Numbers(Unit.PRICE, _digits(points))
    rows = [(moment(of_us(each.at_us)), price(each.price), _KINDS[each.kind]) for each in points]
    drawn = [(float(each.at_us), float(each.price)) for each in points]
    drawn = [each for each in drawn if is_drawable(*each)]
    path = Series(
        f"Published prices of {symbol}",
        tuple(drawn),
        Kind.LINE if len(drawn) > 1 else Kind.POINTS,
        Look.STILL,
    )
    says = _says(symbol, points, levels, numbers)
    plot = Lines(f"Prices of {symbol}", says, (path,), numbers, tuple(levels), tuple(moments))
    table = thinned(("Time", "Price", "What it is"), rows)
    return line_chart(name, f"Published prices of {symbol}", says, (plot,), table=table, more=more)


def _digits(points: Sequence[PricePoint]) -> int:
    """As many decimals as the record has, at most 8."""
    exponents = [each.price.as_tuple().exponent for each in points]
    return min(8, max((-each for each in exponents if isinstance(each, int)), default=2))


def _says(
    symbol: str, points: Sequence[PricePoint], levels: Sequence[Level], numbers: Numbers
) -> str:
    said = [f"{each.name} {numbers.say(each.value)}" for each in levels if each.name]
    beside = f" {', '.join(said)}." if said else ""
    if not points:
        return f"No price of {symbol} is in the record yet.{beside}"
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{symbol} at {price(last.price)} on {moment(of_us(last.at_us))}.{beside}"
    return (
        f"{symbol} from {price(first.price)} on {moment(of_us(first.at_us))} to"
        f" {price(last.price)} on {moment(of_us(last.at_us))},"
        f" {count(len(points))} published prices.{beside}"
    )

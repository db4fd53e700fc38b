"""How much trades in a day, as far as the bars tell that warmed a recorded engine up."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from argo_core.market.bar import Bar
from argo_core.market.instrument import Symbol

_NOTHING = Decimal(0)


def daily_values(bars: Iterable[Bar]) -> Mapping[Symbol, Decimal]:
    """Close times volume of an average day with bars, by symbol.

    Live the average is of the last 20 whole days; a recording has six at most, and the first and
    the last of them may be cut.
    """
    values: dict[Symbol, dict[int, Decimal]] = {}
    for bar in bars:
        days = values.setdefault(bar.symbol, {})
        day = bar.start.toordinal()
        value = Decimal(repr(bar.close)) * Decimal(repr(bar.volume))
        days[day] = days.get(day, _NOTHING) + value
    return {symbol: sum(days.values(), _NOTHING) / len(days) for symbol, days in values.items()}

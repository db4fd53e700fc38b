"""Numbers, dates and amounts in words that people read, the same on every machine."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from argo_core.backtest.bars.units import PPM, UNITS
from argo_core.backtest.statistics.statistic import Statistic, Unit

MINUS = "\N{MINUS SIGN}"
ABSENT = "\N{EM DASH}"

_EPOCH = date(1970, 1, 1)
_SHORT = {"cagr": "CAGR", "psr": "PSR", "dsr": "DSR", "pbo": "PBO", "r": "R", "sharpe": "Sharpe"}
_SPANS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_HUGE = 1e15


def day(days: int) -> date:
    """The date that is `days` after 1970-01-01."""
    return _EPOCH + timedelta(days=int(days))


def moment(known_us: int) -> str:
    """Microseconds since 1970 as an ISO moment in UTC, without the parts of a second."""
    told = datetime.fromtimestamp(known_us // 1_000_000, UTC)
    return told.strftime("%Y-%m-%dT%H:%M:%SZ")


def title(name: str) -> str:
    """A key such as `max_drawdown` as a heading, `Max drawdown`."""
    first, *others = (_SHORT.get(word, word) for word in name.split("_"))
    return " ".join((first[:1].upper() + first[1:], *others))


def signed(text: str) -> str:
    """With a true minus sign, which is as wide as a digit."""
    return text.replace("-", MINUS)


def percent(share: float, places: int = 2, *, plus: bool = False) -> str:
    """A share of 1 in per cent."""
    told = f"{share * 100:{'+' if plus else ''},.{places}f}"
    bare = told.lstrip("+-")
    if not bare.strip("0.,"):
        told = bare
    return signed(told) + "%"


def dollars(amount: Decimal | float, places: int = 0, *, plus: bool = False) -> str:
    """An amount with its sign before the dollar."""
    told = f"{abs(amount):,.{places}f}"
    if not told.strip("0.,"):
        return f"${told}"
    return f"{MINUS if amount < 0 else '+' if plus else ''}${told}"


def worth(units: int, places: int = 0) -> str:
    """Units of 1/10,000 dollar as dollars."""
    return dollars(Decimal(int(units)) / UNITS, places)


def share(ppm: int) -> str:
    """Millionths as per cent, with as many places as it takes."""
    told = Decimal(ppm) * 100 / PPM
    return f"{told.normalize():f}%"


def span(seconds: int) -> str:
    """A duration in the greatest unit that tells it whole."""
    size, name = next(one for one in _SPANS if seconds % one[0] == 0)
    count = seconds // size
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def count(number: int, what: str) -> str:
    """`1 trade`, `2 trades`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _counted(value: float, name: str) -> str:
    places = 0 if value == int(value) else 1
    return signed(f"{value:,.{places}f} {name[:-1] if value == 1 else name}")


_READ: dict[Unit, Callable[[float], str]] = {
    Unit.SHARE: percent,
    Unit.RATE: percent,
    Unit.PROBABILITY: lambda value: percent(value, 1),
    Unit.DOLLARS: lambda value: dollars(value, 2),
    Unit.BASIS_POINTS: lambda value: signed(f"{value:,.1f} bp"),
    Unit.R: lambda value: signed(f"{value:.2f} R"),
    Unit.RATIO: lambda value: signed(f"{value:,.2f}"),
}


def figure(value: float, unit: Unit) -> str:
    """The value of a statistic as its unit is read."""
    if abs(value) >= _HUGE:
        return signed(f"{value:.3g}")
    read = _READ.get(unit)
    return read(value) if read else _counted(value, unit.value)


def value(statistic: Statistic) -> str:
    """The value in its unit, a dash where there is none."""
    if statistic.value is None:
        return ABSENT
    return figure(statistic.value, statistic.unit)


def interval(statistic: Statistic) -> str:
    """Its 95% interval in its unit, nothing where there is none."""
    if statistic.low is None or statistic.high is None:
        return ""
    return f"{figure(statistic.low, statistic.unit)} to {figure(statistic.high, statistic.unit)}"

"""Everything that decides a backtest's result besides its bars and scores."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from attrs import Attribute, field, frozen

from argo_core.backtest.bars.units import HIGHEST_AMOUNT, PPM, UNIT
from argo_core.errors import InvalidInput
from argo_core.trading.paper.fees import FeeSchedule

RULES_VERSION = "bars-1"
"""Which rules of fills and sizes a result was made by; another number, another version."""

_MOST_SHARE = 10 * PPM
_MOST_COST = PPM // 5
_MOST_SECONDS = 10**10
_MOST_POSITIONS = 1_000_000


def _ranged(least: int, most: int, fix: str) -> Callable[[Any, Any, int], None]:
    def check(_instance: object, attribute: "Attribute[int]", value: int) -> None:
        if type(value) is not int or not least <= value <= most:
            raise InvalidInput(attribute.name, f"{value!r} is out of range", fix)

    return check


def _share(default: int) -> int:
    fix = f"give millionths, a whole number from 0 to {_MOST_SHARE}"
    made: int = field(default=default, validator=_ranged(0, _MOST_SHARE, fix))
    return made


def _cost(default: int) -> int:
    fix = f"give millionths, a whole number from 0 to {_MOST_COST}"
    made: int = field(default=default, validator=_ranged(0, _MOST_COST, fix))
    return made


def _seconds(default: int) -> int:
    fix = "give whole seconds, zero or more"
    made: int = field(default=default, validator=_ranged(0, _MOST_SECONDS, fix))
    return made


def _dollars(_instance: object, attribute: "Attribute[Decimal]", value: Decimal) -> None:
    if not isinstance(value, Decimal):
        raise InvalidInput(attribute.name, f"{value!r} is no Decimal", 'give one: Decimal("1000")')
    if not value.is_finite() or not UNIT <= value <= HIGHEST_AMOUNT * UNIT:
        raise InvalidInput(attribute.name, f"{value} is no amount", "give 0.0001 to ten billion")


@frozen(kw_only=True)
class Costs:
    """What trading costs beyond the prices of the bars; shares of a price are in millionths.

    `spread_ppm` is what the ask lies above the bid, around the prices of the bars; market orders
    and stops pay `slippage_ppm` on top. At most `participation_ppm` of a bar's volume is filled, 0
    for any amount. `borrow_ppm` is paid on what is sold short, a year.
    """

    spread_ppm: int = _cost(200)
    slippage_ppm: int = _cost(100)
    participation_ppm: int = field(
        default=100_000, validator=_ranged(0, PPM, "give millionths from 0 to 1000000")
    )
    borrow_ppm: int = _share(30_000)
    fees: FeeSchedule = field(factory=FeeSchedule)


@frozen(kw_only=True)
class BarLimits:
    """The risk rules that bars can tell of; shares are in millionths, 0 switches a rule off.

    `risk_ppm` of equity may be lost between entry and stop. `order_cap` is in dollars. The
    defaults are the live engine's (`argo_core.trading.limits`).
    """

    risk_ppm: int = _share(5_000)
    order_cap: Decimal = field(default=Decimal(50_000), validator=_dollars)
    order_ppm: int = _share(50_000)
    adv_ppm: int = _share(10_000)
    symbol_ppm: int = _share(100_000)
    gross_ppm: int = _share(1_000_000)
    positions: int = field(
        default=10, validator=_ranged(1, _MOST_POSITIONS, "give a whole number, 1 or more")
    )
    collar_ppm: int = _cost(20_000)
    cooldown_s: int = _seconds(900)
    stop_cooldown_s: int = _seconds(3_600)
    daily_loss_ppm: int = _share(20_000)
    drawdown_ppm: int = _share(100_000)
    short_selling: bool = False


@frozen(kw_only=True)
class Exits:
    """When a position ends besides a signal against it.

    `stops` and `targets` lie where `argo_core.signals.levels` puts them; with `trail_ppm` above 0
    the stop follows the best price at that distance. `horizon_s` after the decision a position is
    closed, never with 0. With `hold_closes` a HOLD closes as well.
    """

    stops: bool = True
    targets: bool = True
    trail_ppm: int = _share(0)
    horizon_s: int = _seconds(3_600)
    hold_closes: bool = False


@frozen(kw_only=True)
class Plan:
    """How verdicts are traded. An entry waits `patience_rows` rows for a bar of its symbol."""

    capital: Decimal = field(default=Decimal(100_000), validator=_dollars)
    costs: Costs = field(factory=Costs)
    limits: BarLimits = field(factory=BarLimits)
    exits: Exits = field(factory=Exits)
    patience_rows: int = field(
        default=1, validator=_ranged(1, 1_000_000, "give a whole number, 1 or more")
    )

"""The numbers of the risk rules, with their defaults; shares of equity are fractions."""

from datetime import timedelta
from decimal import Decimal

from attrs import Attribute, field, fields, frozen

from argo_core.errors import InvalidInput

RULES_VERSION = "risk-1"
"""Which rules a certificate speaks of; another number, another version."""


# Leverage beyond this is a slip of the pen.
_MOST = 10


def _share(_instance: object, attribute: "Attribute[Decimal]", value: Decimal) -> None:
    if not value.is_finite() or not 0 < value <= _MOST:
        raise InvalidInput(attribute.name, f"{value} is no share", "give a fraction above 0")


def _amount(_instance: object, attribute: "Attribute[Decimal]", value: Decimal) -> None:
    if not value.is_finite() or value <= 0:
        raise InvalidInput(attribute.name, f"{value} is no amount", "give a positive decimal")


def _count(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if value < 1:
        raise InvalidInput(attribute.name, f"{value} is too few", "give 1 or more")


def _span(_instance: object, attribute: "Attribute[timedelta]", value: timedelta) -> None:
    if value < timedelta(0):
        raise InvalidInput(attribute.name, f"{value} is negative", "give zero or more seconds")


@frozen(kw_only=True)
class RiskLimits:
    """Defaults after SEC Rule 15c3-5(c)(1) and FIA Best Practices (2024); see `docs`.

    `risk_per_trade` of equity may be lost between entry and stop. An order's value is bounded by
    `order_cap` in quote currency, `order_share` of equity and `adv_share` of the average daily
    value over 20 days. `symbol_share`, `sector_share` and `gross_share` bound what is held and
    ordered. The collar bounds |limit - mid| / mid, `spread` the quote's own width. Times are of
    the market's clock.
    """

    risk_per_trade: Decimal = field(default=Decimal("0.005"), validator=_share)
    order_cap: Decimal = field(default=Decimal(50_000), validator=_amount)
    order_share: Decimal = field(default=Decimal("0.05"), validator=_share)
    adv_share: Decimal = field(default=Decimal("0.01"), validator=_share)
    symbol_share: Decimal = field(default=Decimal("0.10"), validator=_share)
    sector_share: Decimal = field(default=Decimal("0.30"), validator=_share)
    gross_share: Decimal = field(default=Decimal("1.00"), validator=_share)
    positions: int = field(default=10, validator=_count)
    collar: Decimal = field(default=Decimal("0.02"), validator=_share)
    spread: Decimal = field(default=Decimal("0.005"), validator=_share)
    divergence: Decimal = field(default=Decimal("0.005"), validator=_share)
    quote_age: timedelta = field(default=timedelta(seconds=15), validator=_span)
    edge: timedelta = field(default=timedelta(minutes=5), validator=_span)
    longest_signal: timedelta = field(default=timedelta(minutes=5), validator=_span)
    orders_per_minute: int = field(default=10, validator=_count)
    symbol_orders_per_minute: int = field(default=2, validator=_count)
    orders_per_day: int = field(default=200, validator=_count)
    cooldown: timedelta = field(default=timedelta(minutes=15), validator=_span)
    stop_cooldown: timedelta = field(default=timedelta(minutes=60), validator=_span)
    stops: int = field(default=3, validator=_count)
    stops_within: timedelta = field(default=timedelta(hours=24), validator=_span)
    stops_rest: timedelta = field(default=timedelta(hours=4), validator=_span)
    daily_loss_reduce: Decimal = field(default=Decimal("0.02"), validator=_share)
    daily_loss_halt: Decimal = field(default=Decimal("0.03"), validator=_share)
    drawdown_halt: Decimal = field(default=Decimal("0.10"), validator=_share)
    short_selling: bool = False

    def __attrs_post_init__(self) -> None:
        if self.daily_loss_halt < self.daily_loss_reduce:
            problem = f"{self.daily_loss_halt} is below {self.daily_loss_reduce}"
            raise InvalidInput("daily_loss_halt", problem, "halt at a greater loss than reduce")

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Every limit, in its order."""
        return tuple(one.name for one in fields(cls))

"""What an execution costs beyond its price."""

from decimal import ROUND_CEILING, Decimal

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.trading.order import Side

ZERO, CENT = Decimal(0), Decimal("0.01")


def _not_negative(_instance: object, attribute: object, value: Decimal) -> None:
    if not value.is_finite() or value < 0:
        name = getattr(attribute, "name", "fee")
        raise InvalidInput(f"fees.{name}", f"{value} is no fee", "give zero or more")


@frozen
class FeeSchedule:
    """The broker's commission, and what US regulators take of every sale; all in dollars.

    `per_share` is at least `minimum` an order; both are zero by default, as with Alpaca.

    `sec` is per dollar sold (Exchange Act section 31), `taf` per share sold, at most `taf_most` an
    order (FINRA's Trading Activity Fee, By-Laws, Schedule A, section 1). The defaults are what was
    known here of 2026: 20.60 dollars a million, 0.000195 and 9.79 dollars. They change with the
    years and were not read off the agencies' own pages, so look them up.
    """

    per_share: Decimal = field(default=ZERO, validator=_not_negative)
    minimum: Decimal = field(default=ZERO, validator=_not_negative)
    sec: Decimal = field(default=Decimal("0.0000206"), validator=_not_negative)
    taf: Decimal = field(default=Decimal("0.000195"), validator=_not_negative)
    taf_most: Decimal = field(default=Decimal("9.79"), validator=_not_negative)

    def total(self, side: Side, shares: Decimal, value: Decimal) -> Decimal:
        """All fees of an order of which so many shares were filled, worth `value` in all.

        They are computed of the whole order and rounded up to a cent, each of them, so that it does
        not matter in how many pieces it was filled.
        """
        if shares == 0:
            return ZERO
        fees = _cents(max(self.minimum, self.per_share * shares))
        if side is Side.SELL:
            fees += _cents(self.sec * value) + _cents(min(self.taf_most, self.taf * shares))
        return fees


NO_FEES = FeeSchedule(sec=ZERO, taf=ZERO)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_CEILING)

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

    `sec` is per dollar sold: 20.60 dollars a million from 4 April 2026 (Exchange Act section 31;
    SEC release 34-104909 of 27 February 2026; it was 0 from 14 May 2025 on). `taf` is per share
    sold, at most `taf_most` an order: 0.000195 and 9.79 dollars in 2026 (FINRA By-Laws, Schedule A,
    section 1, as changed by SR-FINRA-2024-019). Both change with the years, so look them up.
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

"""What a vendor may cost in a day of its own."""

from decimal import Decimal
from typing import Final

from attrs import Attribute, field, frozen

from argo_adapters.calendar.vendor_days import vendor_days
from argo_core.errors import InvalidInput
from argo_core.resilience.budget import DayLimit
from argo_core.resilience.vendor_day import VendorDays
from argo_service.config import checks

# A cent of a cent of a cent; more digits would be a typing error.
_MOST_DIGITS: Final = 6


def _dollars(
    _instance: object, attribute: "Attribute[Decimal | None]", value: Decimal | None
) -> None:
    if value is None:
        return
    exponent = value.as_tuple().exponent
    if not (
        isinstance(exponent, int) and exponent >= -_MOST_DIGITS and 0 <= value <= checks.LARGEST
    ):
        problem = f"{value} is no amount of dollars"
        raise InvalidInput(attribute.name, problem, "give zero or more, to six decimals at most")


def _count(_instance: object, attribute: "Attribute[int | None]", value: int | None) -> None:
    if value is not None and not 0 <= value <= checks.LARGEST:
        problem = f"{value} is out of range"
        raise InvalidInput(attribute.name, problem, f"give 0 to {checks.LARGEST}")


def _time_zone(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    try:
        vendor_days(value)
    except InvalidInput as error:
        raise InvalidInput(attribute.name, error.problem, error.fix) from error


@frozen
class Budget:
    """What may be spent from one midnight of the vendor to the next; none leaves it unlimited.

    `time_zone` is where that midnight is; UTC where the vendor does not say.
    """

    usd_per_day: Decimal | None = field(default=None, validator=_dollars)
    tokens_per_day: int | None = field(default=None, validator=_count)
    calls_per_day: int | None = field(default=None, validator=_count)
    time_zone: str = field(default="UTC", validator=_time_zone)

    def limit(self) -> DayLimit:
        """What the core counts against."""
        return DayLimit(self.usd_per_day, self.tokens_per_day, self.calls_per_day)

    def days(self) -> VendorDays:
        """The vendor's days."""
        return vendor_days(self.time_zone)

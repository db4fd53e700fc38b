"""What may be spent on a vendor in a day: reserved before the call, settled after it."""

from datetime import date, datetime
from decimal import Decimal

from attrs import define, field, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.vendor_day import VendorDays

MEASURES = ("usd", "tokens", "calls")


def _check(usd: Decimal | None, **counts: int | None) -> None:
    if usd is not None and not (usd.is_finite() and usd >= 0):
        raise InvalidInput("usd", f"{usd!r} is not an amount", "give a Decimal, zero or more")
    for name, count in counts.items():
        if count is not None and count < 0:
            raise InvalidInput(name, f"{count} is negative", "give zero or more")


@frozen
class Amount:
    """What a call costs: dollars as Decimal, tokens, calls."""

    usd: Decimal = Decimal(0)
    tokens: int = 0
    calls: int = 0

    def __attrs_post_init__(self) -> None:
        _check(self.usd, tokens=self.tokens, calls=self.calls)

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.usd + other.usd, self.tokens + other.tokens, self.calls + other.calls)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.usd - other.usd, self.tokens - other.tokens, self.calls - other.calls)


@frozen
class DayLimit:
    """What a day may cost; None leaves that measure unlimited."""

    usd: Decimal | None = None
    tokens: int | None = None
    calls: int | None = None

    def __attrs_post_init__(self) -> None:
        _check(self.usd, tokens=self.tokens, calls=self.calls)

    def lacks(self, total: Amount) -> str | None:
        """The first measure that `total` exceeds."""
        for measure in MEASURES:
            most: Decimal | int | None = getattr(self, measure)
            if most is not None and getattr(total, measure) > most:
                return measure
        return None


@frozen
class Reservation:
    """Leave to spend up to `amount`; its number is never used again."""

    number: int
    amount: Amount


@frozen
class Refused:
    """No leave: `measure` is what would be exceeded ("usd", "tokens", "calls" or "open").

    `resets_at` is the vendor's next midnight.
    """

    measure: str
    resets_at: datetime


@frozen
class Spending:
    """Where a day stands: `spent` is settled, `reserved` may still be spent."""

    day: date
    spent: Amount
    reserved: Amount
    resets_at: datetime


@define
class Budget:
    """One vendor's budget.

    At every moment, spent + reserved stays within the allowance, unless a vendor charges more than
    was reserved: that is booked as it is, and closes the day. An unknown outcome counts as if the
    whole reservation had been spent. Reservations open over midnight count in both days, because
    the vendor may book them in either. A clock set back neither reopens nor resets a day. `opening`
    is where the day stood before a restart; `most_open` bounds the reservations open at once.
    """

    limit: DayLimit
    days: VendorDays
    opening: Spending | None = None
    most_open: int = 1_000
    _open: dict[int, Amount] = field(factory=dict, init=False)
    _reserved: Amount = field(factory=Amount, init=False)
    _numbers: int = field(default=0, init=False)
    _day: date | None = field(default=None, init=False)
    _spent: Amount = field(factory=Amount, init=False)

    def __attrs_post_init__(self) -> None:
        if self.opening is not None:
            self._day = self.opening.day
            # Whoever held those reservations is gone, and nobody knows what they came to.
            self._spent = self.opening.spent + self.opening.reserved

    def reserve(self, amount: Amount, now: datetime) -> Reservation | Refused:
        """Leave to spend up to `amount`, or the measure that stands against it.

        Raises:
            InvalidInput: the vendor's day at `now` is unknown.
        """
        day = self._tick(now)
        lacking = self.limit.lacks(self._spent + self._reserved + amount)
        if lacking is None and len(self._open) >= self.most_open:
            lacking = "open"
        if lacking is not None:
            return Refused(lacking, self.days.next_midnight(now, day))
        self._numbers += 1
        self._open[self._numbers] = amount
        self._reserved += amount
        return Reservation(self._numbers, amount)

    def settle(self, reservation: Reservation, actual: Amount | None, now: datetime) -> bool:
        """Book what the vendor said the call cost; None when it said nothing.

        False when the reservation was settled or cancelled before: then nothing changes.

        Raises:
            InvalidInput: the vendor's day at `now` is unknown.
        """
        self._tick(now)
        if not self._close(reservation):
            return False
        self._spent += reservation.amount if actual is None else actual
        return True

    def cancel(self, reservation: Reservation, now: datetime) -> bool:
        """Give back what was reserved for a call that was never sent.

        False when the reservation was settled or cancelled before.

        Raises:
            InvalidInput: the vendor's day at `now` is unknown.
        """
        self._tick(now)
        return self._close(reservation)

    def spending(self, now: datetime) -> Spending:
        """Where the day stands.

        Raises:
            InvalidInput: the vendor's day at `now` is unknown.
        """
        day = self._tick(now)
        resets_at = self.days.next_midnight(now, day)
        return Spending(day, self._spent, self._reserved, resets_at)

    def _close(self, reservation: Reservation) -> bool:
        amount = self._open.pop(reservation.number, None)
        if amount is None:
            return False
        self._reserved -= amount
        return True

    def _tick(self, now: datetime) -> date:
        day = self.days.day(now)
        # A clock set back, ours or the one on the vendor's wall, begins no day a second time.
        if self._day is not None and day <= self._day:
            return self._day
        self._day, self._spent = day, Amount()
        return day

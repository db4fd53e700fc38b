"""A statistic as a value: the number, or why there is none, beside what it means."""

import math
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from attrs import field, frozen

from argo_core.errors import InvalidInput


class Unit(StrEnum):
    """What a number counts. A SHARE of 1 is all of it; a RATE is a share a year."""

    SHARE = "share"
    RATE = "share a year"
    RATIO = "ratio"
    PROBABILITY = "probability"
    DOLLARS = "dollars"
    DAYS = "days"
    BARS = "bars"
    SESSIONS = "sessions"
    TRADES = "trades"
    BASIS_POINTS = "basis points"
    R = "R"


@frozen
class Undefined:
    """Why a formula gives no number: `reason` is the end of a sentence, as "no losing trade"."""

    reason: str


Number = float | Undefined
"""What every formula here gives: a finite number, or the reason for none."""


T = TypeVar("T")


def given(value: T | Undefined, formula: Callable[[T], Number]) -> Number:
    """`formula` of `value`; undefined for the same reason where that is."""
    return value if isinstance(value, Undefined) else formula(value)


def finite(value: float, reason: str) -> Number:
    """`value`, or the reason where it is infinite or not a number."""
    return float(value) if math.isfinite(value) else Undefined(reason)


def _finite(_instance: object, attribute: object, value: float | None) -> None:
    if value is not None and not math.isfinite(value):
        name = getattr(attribute, "name", "value")
        raise InvalidInput(name, f"{value} is no number", "give a finite one, or None")


@frozen(kw_only=True)
class Statistic:
    """One number of a result: `value` in `unit`, or None for `reason`.

    `name` is the key in JSON, lower case with underscores. `definition` is the formula as the
    reference page prints it, `source` who defined it so. `n` is how many observations (returns,
    trades, rows) it was taken from. `low` and `high` are the ends of the interval that covers the
    true value in 95 of 100 cases, where there is one.
    """

    name: str
    value: float | None = field(validator=_finite)
    unit: Unit
    definition: str
    source: str
    reason: str | None
    n: int
    low: float | None = field(default=None, validator=_finite)
    high: float | None = field(default=None, validator=_finite)

    def __attrs_post_init__(self) -> None:
        if (self.value is None) != (self.reason is not None):
            problem = f"value {self.value} with reason {self.reason!r}"
            raise InvalidInput(self.name, problem, "give a value, or None with a reason")


@frozen(kw_only=True)
class Meaning:
    """What a statistic is, before there is a result. `undefined` says in which cases it is None."""

    name: str
    unit: Unit
    definition: str
    source: str
    undefined: str

    def statistic(
        self, number: Number, n: int, interval: tuple[float, float] | None = None
    ) -> Statistic:
        """The statistic with `number`, taken from `n` observations; an interval needs a number."""
        value, reason = (None, number.reason) if isinstance(number, Undefined) else (number, None)
        low, high = (None, None) if interval is None or value is None else interval
        return Statistic(
            name=self.name,
            value=value,
            unit=self.unit,
            definition=self.definition,
            source=self.source,
            reason=reason,
            n=n,
            low=low,
            high=high,
        )

"""What a rule found: what it saw, its limit, what is left up to it, and whether it denies."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from attrs import frozen

from argo_core.trading.denial import Denial

Shown: TypeAlias = Decimal | datetime | timedelta | str | int | None


@frozen
class Finding:
    """A `RuleResult` without the rule's name."""

    inputs: Mapping[str, str]
    limit: str
    margin: Decimal | None
    denial: Denial | None


def within(value: Decimal, limit: Decimal, denial: Denial, /, **inputs: Shown) -> Finding:
    """Allows what is not above the limit."""
    margin = limit - value
    return Finding(_texts(inputs), shown(limit), margin, denial if margin < 0 else None)


def at_least(value: Decimal, limit: Decimal, denial: Denial, /, **inputs: Shown) -> Finding:
    """Allows what is not below the limit."""
    margin = value - limit
    return Finding(_texts(inputs), shown(limit), margin, denial if margin < 0 else None)


def below(value: Decimal, limit: Decimal, denial: Denial, /, **inputs: Shown) -> Finding:
    """Allows what is below the limit; at the limit the margin is 0, and it denies."""
    margin = limit - value
    return Finding(_texts(inputs), shown(limit), margin, denial if margin <= 0 else None)


def holds(allowed: bool, denial: Denial, limit: Shown, /, **inputs: Shown) -> Finding:
    """Allows or denies where nothing is left over: there is no margin."""
    return Finding(_texts(inputs), shown(limit), None, None if allowed else denial)


def seconds(span: timedelta) -> Decimal:
    """The span in seconds, exact."""
    return Decimal(span // timedelta(microseconds=1)) / 1_000_000


def shown(value: Shown) -> str:
    """A value as a certificate has it: decimals in full, times in ISO 8601, spans in seconds."""
    match value:
        case None:
            return "unknown"
        case Decimal():
            return f"{value.normalize():f}"
        case timedelta():
            return shown(seconds(value))
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _texts(inputs: Mapping[str, Shown]) -> dict[str, str]:
    return {name: shown(value) for name, value in inputs.items()}

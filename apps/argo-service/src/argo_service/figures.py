"""Dollars and shares in short words, for people."""

from decimal import Decimal
from typing import Final

from argo_service.source_tally import SourceTally

_CENT: Final = Decimal("0.01")


def dollars(usd: Decimal | None) -> str:
    """To the cent, and below a dime to a hundredth of it, where language models live."""
    if usd is None:
        return "-"
    return f"${usd:.2f}" if usd == 0 or usd >= 10 * _CENT else f"${usd:.4f}"


def allowance(usd: Decimal) -> str:
    """A round sum without its cents."""
    return f"${usd:.0f}" if usd == usd.to_integral_value() else f"${usd:.2f}"


def budget_words(source: SourceTally) -> str:
    """What the vendor's day has cost of what it may cost."""
    booked = source.budget
    if booked is None:
        return dollars(source.usd)
    spent = dollars(booked.spent.usd + booked.reserved.usd)
    if booked.allowed.usd is None:
        return spent
    return f"{spent} of {allowance(booked.allowed.usd)}"


def percent(share: float | None) -> str:
    """A share from 0 to 1 in whole percent, or a dash."""
    return "-" if share is None else f"{share * 100:.0f} %"

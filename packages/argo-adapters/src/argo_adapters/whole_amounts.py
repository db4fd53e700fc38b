"""Amounts as whole numbers, which stores count exactly: dollars in steps of 1e-10.

That is the unit in which xAI reports what a call cost.
"""

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

from argo_core.errors import InvalidInput
from argo_core.resilience.budget import Amount

STEP = Decimal("1e-10")

# What a store's 64-bit numbers hold many of: a hundred million dollars.
MOST = 10**18

# Digits enough for every amount that passes, whatever the program's own context is.
_EXACT = Context(prec=60)


def to_whole(amount: Amount, *, taken: bool = False) -> tuple[int, int, int]:
    """Dollars in steps, tokens and calls.

    What is finer than a step counts as a whole one when it is added, and not at all when it is
    `taken` away: the sum is never less than what was spent.

    Raises:
        InvalidInput: a number is too large to be an amount.
    """
    rounding = ROUND_FLOOR if taken else ROUND_CEILING
    steps = int(_EXACT.divide(amount.usd, STEP).to_integral_value(rounding))
    if max(steps, amount.tokens, amount.calls) >= MOST:
        raise InvalidInput("amount", f"{amount} is no day's spending", "give what one call costs")
    return steps, amount.tokens, amount.calls


def from_whole(numbers: Sequence[int]) -> Amount:
    """The amount that those three numbers say."""
    steps, tokens, calls = numbers
    return Amount(_EXACT.multiply(Decimal(steps), STEP), tokens, calls)

"""When a position ends: the most urgent reason there is, by the order of `ExitReason`."""

from datetime import datetime
from decimal import Decimal

from argo_core.trading.holding import ExitReason, Holding


def exit_of(
    holding: Holding, price: Decimal | None, now: datetime, *, wanted: ExitReason | None = None
) -> ExitReason | None:
    """Why `holding` is to be closed, the most urgent reason first; None while it is to be kept.

    `price` is what closing it would bring: the bid of a long position, the ask of a short one, and
    None where nobody knows, which leaves the reasons that need no price. `wanted` is a reason that
    others have: a halt that flattens, a signal that turned. A reason that stands already gives way
    to a more urgent one alone.
    """
    there = {holding.exit, wanted}
    if now >= holding.until:
        there.add(ExitReason.TIME)
    if price is not None:
        sign = holding.side.sign
        if (price - holding.stop) * sign <= 0:
            there.add(ExitReason.STOP)
        if holding.target is not None and (price - holding.target) * sign >= 0:
            there.add(ExitReason.TARGET)
    return next((reason for reason in ExitReason if reason in there), None)

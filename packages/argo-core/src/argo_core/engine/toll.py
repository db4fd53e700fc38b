"""Budget, a look at the breaker, the ask, and the bill: what every paid or failing ask passes."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from argo_core.consensus.opinion import SourceName
from argo_core.engine.purse import Held
from argo_core.engine.shield import Shield
from argo_core.errors import VendorError, VendorThrottled, VendorUnavailable
from argo_core.ports import Answer, Clock
from argo_core.resilience.budget import Amount, Refused

Item = TypeVar("Item")

# A budget may have room again before midnight, when an ask under way comes to less than feared.
LOOK_AGAIN_S = 300.0


async def pay(
    source: SourceName,
    shield: Shield,
    worst: Amount,
    ask: Callable[[], Awaitable[Answer[Item] | VendorError]],
    clock: Clock,
) -> Answer[Item] | VendorError:
    """What `ask` returns, once `worst` is set aside; or why it was not even tried, at no cost."""
    held = await _reserve(source, shield, worst, clock)
    if isinstance(held, VendorError):
        return held
    rejected = None if shield.breaker is None else shield.breaker.peek()
    if rejected is not None:
        await _settle(shield, held, Amount())
        problem = f"its breaker is {rejected.state}"
        return VendorUnavailable(source, problem, calls=0, retry_after_s=rejected.retry_after_s)
    try:
        outcome = await ask()
    except BaseException:
        if shield.purse is not None and held is not None:
            shield.purse.abandon(held)
        raise
    await _settle(shield, held, _cost(outcome, worst))
    return outcome


async def _reserve(
    source: SourceName, shield: Shield, worst: Amount, clock: Clock
) -> Held | VendorError | None:
    if shield.purse is None:
        return None
    given = await shield.purse.reserve(worst)
    if not isinstance(given, Refused):
        return given
    until_reset_s = max(0.0, (given.resets_at - clock.now()).total_seconds())
    problem = f"the day's budget of {given.measure} is spent"
    wait_s = min(LOOK_AGAIN_S, until_reset_s)
    return VendorThrottled(source, problem, calls=0, retry_after_s=wait_s)


async def _settle(shield: Shield, held: Held | None, actual: Amount) -> None:
    if shield.purse is not None and held is not None:
        await shield.purse.settle(held, actual)


def _cost(outcome: Answer[Item] | VendorError, worst: Amount) -> Amount:
    if isinstance(outcome, VendorError):
        # A failure seldom says how many tokens it took; one that was charged took some.
        return Amount(outcome.usd, worst.tokens if outcome.usd else 0, outcome.calls)
    return Amount(outcome.usd, outcome.tokens, outcome.calls)

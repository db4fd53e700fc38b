"""How much of an order is filled at once: mostly all, sometimes a random part first."""

from collections import deque
from decimal import Decimal

from attrs import define, field

from argo_adapters.simulator.alpaca.trading.decimals import CENT
from argo_adapters.simulator.alpaca.trading.order import Order
from argo_adapters.simulator.stamps import SECOND
from argo_core.backtest.dice import uniforms

PARTIAL_RATE = 0.1


@define
class _Plan:
    """The parts still to come, `pause` nanoseconds apart; then the rest, unless it `waits`."""

    parts: deque[Decimal]
    pause: int
    waits: bool
    due: int = 0


@define
class Portions:
    """`rate` of all orders are filled in two parts. A scripted plan takes the next order."""

    seed: int
    rate: float = PARTIAL_RATE
    pause: int = 5 * SECOND
    _scripts: deque[_Plan] = field(factory=deque)
    _plans: dict[str, _Plan | None] = field(factory=dict)

    def script(self, parts: tuple[Decimal, ...], pause: int) -> None:
        """The next order to be filled goes like this, and then waits for `go_on`."""
        self._scripts.append(_Plan(deque(parts), pause, waits=True))

    def go_on(self) -> None:
        """Whatever waits may be filled."""
        self._scripts.clear()
        self._plans = dict.fromkeys(self._plans)

    @property
    def waits(self) -> bool:
        """Whether an order that has met its price gets more in a moment."""
        return any(plan and (plan.parts or not plan.waits) for plan in self._plans.values())

    def take(self, order: Order, now: int) -> Decimal:
        """How many shares of an order that meets its price are filled now; none means wait."""
        if order.id not in self._plans:
            self._plans[order.id] = self._scripts.popleft() if self._scripts else self._lot(order)
        plan = self._plans[order.id]
        if plan is None:
            return order.left
        if now < plan.due:
            return Decimal(0)
        plan.due = now + plan.pause
        if plan.parts:
            return min(order.left, plan.parts.popleft())
        return Decimal(0) if plan.waits else order.left

    def forget(self, order: Order) -> None:
        """The order has come to its end."""
        self._plans.pop(order.id, None)

    def _lot(self, order: Order) -> _Plan | None:
        chance = uniforms(self.seed, "part", order.number)
        if next(chance) >= self.rate:
            return None
        whole = order.left == order.left.to_integral_value()
        grain = Decimal(1) if whole else CENT
        part = (order.left * Decimal(next(chance))).quantize(grain)
        part = min(max(part, grain), order.left - grain)
        return _Plan(deque([part]), self.pause, waits=False) if part > 0 else None

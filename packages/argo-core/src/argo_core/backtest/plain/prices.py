"""What the prices of a bar become for somebody who trades at them."""

from decimal import Decimal

from argo_core.backtest.bars.plan import Costs
from argo_core.backtest.bars.units import PPM, UNIT
from argo_core.backtest.plain.amounts import down, up
from argo_core.trading.order import Side


def bid(price: Decimal, costs: Costs) -> Decimal:
    """What it could be sold at."""
    return cheaper(price, _half(costs))


def ask(price: Decimal, costs: Costs) -> Decimal:
    """What it could be bought at."""
    return dearer(price, _half(costs))


def quote(side: Side, price: Decimal, costs: Costs) -> Decimal:
    """What somebody with a position of this side could get out at."""
    return bid(price, costs) if side is Side.BUY else ask(price, costs)


def worse(side: Side, price: Decimal, costs: Costs) -> Decimal:
    """What an order at the market pays or gets."""
    return slipped(side, price, _half(costs) + costs.slippage_ppm)


def slipped(side: Side, price: Decimal, ppm: int) -> Decimal:
    """A price that turned against this side by so many millionths."""
    return dearer(price, ppm) if side is Side.BUY else cheaper(price, ppm)


def dearer(price: Decimal, ppm: int) -> Decimal:
    return up(price * (PPM + ppm) / PPM)


def cheaper(price: Decimal, ppm: int) -> Decimal:
    return max(UNIT, down(price * (PPM - ppm) / PPM))


def _half(costs: Costs) -> int:
    return -(-costs.spread_ppm // 2)

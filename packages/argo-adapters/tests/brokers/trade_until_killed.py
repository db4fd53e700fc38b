"""Buys a share again and again, and prints how many there are each time it was acknowledged."""

import asyncio
import sys
from decimal import Decimal
from pathlib import Path

from argo_adapters.brokers.paper import PaperBroker
from argo_adapters.clocks.system import SystemClock
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.trading.order import OrderRequest, Side

AAPL = Symbol("AAPL")


async def main(path: Path) -> None:
    clock = SystemClock()
    async with PaperBroker.open(path, clock) as broker:

        async def quote() -> None:
            now = clock.now()
            price = Decimal("10.00")
            await broker.observe([Quote(AAPL, price, now, now, "test", price, price)])

        await quote()
        shares = sum(int(one.quantity) for one in await broker.positions())
        while True:
            request = OrderRequest(f"buy-{shares + 1}", AAPL, Side.BUY, Decimal(1))
            await broker.submit(request)
            await quote()
            shares = sum(int(one.quantity) for one in await broker.positions())
            print(shares, flush=True)  # noqa: T201 - the parent reads it


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))

"""How much of each symbol trades in a day, asked for once a day and known to the risk rules."""

from typing import Final

from argo_core.errors import VendorError
from argo_core.events import TradingAlarm
from argo_core.execution.trader import Trader
from argo_core.ports import Clock, Liquidity, Observer

DAY_S: Final = 86_400.0
AGAIN_S: Final = 60.0


async def keep_turnover(
    trader: Trader, liquidity: Liquidity, clock: Clock, observer: Observer
) -> None:
    """Ask at the start and once a day, until cancelled; after a failure in a minute again.

    Meanwhile orders are denied, because nobody knows whether they are too large.
    """
    instruments = tuple(trader.market.instruments.values())
    while True:
        try:
            trader.market.adv = await liquidity.daily_values(instruments, clock.now())
        except Exception as error:  # noqa: BLE001 - nobody else would ask again
            known = isinstance(error, VendorError)
            why = str(error) if known else f"{type(error).__name__}: {error}"
            problem = f"nobody knows how much trades in a day: {why}"
            observer.notice(TradingAlarm(clock.now(), problem))
            await clock.sleep(AGAIN_S)
        else:
            await clock.sleep(DAY_S)

"""What the settings decide about trading, as the trader and the paper broker take it."""

from datetime import timedelta
from typing import Final

from attrs import evolve

from argo_core.consensus.reasons import Direction
from argo_core.execution.policy import TradingPolicy
from argo_core.trading.paper.fees import FeeSchedule
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.step import Pace
from argo_service.config.trading import PAPER
from argo_service.config.tree import Settings

# The first quote that an order on paper can meet is the next cycle's, which may be a little late.
_BEATS: Final = 2.5


def policy_of(settings: Settings) -> TradingPolicy:
    """How to trade; on paper an entry is given the time to meet a quote."""
    own = settings.trading
    entry_s = own.entry_patience_s
    if own.broker == PAPER:
        entry_s = max(entry_s, _BEATS * settings.consensus.beat_s)
    return TradingPolicy(
        limits=own.limits.rules(),
        pace=evolve(Pace(), entry=timedelta(seconds=entry_s)),
        close_on=frozenset(map(Direction, own.close_on)),
        trail=own.trail,
        reconcile=timedelta(seconds=own.reconcile_s),
    )


def paper_of(settings: Settings) -> PaperSettings:
    """What the paper broker assumes."""
    own = settings.trading.paper
    return PaperSettings(
        capital=settings.trading.capital,
        participation=own.participation,
        quote_size=own.quote_size,
        spread=own.spread,
        fees=FeeSchedule(per_share=own.fee_per_share, minimum=own.fee_minimum),
    )


def account_of(settings: Settings, broker: str) -> str:
    """By what the journal and the orders' ids tell our account from others'."""
    return f"{broker}/{settings.log.strategy}"

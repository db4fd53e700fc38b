"""What is tried where nothing else is asked for, and whether there is such a strategy."""

from typing import Final

from argo_core.backtest.strategy import Strategy
from argo_service.backtesting.request import Asked

DATASET: Final = "ordinary-day"
STRATEGY: Final = "consensus"


def strategy_of(asked: Asked) -> Strategy:
    """The strategy that is asked for.

    Raises:
        InvalidInput: there is none of that name, or a parameter is wrong.
    """
    raise NotImplementedError


def refuse_strategy(asked: Asked) -> None:
    """Raise InvalidInput where `strategy_of` would."""
    strategy_of(asked)

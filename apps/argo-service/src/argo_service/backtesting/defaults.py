"""What is tried where nothing else is asked for, and whether there is such a strategy."""

from typing import Final

from argo_core.backtest.strategy import Strategy
from argo_core.errors import InvalidInput
from argo_service.backtesting.members import full_name
from argo_service.backtesting.request import Asked

DATASET: Final = "ordinary-day"
STRATEGY: Final = "consensus"
_PARAMETERS: Final = "parameters"


def strategy_of(asked: Asked) -> Strategy:
    """The strategy that is asked for.

    Raises:
        InvalidInput: there is none of that name, or a parameter is wrong.
    """
    # Behind it stand the indicators, which the service does not need before somebody asks.
    from argo_core.backtest.strategies.table import TABLE, make  # noqa: PLC0415 - see above

    try:
        return make(asked.strategy, asked.parameters)
    except InvalidInput as error:
        entry = TABLE.get(asked.strategy)
        if entry is None or error.field == _PARAMETERS:
            raise
        raise InvalidInput(full_name(_PARAMETERS, error.field), error.problem, error.fix) from error


def refuse(asked: Asked, own: Strategy | None = None) -> None:
    """Refuse at once what a worker would refuse later: a strategy, or costs beyond reckoning.

    With one of its `own` the name of the strategy means nothing.

    Raises:
        InvalidInput: as `strategy_of`, or a fee has more digits than are reckoned with.
    """
    from argo_core.backtest.trading import params  # noqa: PLC0415 - as in `strategy_of`

    if own is None:
        strategy_of(asked)
    try:
        params(asked.plan)
    except InvalidInput as error:
        raise InvalidInput(full_name("costs", error.field), error.problem, error.fix) from error

"""ACTIVE, REDUCING, HALTED: the worst of the causes that stand decides."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from attrs import frozen


class TradingState(StrEnum):
    """REDUCING and HALTED let positions only shrink; HALTED stays until an operator resumes."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


class Cause(StrEnum):
    """Why trading is held back."""

    STARTING = "starting"
    DRIFT = "drift"
    CALENDAR = "calendar"
    PRICE_JUMP = "price_jump"
    BLOCKED = "blocked"
    DAILY_LOSS = "daily_loss"
    DAILY_LOSS_HARD = "daily_loss_hard"
    DRAWDOWN = "drawdown"
    OPERATOR = "operator"


class Relief(StrEnum):
    """What may end a cause."""

    RECONCILED = "reconciled"
    NEXT_SESSION = "next_session"
    OPERATOR = "operator"


@frozen
class Rule:
    """What a cause does while it stands, and what ends it."""

    state: TradingState
    relief: Relief


# The whole machine: a cause comes when it is found, and goes by its relief alone.
TABLE: Mapping[Cause, Rule] = {
    Cause.STARTING: Rule(TradingState.REDUCING, Relief.RECONCILED),
    Cause.DRIFT: Rule(TradingState.REDUCING, Relief.RECONCILED),
    Cause.BLOCKED: Rule(TradingState.REDUCING, Relief.RECONCILED),
    Cause.CALENDAR: Rule(TradingState.REDUCING, Relief.NEXT_SESSION),
    Cause.PRICE_JUMP: Rule(TradingState.REDUCING, Relief.OPERATOR),
    Cause.DAILY_LOSS: Rule(TradingState.REDUCING, Relief.NEXT_SESSION),
    Cause.DAILY_LOSS_HARD: Rule(TradingState.HALTED, Relief.OPERATOR),
    Cause.DRAWDOWN: Rule(TradingState.HALTED, Relief.OPERATOR),
    Cause.OPERATOR: Rule(TradingState.HALTED, Relief.OPERATOR),
}

_WORST = (TradingState.ACTIVE, TradingState.REDUCING, TradingState.HALTED)


def state_of(causes: Iterable[Cause]) -> TradingState:
    """The worst state that any of the causes asks for."""
    return max((TABLE[cause].state for cause in causes), key=_WORST.index, default=_WORST[0])


def relieved(cause: Cause, relief: Relief) -> bool:
    """Whether that ends the cause."""
    return TABLE[cause].relief is relief

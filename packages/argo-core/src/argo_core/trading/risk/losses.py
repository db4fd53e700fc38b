"""The losses that hold trading back: what the loss rules find, as causes of a state."""

from datetime import UTC, datetime

from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.case import Standing
from argo_core.trading.risk.finding import Finding
from argo_core.trading.risk.loss_rules import daily_loss_of, drawdown
from argo_core.trading.state import Cause
from argo_core.trading.views import AccountView

# Losses are of equity alone, whatever the time.
_ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


def losses(account: AccountView, limits: RiskLimits) -> tuple[tuple[Cause, str], ...]:
    """Every loss beyond its limit now, and in words how far; what nobody can count is none.

    A day's loss that halts is one that reduces, too, so both are told.
    """
    standing = Standing(account, limits, _ANY_TIME)
    found = (
        (Cause.DAILY_LOSS, daily_loss_of(standing, limits.daily_loss_reduce)),
        (Cause.DAILY_LOSS_HARD, daily_loss_of(standing, limits.daily_loss_halt)),
        (Cause.DRAWDOWN, drawdown(standing)),
    )
    return tuple(
        (cause, _why(one))
        for cause, one in found
        if one.denial is not None and one.margin is not None
    )


def _why(found: Finding) -> str:
    seen = ", ".join(f"{name} {value}" for name, value in found.inputs.items())
    return f"{seen}; the limit is {found.limit}"

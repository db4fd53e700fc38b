"""How much may be lost before nothing is opened any more, counted on equity as it is marked.

Both are in quote currency, so nothing is divided: a loss of 2 % is one of 0.02 * E0. At the limit
itself they deny. They do not wait until the state has followed.
"""

from decimal import Decimal

from argo_core.trading.denial import Denial
from argo_core.trading.risk.case import Standing
from argo_core.trading.risk.finding import Finding, below, holds


def daily_loss(standing: Standing) -> Finding:
    """E0 + F - E, of what there was at the close of the session before (E0)."""
    return daily_loss_of(standing, standing.limits.daily_loss_reduce)


def daily_loss_of(standing: Standing, share: Decimal) -> Finding:
    """The same against another share of E0."""
    account = standing.account
    if account.opened <= 0:
        return holds(False, Denial.DAILY_LOSS, share, opened=account.opened)
    loss = account.opened + account.flows - account.equity
    return below(
        loss,
        share * account.opened,
        Denial.DAILY_LOSS,
        loss=loss,
        equity=account.equity,
        opened=account.opened,
        flows=account.flows,
        share=share,
    )


def drawdown(standing: Standing) -> Finding:
    """HWM - E, of the highest that equity ever was (HWM)."""
    account, share = standing.account, standing.limits.drawdown_halt
    if account.high <= 0:
        return holds(False, Denial.DRAWDOWN, share, high=account.high)
    loss = account.high - account.equity
    return below(
        loss,
        share * account.high,
        Denial.DRAWDOWN,
        loss=loss,
        equity=account.equity,
        high=account.high,
        share=share,
    )

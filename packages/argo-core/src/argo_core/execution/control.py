"""What an operator asks of the trader: halt, resume, flatten; each with a reason that is kept."""

from argo_core.errors import InvalidInput, JournalError
from argo_core.execution.inbox import Order
from argo_core.execution.office import Office
from argo_core.execution.reconciler import Reconciler
from argo_core.execution.watchman import Watchman
from argo_core.market.instrument import Symbol
from argo_core.trading.account import account_view
from argo_core.trading.fact import CauseCleared, CauseRaised, ExitWanted, Fact, HighWater
from argo_core.trading.holding import ExitReason
from argo_core.trading.risk.losses import losses
from argo_core.trading.state import Cause, Relief, relieved


class Control:
    """Carries wishes out in the trader's own task."""

    def __init__(self, office: Office, reconciler: Reconciler, watchman: Watchman) -> None:
        self._office = office
        self._reconciler = reconciler
        self._watchman = watchman

    async def carry_out(self, order: Order) -> None:
        """Do it and answer, if the asker waits still; a wish that makes no sense is his alone.

        Raises:
            JournalError: the wish could not be noted.
        """
        try:
            result = await self._result(order)
        except InvalidInput as error:
            order.refuse(error)
        except BaseException as error:
            # Whatever it was, trading stops by it, and nobody else would answer.
            order.refuse(JournalError(f"trading has stopped: {error}"))
            raise
        else:
            order.answer(result)

    async def _result(self, order: Order) -> tuple[str, ...]:
        match order.what:
            case "halt":
                await self._halt(order.reason)
                return ()
            case "resume":
                return await self._resume(order.reason)
            case _:
                return await self._flatten(order.reason, order.symbol)

    async def _halt(self, reason: str) -> None:
        if Cause.OPERATOR not in self._office.book.causes:
            await self._office.note(CauseRaised(self._office.now(), Cause.OPERATOR, reason))

    async def _resume(self, reason: str) -> tuple[Cause, ...]:
        """Clear what an operator may. After a drawdown the high-water mark begins anew.

        A day's loss that is as great as ever would be found again at once, so it stands.
        """
        now, book = self._office.now(), self._office.book
        view = account_view(book, self._office.market.sectors)
        lost = {cause for cause, _ in losses(view, self._office.policy.limits)}
        cleared = [
            cause
            for cause in book.causes
            if relieved(cause, Relief.OPERATOR)
            and not (cause is Cause.DAILY_LOSS_HARD and cause in lost)
        ]
        facts: list[Fact] = [CauseCleared(now, cause, reason) for cause in cleared]
        if Cause.DRAWDOWN in cleared:
            facts.append(HighWater(now, book.equity))
        if facts:
            await self._office.note(*facts)
        if Cause.PRICE_JUMP in cleared:
            self._watchman.accept()
        await self._reconciler.accept(reason)
        self._reconciler.demand()
        return tuple(book.causes)

    async def _flatten(self, reason: str, symbol: Symbol | None) -> tuple[Symbol, ...]:
        """What an open entry may still bring is closed as well, so it counts as held."""
        book, now = self._office.book, self._office.now()
        if symbol is None:
            await self._halt(reason)
        entries = {one.request.symbol for one in book.open_orders(symbol) if one.leg.opens}
        every = sorted(book.held().keys() | entries)
        closing = [one for one in every if symbol is None or one == symbol]
        if symbol is not None and not closing:
            problem = f"nothing is held of {symbol}"
            raise InvalidInput("symbol", problem, "name a symbol with a position")
        if closing:
            await self._office.note(
                *(ExitWanted(now, one, ExitReason.FLATTEN, reason) for one in closing)
            )
        return tuple(closing)

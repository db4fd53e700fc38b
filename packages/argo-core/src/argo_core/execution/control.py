"""What an operator asks of the trader: halt, resume, flatten; each with a reason that is kept."""

from argo_core.errors import ArgoError, InvalidInput
from argo_core.execution.dealer import Dealer
from argo_core.execution.inbox import Order
from argo_core.execution.office import Office
from argo_core.execution.reconciler import Reconciler
from argo_core.execution.watchman import Watchman
from argo_core.market.instrument import Symbol
from argo_core.trading.fact import CauseCleared, CauseRaised, ExitWanted, Fact, HighWater
from argo_core.trading.holding import ExitReason
from argo_core.trading.state import Cause, Relief, relieved
from argo_core.trading.steps import Cancel


class Control:
    """Carries wishes out in the trader's own task."""

    def __init__(
        self, office: Office, dealer: Dealer, reconciler: Reconciler, watchman: Watchman
    ) -> None:
        self._office = office
        self._dealer = dealer
        self._reconciler = reconciler
        self._watchman = watchman

    async def carry_out(self, order: Order) -> None:
        """Do it and answer; what goes wrong is the asker's answer, and the journal's is ours too.

        Raises:
            JournalError: the wish could not be noted.
        """
        try:
            result: tuple[str, ...] = ()
            match order.what:
                case "halt":
                    await self._halt(order.reason)
                case "resume":
                    result = await self._resume(order.reason)
                case _:
                    result = await self._flatten(order.reason, order.symbol)
        except ArgoError as error:
            order.done.set_exception(error)
            if not isinstance(error, InvalidInput):
                raise
        else:
            if not order.done.done():
                order.done.set_result(result)

    async def _halt(self, reason: str) -> None:
        if Cause.OPERATOR not in self._office.book.causes:
            await self._office.note(CauseRaised(self._office.now(), Cause.OPERATOR, reason))

    async def _resume(self, reason: str) -> tuple[Cause, ...]:
        """Clear what an operator may. After a drawdown the high-water mark begins anew."""
        now, book = self._office.now(), self._office.book
        cleared = [cause for cause in book.causes if relieved(cause, Relief.OPERATOR)]
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
        book, now = self._office.book, self._office.now()
        if symbol is not None:
            entries = [one for one in book.open_orders(symbol) if one.leg.opens]
            if not book.quantity(symbol) and not entries:
                problem = f"nothing is held of {symbol}"
                raise InvalidInput("symbol", problem, "name a symbol with a position")
            for entry in entries:
                await self._dealer.perform(Cancel(entry))
        else:
            await self._halt(reason)
        closing = [one for one in book.held() if symbol is None or one == symbol]
        wanted = [ExitWanted(now, one, ExitReason.FLATTEN, reason) for one in closing]
        if wanted:
            await self._office.note(*wanted)
        return tuple(closing)

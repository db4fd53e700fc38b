"""Carries steps out: written down first, then asked of the broker, then its answer written down.

A question without an answer is a doubt: the order may be there or not. It is looked for by its id;
only where it is not to be found twice, some time apart, it is sent again under the same id, which
cannot make a second one, or given up where it is not wanted any more.
"""

from datetime import datetime, timedelta

from attrs import evolve, frozen

from argo_core.errors import (
    BrokerError,
    BrokerGarbled,
    BrokerRefused,
    BrokerThrottled,
    InvalidInput,
)
from argo_core.events import TradingAlarm
from argo_core.execution.office import Office
from argo_core.trading.book_order import BookOrder
from argo_core.trading.broker_view import BrokerOrder, Execution
from argo_core.trading.credible import check_order
from argo_core.trading.fact import (
    CancelAsked,
    ExitWanted,
    Fact,
    Intended,
    Refused,
    ReplaceAsked,
    Told,
)
from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.orders_kept import is_ours
from argo_core.trading.state import TradingState
from argo_core.trading.step import Cancel, Replace, Step, Submit

LOOKS = 2
SENDS = 3
_NEVER = timedelta(days=365)


@frozen
class _Doubt:
    """An order without an answer, last looked for at `looked`, and not found `missed` times."""

    looked: datetime
    missed: int = 0
    sent: int = 1


class Dealer:
    """The only one who asks the broker to do something.

    `wants_comparison` says that the broker did not do as it was expected to.
    """

    def __init__(self, office: Office) -> None:
        self._office = office
        self._doubts: dict[str, _Doubt] = {}
        self._rests_until: datetime | None = None
        self.wants_comparison = False

    @property
    def is_resting(self) -> bool:
        """Whether the broker asked to be left alone."""
        return self._rests_until is not None and self._office.now() < self._rests_until

    async def enter(self, intended: Intended, *before: Fact) -> None:
        """Send an entry, noting `before` together with the intention.

        Raises:
            JournalError: nothing was sent.
        """
        await self._office.note(*before, intended)
        await self._send(intended.request.id)

    async def perform(self, step: Step) -> None:
        """Carry a step out as far as it goes now.

        Raises:
            JournalError: it was not begun, or its answer could not be written down.
        """
        now = self._office.now()
        match step:
            case Submit():
                await self._office.note(
                    Intended(now, step.request, step.leg, step.signal_id, step.signal_index)
                )
                await self._send(step.request.id)
            case Replace():
                await self._office.note(ReplaceAsked(now, step.order.id, step.request))
                await self._send(step.request.id)
            case Cancel():
                await self._cancel(step.order)
            case _:
                await self._office.note(ExitWanted(now, step.symbol, step.reason, step.why))

    async def settle_doubts(self) -> None:
        """Find out what became of orders without an answer, those of a life before included.

        Raises:
            JournalError: what was found could not be written down.
        """
        now, book = self._office.now(), self._office.book
        unsure = [one for one in book.open_orders() if one.status is Status.INTENDED]
        self._doubts = {one.id: self._doubt(one) for one in unsure}
        for order in unsure:
            doubt = self._doubts[order.id]
            if now - doubt.looked >= self._office.policy.look_apart and not self.is_resting:
                await self._settle(order, doubt, now)

    async def hear(self, said: BrokerOrder, execution: Execution | None = None) -> bool:
        """Take in what the broker says of an order; whether it is one of ours.

        Raises:
            BrokerGarbled: what it says cannot be.
            JournalError: it could not be written down.
        """
        book = self._office.book
        if not is_ours(book, said):
            return False
        now, known = self._office.now(), book.orders.get(said.id)
        told = Told(now, said, None if known else self._leg(said), execution)
        try:
            check_order(said, execution)
            book.check(told)
        except InvalidInput as error:
            raise BrokerGarbled(self._office.broker.name, f"{said.id[:40]!a}: {error}") from error
        if known is not None:
            heard, fill = known.told(said, execution, 0, now)
            if fill is None and evolve(heard, updated_at=known.updated_at) == known:
                return True
        await self._office.note(told)
        self._doubts.pop(said.id, None)
        return True

    def heed(self, error: BrokerError) -> None:
        """Leave the broker alone if that is what it asks for, but never for long."""
        if isinstance(error, BrokerThrottled):
            policy = self._office.policy
            seconds = error.retry_after_s or policy.retry.total_seconds()
            seconds = min(seconds, policy.pace.longest.total_seconds())
            self._rests_until = self._office.now() + timedelta(seconds=seconds)

    async def look(self, order: BookOrder) -> BrokerOrder | None:
        """Ask for one order and take in what is said of it; None if the broker has none.

        Raises:
            BrokerError: it does not say.
            JournalError: it could not be written down.
        """
        found = await self._office.ask(self._office.broker.order(order.id))
        if found is not None:
            await self.hear(found)
        return found

    async def _send(self, order_id: str) -> None:
        """Have the broker place an order that is written down."""
        order = self._office.book.orders[order_id]
        doubt = self._doubts.get(order_id)
        now = self._office.now()
        if self.is_resting:
            # It is looked for and sent afterwards, where it is still wanted then.
            self._doubts[order_id] = _Doubt(now, sent=0)
            return
        self._doubts[order_id] = evolve(doubt, sent=doubt.sent + 1) if doubt else _Doubt(now)
        try:
            await self.hear(await self._office.ask(self._asked(order)))
        except BrokerRefused as error:
            await self._refused(order, error.problem)
        except BrokerError as error:
            self._alarm(order, error)

    async def _asked(self, order: BookOrder) -> BrokerOrder:
        with self._office.tracer.span("order", leg=order.leg.value):
            if order.replaces is None:
                return await self._office.broker.submit(order.request)
            old = self._office.book.orders[order.replaces]
            return await self._office.broker.replace(old.broker_id or old.id, order.request)

    async def _refused(self, order: BookOrder, problem: str, *, lost: bool = False) -> None:
        self._doubts.pop(order.id, None)
        now = self._office.now()
        await self._office.note(Refused(now, order.id, problem, lost=lost))
        symbol = order.request.symbol
        if not lost:
            self._office.notice(TradingAlarm(now, f"{order.leg} refused: {problem}", symbol))
        # A refusal says that the broker knows something else than we do.
        self.wants_comparison = True
        # What it was to replace may have ended meanwhile, which would be why.
        await self._look_quietly(order.replaces)

    async def _cancel(self, order: BookOrder) -> None:
        await self._office.note(CancelAsked(self._office.now(), order.id))
        try:
            await self._office.ask(self._office.broker.cancel(order.broker_id or order.id))
        except BrokerRefused:
            # It has ended by itself, as fills do, or is gone.
            await self._look_quietly(order.id)
        except BrokerError as error:
            self._alarm(order, error)

    async def _look_quietly(self, order_id: str | None) -> None:
        order = self._office.book.orders.get(order_id or "")
        if order is None:
            return
        try:
            await self.look(order)
        except BrokerError as error:
            self._alarm(order, error)

    async def _settle(self, order: BookOrder, doubt: _Doubt, now: datetime) -> None:
        try:
            found = await self.look(order)
        except BrokerError as error:
            self._doubts[order.id] = evolve(doubt, looked=now)
            self._alarm(order, error)
            return
        if found is not None:
            return
        doubt = evolve(doubt, looked=now, missed=doubt.missed + 1)
        self._doubts[order.id] = doubt
        if doubt.missed < LOOKS:
            return
        self._doubts[order.id] = evolve(doubt, missed=0)
        if doubt.sent >= SENDS or not self._wanted(order, now):
            await self._refused(order, "it never reached the broker", lost=True)
        else:
            await self._send(order.id)

    def _wanted(self, order: BookOrder, now: datetime) -> bool:
        """Entries wait for nobody; what protects or ends a position has to fit it still."""
        book, request = self._office.book, order.request
        if order.leg.opens:
            is_new = now - order.placed_at < self._office.policy.pace.entry
            return is_new and book.state is TradingState.ACTIVE and not book.is_to_end(order)
        if order.replaces is not None:
            old = book.orders.get(order.replaces)
            if old is None or not old.is_open:
                return False
        return abs(book.quantity(request.symbol)) == request.quantity

    def _doubt(self, order: BookOrder) -> _Doubt:
        # What another life left behind was last asked for long ago.
        return self._doubts.get(order.id) or _Doubt(order.placed_at - _NEVER)

    def _leg(self, said: BrokerOrder) -> Leg:
        """What an order is for that came with one of ours."""
        book = self._office.book
        replaced = book.order_at(said.replaces or "")
        if replaced is not None:
            return replaced.leg
        return Leg.STOP if said.type is OrderType.STOP else Leg.TARGET

    def _alarm(self, order: BookOrder, error: BrokerError) -> None:
        self.heed(error)
        now = self._office.now()
        self._office.notice(TradingAlarm(now, str(error), order.request.symbol))

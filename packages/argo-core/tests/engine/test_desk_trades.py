"""Trades on their way into the record: each once, in order, telling nothing that is hidden."""

from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, Opinion
from argo_core.consensus.profile import Profile
from argo_core.engine.desk import Desk
from argo_core.engine.inputs import Decided, Settled, Started, Stopped, Traded, Worded
from argo_core.engine.outside import Registration
from argo_core.engine.trade_queue import MOST_AT_ONCE
from argo_core.ledger.auditor import LogAuditor
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.quote import Quote
from argo_core.market.session import Phase
from argo_core.testing.entries import LOG
from argo_core.testing.fake_clock import BEGINNING
from argo_core.testing.fake_log import FakeLog
from argo_core.trading.order import Side
from argo_core.trading.trade import Trade, TradeEvent

AZO, NVR = Symbol("AZO"), Symbol("NVR")
OPEN = {AZO: Phase.REGULAR, NVR: Phase.REGULAR}
MODELS = dict.fromkeys((MASSIVE, ALPHA_VANTAGE, GROK, SONAR), "model-1")
REGISTRATION = Registration(LOG, "test", "c" * 64, "d" * 64)
LATER = evolve(REGISTRATION, reveal_after_s=60, reveal_key=b"k" * 32)


def trade(number, *, symbol=AZO, signal_index=None, at=BEGINNING):
    return Trade(
        number=number,
        order_id=f"order-{number}",
        symbol=symbol,
        side=Side.BUY,
        event=TradeEvent.SUBMITTED,
        quantity=Decimal(1),
        broker="paper",
        at=at,
        signal_index=signal_index,
    )


class Office:
    """A desk, and the log that its batches go to."""

    def __init__(self, registration=REGISTRATION):
        self.log, self.now = FakeLog(), BEGINNING
        instruments = (instrument("AZO"), instrument("NVR"))
        self.desk = Desk(Profile(), instruments, registration)

    async def start(self):
        await self.log.append(self.desk.start(Started(self.now, 0, 0, MODELS)))
        return self

    def say(self, strength, symbol=AZO):
        for source in MODELS:
            opinion = Opinion(source, symbol, strength, self.now, 3_600, "a" * 64, "rule-1")
            self.desk.known.learn(source, [opinion], self.now)

    def trade(self, *trades):
        self.desk.traded(Traded(trades))

    def compose(self, seconds=5):
        self.now += timedelta(seconds=seconds)
        for symbol in OPEN:
            quote = Quote(symbol, Decimal("3100.00"), self.now, self.now, "tape")
            self.desk.known.observe([quote], self.now)
        self.desk.decide(Decided(self.now, OPEN))
        return self.desk.compose(Worded({}))

    async def cycle(self, seconds=5):
        """One beat: the edition, and what it wrote, by index."""
        edition = self.compose(seconds)
        if edition.batch.entries:
            await self.log.append(edition.batch)
        self.desk.settle(Settled((await self.log.head()).size))
        entries = map(decode_entry, edition.batch.entries)
        return edition, dict(enumerate(entries, edition.batch.first_index))


def orders(entries):
    return [one.text("order_id") for one in entries.values() if one.kind == "trade"]


async def test_trades_are_written_in_order_and_the_edition_says_where():
    office = await Office().start()
    office.say(0.9)
    office.trade(trade(4), trade(9))
    office.trade(trade(8))
    edition, entries = await office.cycle()
    assert [one.kind for one in entries.values()] == ["trade", "trade", "trade", "signal"]
    assert dict(edition.traded) == {4: 1, 9: 2, 8: 3}
    assert [entries[index].text("order_id") for index in (1, 2, 3)] == orders(entries)
    assert orders(entries) == ["order-4", "order-9", "order-8"]
    # They are written once.
    edition, entries = await office.cycle()
    assert dict(edition.traded) == {}
    assert entries == {}


async def test_a_batch_may_hold_trades_and_nothing_else():
    office = await Office().start()
    office.trade(trade(4))
    _, entries = await office.cycle()
    assert [one.kind for one in entries.values()] == ["trade"]


async def test_a_batch_takes_so_many_and_the_next_takes_more():
    office = await Office().start()
    office.trade(*(trade(number) for number in range(MOST_AT_ONCE + 1)))
    edition, _ = await office.cycle()
    assert list(edition.traded) == list(range(MOST_AT_ONCE))
    edition, _ = await office.cycle()
    assert list(edition.traded) == [MOST_AT_ONCE]


async def test_of_a_batch_that_was_refused_the_trades_stay():
    office = await Office().start()
    office.trade(trade(4))
    refused = office.compose()
    assert dict(refused.traded) == {4: 1}
    office.desk.settle(Settled(None))
    edition, entries = await office.cycle()
    assert dict(edition.traded) == {4: 1}
    assert orders(entries) == ["order-4"]


async def test_a_trade_that_waits_already_is_not_written_twice():
    office = await Office().start()
    office.trade(trade(4), trade(4))
    office.trade(trade(4))
    _, entries = await office.cycle()
    assert orders(entries) == ["order-4"]


async def test_a_trade_on_a_hidden_signal_waits_until_it_is_shown_and_holds_up_nobody_else():
    office = await Office(LATER).start()
    office.say(0.9)
    edition, entries = await office.cycle()
    assert entries[1].kind == "commit"
    office.trade(
        trade(4, signal_index=1, at=office.now),
        trade(5, symbol=NVR, at=office.now),
        trade(6, signal_index=1, at=office.now),
    )
    edition, entries = await office.cycle()
    assert dict(edition.traded) == {5: 2}
    edition, entries = await office.cycle(seconds=50)
    assert dict(edition.traded) == {}
    office.trade(trade(7, signal_index=1, at=office.now))
    # The batch that shows the signal tells of it at once, in order, behind the reveal. The other
    # commit is the withdrawal of that moment.
    edition, entries = await office.cycle(seconds=10)
    kinds = [one.kind for one in entries.values()]
    assert kinds.index("reveal") < kinds.index("trade")
    assert orders(entries) == ["order-4", "order-6", "order-7"]


async def test_an_exit_does_not_tell_that_a_hidden_signal_has_turned():
    office = await Office(LATER).start()
    office.say(0.9)
    await office.cycle()
    _, entries = await office.cycle(seconds=60)
    assert "reveal" in [one.kind for one in entries.values()]
    office.say(-0.9)
    _, entries = await office.cycle()
    assert "commit" in [one.kind for one in entries.values()]
    # It ends the position that the first signal opened, because of the second one.
    office.trade(trade(9, signal_index=1, at=office.now), trade(10, symbol=NVR, at=office.now))
    _, entries = await office.cycle()
    assert orders(entries) == ["order-10"]
    _, entries = await office.cycle(seconds=60)
    assert orders(entries) == ["order-9"]


async def test_what_was_traded_before_a_hidden_signal_does_not_wait_for_it():
    office = await Office(LATER).start()
    before = office.now
    office.say(0.9)
    await office.cycle()
    office.trade(trade(4, at=before))
    _, entries = await office.cycle()
    assert orders(entries) == ["order-4"]


async def test_a_trade_that_names_an_entry_which_is_not_there_waits_for_it():
    office = await Office().start()
    office.say(0.9)
    office.trade(trade(4, signal_index=1))
    _, entries = await office.cycle()
    assert orders(entries) == []
    assert [one.kind for one in entries.values()] == ["signal"]
    _, entries = await office.cycle()
    assert orders(entries) == ["order-4"]


async def test_a_log_with_trades_is_found_good():
    office = await Office(LATER).start()
    office.say(0.9)
    await office.cycle()
    office.trade(trade(4, signal_index=1, at=office.now), trade(5))
    for _ in range(3):
        await office.cycle(seconds=30)
    await office.log.append(office.desk.stop(Stopped(office.now)))
    entries = [one.data for one in await office.log.entries(0, 1_000)]
    auditor = LogAuditor(LOG)
    auditor.take(entries)
    assert auditor.problems == []
    assert sum(decode_entry(one).kind == "trade" for one in entries) == 2


@pytest.mark.parametrize("symbol", [AZO, NVR])
async def test_a_restarted_desk_keeps_what_is_hidden_hidden(symbol):
    office = await Office(LATER).start()
    office.say(0.9, symbol)
    edition, _ = await office.cycle()
    instruments = (instrument("AZO"), instrument("NVR"))
    again = Desk(Profile(), instruments, LATER)
    again.start(Started(office.now, 2, 2, MODELS, hidden=edition.hidden))
    again.traded(Traded((trade(4, symbol=symbol, at=office.now), trade(5, signal_index=1))))
    again.decide(Decided(office.now, OPEN))
    assert dict(again.compose(Worded({})).traded) == {}

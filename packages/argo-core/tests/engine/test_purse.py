"""A vendor's day: set aside before an ask, settled after it, kept across restarts and processes."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from argo_core.consensus.opinion import GROK
from argo_core.engine.purse import Held, Purse
from argo_core.events import BudgetBooked, BudgetRefused
from argo_core.resilience.budget import Amount, DayLimit, Refused
from argo_core.resilience.vendor_day import OffsetChange, VendorDays
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_observer import FakeObserver
from argo_core.testing.fake_shared import FakeSpendingBook

UTC_DAYS = VendorDays((OffsetChange(datetime(2020, 1, 1, tzinfo=UTC), timedelta(0)),))
TODAY = BEGINNING.date()
MIDNIGHT = datetime(2024, 11, 26, tzinfo=UTC)
FIVE = DayLimit(usd=Decimal(5))
ONE, TWO, THREE = (Amount(Decimal(usd), 100 * usd, 1) for usd in (1, 2, 3))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def observer():
    return FakeObserver()


@pytest.fixture
def purse_of(clock, observer):
    def make(*books: FakeSpendingBook, limit: DayLimit = FIVE) -> Purse:
        return Purse(GROK, limit, UTC_DAYS, clock=clock, observer=observer, books=books)

    return make


async def total(book: FakeSpendingBook, day: date = TODAY) -> Amount:
    return await book.add(GROK, day, Amount())


async def test_what_is_set_aside_counts_until_it_is_settled(purse_of):
    purse = purse_of()
    held = await purse.reserve(THREE)
    assert isinstance(held, Held)
    assert await purse.reserve(THREE) == Refused("usd", MIDNIGHT)
    await purse.settle(held, ONE)
    assert purse.spending.spent == ONE
    assert isinstance(await purse.reserve(THREE), Held)


async def test_a_refusal_is_told_with_the_measure_and_the_vendors_midnight(purse_of, observer):
    await purse_of(limit=DayLimit(tokens=50)).reserve(ONE)
    (refused,) = observer.of(BudgetRefused)
    assert (refused.source, refused.measure, refused.resets_at) == (GROK, "tokens", MIDNIGHT)


async def test_every_booking_is_told(purse_of, observer):
    purse = purse_of()
    held = await purse.reserve(TWO)
    await purse.settle(held, ONE)
    stood = [(one.spent, one.reserved, one.allowed) for one in observer.of(BudgetBooked)]
    assert stood == [(Amount(), TWO, FIVE), (ONE, Amount(), FIVE)]


async def test_the_book_has_the_worst_case_before_the_ask_and_the_truth_after_it(purse_of):
    book = FakeSpendingBook()
    purse = purse_of(book)
    held = await purse.reserve(THREE)
    assert await total(book) == THREE
    await purse.settle(held, ONE)
    assert await total(book) == ONE


async def test_a_vendor_that_charges_more_than_feared_is_booked_as_it_is(purse_of):
    book = FakeSpendingBook()
    purse = purse_of(book)
    held = await purse.reserve(ONE)
    await purse.settle(held, Amount(Decimal(6), 50, 2))
    assert await total(book) == Amount(Decimal(6), 50, 2)
    assert await purse.reserve(ONE) == Refused("usd", MIDNIGHT)


async def test_a_process_that_died_during_an_ask_has_spent_what_it_set_aside(purse_of):
    book = FakeSpendingBook()
    await purse_of(book).reserve(THREE)
    reborn = purse_of(book)
    await reborn.open()
    assert reborn.spending.spent == THREE
    assert await reborn.reserve(THREE) == Refused("usd", MIDNIGHT)


async def test_two_processes_share_one_budget(purse_of):
    book = FakeSpendingBook()
    one, other = purse_of(book), purse_of(book)
    await one.open()
    await other.open()
    assert isinstance(await one.reserve(THREE), Held)
    assert await other.reserve(THREE) == Refused("usd", MIDNIGHT)
    # What the other could not have is not left behind in the book, nor in its own account.
    assert await total(book) == THREE
    assert other.spending.reserved == Amount()
    assert isinstance(await other.reserve(TWO), Held)


async def test_the_most_expensive_book_is_believed(purse_of):
    cheap, dear = FakeSpendingBook(), FakeSpendingBook()
    await cheap.add(GROK, TODAY, ONE)
    await dear.add(GROK, TODAY, THREE)
    purse = purse_of(cheap, dear)
    await purse.open()
    assert purse.spending.spent == THREE


async def test_a_refusal_by_one_book_takes_the_entry_out_of_all(purse_of):
    mine, shared = FakeSpendingBook(), FakeSpendingBook()
    purse = purse_of(mine, shared)
    await shared.add(GROK, TODAY, THREE)
    assert await purse.reserve(THREE) == Refused("usd", MIDNIGHT)
    assert await total(mine) == Amount()
    assert await total(shared) == THREE


async def test_one_book_out_of_reach_leaves_the_other_in_charge(purse_of):
    mine, shared = FakeSpendingBook(), FakeSpendingBook()
    shared.away = True
    purse = purse_of(mine, shared)
    await purse.open()
    held = await purse.reserve(THREE)
    await purse.settle(held, ONE)
    assert await total(mine) == ONE


async def test_without_any_book_within_reach_nothing_is_given_out(purse_of):
    book = FakeSpendingBook()
    book.away = True
    assert await purse_of(book).reserve(ONE) == Refused("book", MIDNIGHT)


async def test_a_book_that_goes_away_keeps_the_worst_case(purse_of):
    book = FakeSpendingBook()
    purse = purse_of(book)
    held = await purse.reserve(THREE)
    book.away = True
    await purse.settle(held, ONE)
    book.away = False
    assert await total(book) == THREE
    assert purse.spending.spent == ONE


async def test_a_refused_entry_that_cannot_be_taken_out_stays_in_the_book(purse_of):
    class Forgetful(FakeSpendingBook):
        """Goes away after it has written."""

        async def add(self, source, day, amount):
            written = await super().add(source, day, amount)
            self.away = amount != Amount()
            return written

    book = Forgetful()
    await book.add(GROK, TODAY, ONE)
    book.away = False
    purse = purse_of(book, limit=DayLimit(usd=Decimal(1)))
    assert await purse.reserve(ONE) == Refused("usd", MIDNIGHT)
    book.away = False
    assert (await total(book)).usd == 2


async def test_an_ask_of_which_nobody_knows_the_end_has_cost_the_most(purse_of):
    book = FakeSpendingBook()
    purse = purse_of(book)
    held = await purse.reserve(THREE)
    purse.abandon(held)
    assert purse.spending.spent == THREE
    assert await total(book) == THREE


async def test_a_booking_cut_short_counts_as_spent(purse_of):
    class Broken(FakeSpendingBook):
        """Breaks where no error of ours is expected."""

        async def add(self, source, day, amount):
            raise RuntimeError("cut short")

    purse = purse_of(Broken())
    with pytest.raises(RuntimeError, match="cut short"):
        await purse.reserve(THREE)
    assert purse.spending.spent == THREE


async def test_the_day_begins_anew_at_the_vendors_midnight(purse_of, clock):
    book = FakeSpendingBook()
    purse = purse_of(book)
    held = await purse.reserve(THREE)
    await purse.settle(held, THREE)
    assert await purse.reserve(THREE) == Refused("usd", MIDNIGHT)
    await clock.advance((MIDNIGHT - BEGINNING).total_seconds())
    assert isinstance(await purse.reserve(THREE), Held)
    assert await total(book) == THREE
    assert await total(book, MIDNIGHT.date()) == THREE


async def test_what_is_settled_after_midnight_belongs_to_the_day_it_was_set_aside_on(
    purse_of, clock
):
    book = FakeSpendingBook()
    purse = purse_of(book)
    await clock.advance((MIDNIGHT - BEGINNING).total_seconds() - 1)
    held = await purse.reserve(THREE)
    await clock.advance(2)
    await purse.settle(held, ONE)
    assert await total(book) == ONE
    assert await total(book, MIDNIGHT.date()) == Amount()


async def test_another_limit_counts_what_is_spent_already(purse_of, observer):
    purse = purse_of()
    held = await purse.reserve(THREE)
    await purse.settle(held, THREE)
    purse.relimit(DayLimit(usd=Decimal(3)))
    assert observer.of(BudgetBooked)[-1].allowed == DayLimit(usd=Decimal(3))
    assert await purse.reserve(ONE) == Refused("usd", MIDNIGHT)
    purse.relimit(FIVE)
    assert isinstance(await purse.reserve(TWO), Held)

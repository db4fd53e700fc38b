"""What may be spent on a vendor in a day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from argo_core.errors import InvalidInput
from argo_core.resilience.budget import (
    Amount,
    Budget,
    DayLimit,
    Refused,
    Reservation,
    Spending,
)
from argo_core.resilience.vendor_day import OffsetChange, VendorDays

NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)
MIDNIGHT = datetime(2024, 1, 2, 5, tzinfo=UTC)
DAYS = VendorDays((OffsetChange(datetime(2023, 12, 1, tzinfo=UTC), timedelta(hours=-5)),))
FIVE_DOLLARS = DayLimit(usd=Decimal(5))


def _usd(text: str) -> Amount:
    return Amount(usd=Decimal(text))


def _reserved(budget: Budget, amount: Amount, now: datetime = NOON) -> Reservation:
    leave = budget.reserve(amount, now)
    assert isinstance(leave, Reservation)
    return leave


def test_a_budget_can_be_spent_to_the_last_cent_and_no_further() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    budget.settle(_reserved(budget, _usd("4.99")), _usd("4.99"), NOON)
    assert budget.reserve(_usd("0.02"), NOON) == Refused("usd", MIDNIGHT)
    _reserved(budget, _usd("0.01"))


@pytest.mark.parametrize(
    ("limit", "amount", "measure"),
    [
        (DayLimit(usd=Decimal(1)), _usd("1.01"), "usd"),
        (DayLimit(tokens=10), Amount(tokens=11), "tokens"),
        (DayLimit(calls=0), Amount(calls=1), "calls"),
        (DayLimit(Decimal(9), 10, 1), Amount(Decimal(1), 10, 2), "calls"),
    ],
)
def test_every_measure_has_its_own_limit(limit: DayLimit, amount: Amount, measure: str) -> None:
    assert Budget(limit, DAYS).reserve(amount, NOON) == Refused(measure, MIDNIGHT)


def test_a_measure_without_a_limit_is_only_counted() -> None:
    budget = Budget(DayLimit(), DAYS)
    much = Amount(Decimal(10**9), 10**9, 10**9)
    budget.settle(_reserved(budget, much), much, NOON)
    assert budget.spending(NOON).spent == much


def test_concurrent_reservations_count_before_they_are_settled() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    granted = [budget.reserve(_usd("1"), NOON) for _ in range(8)]
    assert sum(isinstance(leave, Reservation) for leave in granted) == 5


def test_what_a_call_did_not_use_comes_back_when_it_is_settled() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    leave = _reserved(budget, _usd("5"))
    assert budget.settle(leave, _usd("0.25"), NOON)
    _reserved(budget, _usd("4.75"))


def test_an_unknown_cost_counts_as_the_whole_reservation() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    budget.settle(_reserved(budget, _usd("5")), None, NOON)
    assert isinstance(budget.reserve(_usd("0.01"), NOON), Refused)


def test_a_call_that_cost_more_than_reserved_is_booked_and_closes_the_day() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    budget.settle(_reserved(budget, _usd("1")), _usd("7"), NOON)
    assert budget.spending(NOON).spent == _usd("7")
    assert budget.reserve(Amount(calls=1), NOON) == Refused("usd", MIDNIGHT)


def test_a_cancelled_call_costs_nothing() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    assert budget.cancel(_reserved(budget, _usd("5")), NOON)
    assert budget.spending(NOON).spent == budget.spending(NOON).reserved == Amount()


def test_a_reservation_ends_once() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    leave = _reserved(budget, _usd("2"))
    assert budget.settle(leave, _usd("1"), NOON)
    assert not budget.settle(leave, _usd("1"), NOON)
    assert not budget.cancel(leave, NOON)
    assert budget.spending(NOON).spent == _usd("1")


def test_a_budget_is_whole_again_at_the_vendors_own_midnight() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    budget.settle(_reserved(budget, _usd("5")), None, NOON)
    assert isinstance(budget.reserve(_usd("1"), MIDNIGHT - timedelta(microseconds=1)), Refused)
    _reserved(budget, _usd("5"), MIDNIGHT)


def test_a_call_under_way_at_midnight_counts_in_both_days() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    leave = _reserved(budget, _usd("3"))
    assert isinstance(budget.reserve(_usd("3"), MIDNIGHT), Refused)
    budget.settle(leave, _usd("2"), MIDNIGHT)
    assert budget.spending(MIDNIGHT).spent == _usd("2")


def test_a_clock_set_back_over_midnight_neither_reopens_nor_resets_a_day() -> None:
    budget = Budget(FIVE_DOLLARS, DAYS)
    budget.settle(_reserved(budget, _usd("5"), MIDNIGHT), None, MIDNIGHT)
    tomorrow = MIDNIGHT + timedelta(days=1)
    assert budget.reserve(_usd("1"), NOON) == Refused("usd", tomorrow)
    assert isinstance(budget.reserve(_usd("1"), MIDNIGHT), Refused)


def test_a_wall_clock_turned_back_over_midnight_does_not_begin_the_day_again() -> None:
    turned_back = datetime(2024, 1, 2, 0, 30, tzinfo=UTC)
    days = VendorDays(
        (
            OffsetChange(datetime(2024, 1, 1, tzinfo=UTC), timedelta(0)),
            OffsetChange(turned_back, timedelta(hours=-1)),
        )
    )
    budget = Budget(FIVE_DOLLARS, days)
    late = turned_back - timedelta(minutes=10)
    budget.settle(_reserved(budget, _usd("5"), late), None, late)
    end = datetime(2024, 1, 3, 1, tzinfo=UTC)
    for now in (turned_back, datetime(2024, 1, 2, 1, 30, tzinfo=UTC)):
        assert budget.reserve(_usd("1"), now) == Refused("usd", end)
        assert budget.spending(now).day == date(2024, 1, 2)
    _reserved(budget, _usd("5"), end)


def test_a_restart_goes_on_where_the_day_stood_and_counts_what_was_open_as_spent() -> None:
    before = Budget(FIVE_DOLLARS, DAYS)
    before.settle(_reserved(before, _usd("1")), None, NOON)
    _reserved(before, _usd("2"))
    after = Budget(FIVE_DOLLARS, DAYS, opening=before.spending(NOON))
    assert after.spending(NOON) == Spending(date(2024, 1, 1), _usd("3"), Amount(), MIDNIGHT)
    assert isinstance(after.reserve(_usd("2.01"), NOON), Refused)
    _reserved(after, _usd("5"), MIDNIGHT)


def test_reservations_that_never_end_are_bounded() -> None:
    budget = Budget(DayLimit(), DAYS, most_open=2)
    _reserved(budget, Amount(calls=1))
    _reserved(budget, Amount(calls=1))
    assert budget.reserve(Amount(calls=1), NOON) == Refused("open", MIDNIGHT)


def test_a_moment_without_a_day_is_refused() -> None:
    early = datetime(2023, 11, 1, tzinfo=UTC)
    with pytest.raises(InvalidInput, match="at"):
        Budget(FIVE_DOLLARS, DAYS).reserve(_usd("1"), early)


@pytest.mark.parametrize("usd", [Decimal("-0.01"), Decimal("NaN"), Decimal("Infinity")])
def test_nonsense_is_no_amount(usd: Decimal) -> None:
    for kind in (Amount, DayLimit):
        with pytest.raises(InvalidInput, match="usd"):
            kind(usd=usd)
    with pytest.raises(InvalidInput, match="tokens"):
        Amount(tokens=-1)
    with pytest.raises(InvalidInput, match="calls"):
        DayLimit(calls=-1)


amounts = st.sampled_from(
    [
        Amount(Decimal(cents) / 100, tokens, calls)
        for cents in range(5)
        for tokens in range(4)
        for calls in range(3)
    ]
)
TIGHT = DayLimit(Decimal("0.06"), 5, 3)


@given(st.lists(amounts, max_size=3), st.lists(amounts, max_size=3))
def test_every_day_stays_within_the_allowance_wherever_the_vendor_books_a_call(
    evening: list[Amount], morning: list[Amount]
) -> None:
    budget = Budget(TIGHT, DAYS)
    asked = [budget.reserve(amount, NOON) for amount in evening]
    over_midnight = [leave for leave in asked if isinstance(leave, Reservation)]
    more = [budget.reserve(amount, MIDNIGHT) for amount in morning]
    for leaves in (over_midnight, over_midnight + [m for m in more if isinstance(m, Reservation)]):
        total = Amount()
        for leave in leaves:
            total += leave.amount
        assert TIGHT.lacks(total) is None


class BudgetMachine(RuleBasedStateMachine):
    """A budget beside a list of what was granted and a list of what was booked today."""

    def __init__(self) -> None:
        super().__init__()
        self.budget = Budget(TIGHT, DAYS)
        self.open: list[Reservation] = []
        self.booked: list[Amount] = []
        self.over = False
        self.now = NOON

    def _total(self) -> Amount:
        total = Amount()
        for amount in [*self.booked, *(leave.amount for leave in self.open)]:
            total += amount
        return total

    @rule(hours=st.sampled_from([1, 12]))
    def time_passes(self, hours: int) -> None:
        before, self.now = self.now, self.now + timedelta(hours=hours)
        if (before - timedelta(hours=5)).date() != (self.now - timedelta(hours=5)).date():
            self.booked, self.over = [], False

    @rule(amount=amounts)
    def reserve(self, amount: Amount) -> None:
        fits = TIGHT.lacks(self._total() + amount) is None
        leave = self.budget.reserve(amount, self.now)
        assert isinstance(leave, Reservation) is fits
        if isinstance(leave, Reservation):
            self.open.append(leave)

    @rule(which=st.integers(0, 2), share=st.sampled_from([0, 1, 2, None]))
    def settle(self, which: int, share: int | None) -> None:
        if which < len(self.open):
            leave = self.open.pop(which)
            times = 1 if share is None else share
            cost = Amount(
                leave.amount.usd * times, leave.amount.tokens * times, leave.amount.calls * times
            )
            self.booked.append(cost)
            self.over = self.over or times > 1
            assert self.budget.settle(leave, None if share is None else cost, self.now)
            assert not self.budget.settle(leave, cost, self.now)

    @rule(which=st.integers(0, 2))
    def cancel(self, which: int) -> None:
        if which < len(self.open):
            assert self.budget.cancel(self.open.pop(which), self.now)

    @invariant()
    def it_is_never_exceeded(self) -> None:
        standing = self.budget.spending(self.now)
        assert standing.spent + standing.reserved == self._total()
        # Only a vendor that charges more than was reserved can go beyond, and then it is shown.
        assert self.over or TIGHT.lacks(standing.spent + standing.reserved) is None


TestBudgetAgreesWithLists = BudgetMachine.TestCase
TestBudgetAgreesWithLists.settings = settings(
    max_examples=min(100, settings().max_examples), stateful_step_count=15
)

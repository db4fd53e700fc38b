"""One ask in the air, however many want its answer."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from argo_core.errors import InvalidInput
from argo_core.resilience.flights import (
    BackOff,
    Flights,
    Follow,
    HoldOff,
    Landing,
    Lead,
    Ticket,
)


def _led(
    flights: Flights[str],
    key: str = "A",
    now: float = 0.0,
    generation: int = 0,
    *,
    background: bool = False,
) -> Ticket[str]:
    lead = flights.join(key, generation, now, background=background)
    assert isinstance(lead, Lead)
    return lead.ticket


def test_a_hundred_callers_make_one_ask() -> None:
    flights: Flights[str] = Flights()
    ticket = _led(flights)
    followers = [flights.join("A", 0, 0.0) for _ in range(99)]
    assert followers == [Follow(ticket)] * 99
    assert flights.waiting(ticket) == 100
    assert flights.in_the_air == 1


def test_other_keys_fly_on_their_own() -> None:
    flights: Flights[str] = Flights()
    assert _led(flights, "A") != _led(flights, "B")


def test_one_cancelled_waiter_harms_nobody() -> None:
    flights: Flights[str] = Flights()
    ticket = _led(flights)
    flights.join("A", 0, 0.0)
    assert not flights.leave(ticket)
    assert flights.waiting(ticket) == 1
    assert flights.settle(ticket, Landing.ANSWERED, 1.0)


def test_the_last_waiter_to_leave_cancels_the_ask() -> None:
    flights: Flights[str] = Flights()
    ticket = _led(flights)
    flights.join("A", 0, 0.0)
    assert [flights.leave(ticket), flights.leave(ticket)] == [False, True]
    assert flights.in_the_air == 0
    assert not flights.leave(ticket)
    assert _led(flights).number != ticket.number


def test_a_background_refresh_goes_on_without_waiters() -> None:
    flights: Flights[str] = Flights()
    ticket = _led(flights, background=True)
    assert flights.waiting(ticket) == 0
    flights.join("A", 0, 0.0)
    assert flights.waiting(ticket) == 1
    assert not flights.leave(ticket)
    assert not flights.leave(ticket)
    assert flights.waiting(ticket) == 0
    assert flights.in_the_air == 1


def test_an_ask_that_a_background_refresh_joined_is_not_given_up() -> None:
    flights: Flights[str] = Flights()
    ticket = _led(flights)
    assert flights.join("A", 0, 0.0, background=True) == Follow(ticket)
    flights.join("A", 0, 0.0)
    assert not flights.leave(ticket)
    assert not flights.leave(ticket)
    assert flights.in_the_air == 1


def test_an_ask_that_outlasts_every_lease_still_runs_once() -> None:
    flights: Flights[str] = Flights()
    ticket = _led(flights)
    assert flights.join("A", 0, 1e9) == Follow(ticket)


def test_who_wants_a_newer_answer_does_not_follow_an_older_ask() -> None:
    flights: Flights[str] = Flights()
    old = _led(flights)
    new = _led(flights, generation=1)
    assert flights.in_the_air == 2
    assert flights.join("A", 0, 0.0) == Follow(new)
    assert (flights.waiting(old), flights.waiting(new)) == (1, 2)


def test_an_old_flight_does_not_end_a_newer_one() -> None:
    flights: Flights[str] = Flights()
    old = _led(flights)
    new = _led(flights, generation=1)
    assert flights.settle(old, Landing.ANSWERED, 1.0)
    assert flights.join("A", 1, 1.0) == Follow(new)
    assert not flights.settle(old, Landing.FAILED, 1.0)
    assert flights.join("A", 1, 1.0) == Follow(new)


def test_a_given_up_flight_that_ends_late_changes_nothing() -> None:
    flights: Flights[str] = Flights()
    given_up = _led(flights)
    flights.leave(given_up)
    again = _led(flights)
    assert not flights.settle(given_up, Landing.FAILED, 1.0)
    assert not flights.leave(given_up)
    assert flights.join("A", 0, 1.0) == Follow(again)


@pytest.mark.parametrize("u", [0.0, 0.5])
def test_a_failing_refresh_follows_the_back_off(u: float) -> None:
    flights: Flights[str] = Flights()
    now = 0.0
    for wait in (0.5, 1, 2, 4, 8, 16, 30, 30):
        ticket = _led(flights, now=now)
        now += 100  # The call itself takes long: the wait counts from its end.
        flights.settle(ticket, Landing.FAILED, now, u)
        wait_s = wait * (1 + 0.25 * u)
        assert flights.join("A", 0, now) == HoldOff(wait_s)
        assert isinstance(flights.join("A", 0, now + wait_s - 0.001), HoldOff)
        now += wait_s


def test_a_success_forgets_the_failures_before_it() -> None:
    flights: Flights[str] = Flights()
    flights.settle(_led(flights), Landing.FAILED, 0.0)
    flights.settle(_led(flights, now=1.0), Landing.ANSWERED, 1.0)
    flights.settle(_led(flights, now=1.0), Landing.FAILED, 1.0)
    assert flights.join("A", 0, 1.0) == HoldOff(0.5)


def test_a_cancelled_ask_is_neither_success_nor_failure() -> None:
    flights: Flights[str] = Flights()
    flights.settle(_led(flights), Landing.CANCELLED, 0.0)
    flights.settle(_led(flights), Landing.FAILED, 0.0)
    flights.settle(_led(flights, now=1.0), Landing.CANCELLED, 1.0)
    flights.settle(_led(flights, now=1.0), Landing.FAILED, 1.0)
    assert flights.join("A", 0, 1.0) == HoldOff(1.0)


def test_a_failing_key_holds_no_other_key_off() -> None:
    flights: Flights[str] = Flights()
    flights.settle(_led(flights), Landing.FAILED, 0.0)
    _led(flights, "B")


def test_an_ask_under_way_is_followed_although_another_failed() -> None:
    flights: Flights[str] = Flights()
    old = _led(flights)
    new = _led(flights, generation=1)
    flights.settle(old, Landing.FAILED, 0.0)
    assert flights.join("A", 1, 0.0) == Follow(new)


def test_a_clock_set_back_an_hour_does_not_prolong_the_back_off() -> None:
    flights: Flights[str] = Flights()
    flights.settle(_led(flights, now=3_600.0), Landing.FAILED, 3_600.0)
    assert flights.join("A", 0, 0.0) == HoldOff(0.5)


def test_memory_is_bounded() -> None:
    flights: Flights[int] = Flights(most=3)
    for key in range(3):
        assert isinstance(flights.join(key, 0, 0.0), Lead)
    assert flights.join(3, 0, 0.0) == HoldOff(None)
    assert isinstance(flights.join(2, 0, 0.0), Follow)


def test_of_many_failing_keys_the_one_that_failed_longest_ago_is_forgotten() -> None:
    flights: Flights[str] = Flights(most=2)
    for key in ("A", "B", "A", "C"):
        lead = flights.join(key, 0, 0.0 if key != "A" else 9.0)
        if isinstance(lead, Lead):
            flights.settle(lead.ticket, Landing.FAILED, 0.0)
    held = [isinstance(flights.join(key, 0, 9.0), HoldOff) for key in ("A", "B", "C")]
    assert held == [False, True, True]


def test_a_key_that_fails_again_makes_no_other_key_forgotten() -> None:
    flights: Flights[str] = Flights(most=2)
    flights.settle(_led(flights, "A"), Landing.FAILED, 0.0)
    # A second failure doubles its wait to a second, so that B fails twice within it.
    flights.settle(_led(flights, "A", now=0.5), Landing.FAILED, 0.5)
    flights.settle(_led(flights, "B", now=0.5), Landing.FAILED, 0.5)
    flights.settle(_led(flights, "B", now=1.0), Landing.FAILED, 1.0)
    assert flights.join("A", 0, 1.0) == HoldOff(0.5)


@given(st.integers(0, 5_000), st.floats(0, 1, exclude_max=True))
def test_the_back_off_stays_within_its_bounds(k: int, u: float) -> None:
    assert 0.5 <= BackOff().wait_s(k, u) <= 30 * 1.25


def test_nonsense_is_refused() -> None:
    for wrong in ({"first_s": 0.0}, {"longest_s": math.inf}, {"jitter": -0.1}):
        with pytest.raises(InvalidInput):
            BackOff(**wrong)
    with pytest.raises(InvalidInput, match="most"):
        Flights(most=0)
    flights: Flights[str] = Flights()
    ticket = _led(flights)
    with pytest.raises(InvalidInput, match="u"):
        flights.settle(ticket, Landing.FAILED, 0.0, 1.0)
    assert flights.waiting(ticket) == 1


class Model:
    """An ask of the model: who waits for it, by name."""

    def __init__(self, ticket: Ticket[str], *, background: bool) -> None:
        self.ticket = ticket
        self.background = background
        self.waiters = 0 if background else 1
        self.ended = False


class FlightsMachine(RuleBasedStateMachine):
    """Flights beside a list of all asks ever led, ended ones included."""

    def __init__(self) -> None:
        super().__init__()
        self.flights: Flights[str] = Flights(most=3)
        self.asks: list[Model] = []
        self.failed: dict[str, list[float]] = {}
        self.now = 0.0

    def _newest(self, key: str) -> Model | None:
        # Once the newest has ended, an older one that goes on serves nobody new.
        mine = [ask for ask in self.asks if ask.ticket.key == key]
        return mine[-1] if mine and not mine[-1].ended else None

    @rule(by=st.sampled_from([0.0, 0.5, 1.0]))
    def time_passes(self, by: float) -> None:
        self.now += by

    @rule(key=st.sampled_from("AB"), generation=st.integers(0, 1), background=st.booleans())
    def join(self, key: str, generation: int, background: bool) -> None:
        got = self.flights.join(key, generation, self.now, background=background)
        newest = self._newest(key)
        failures = self.failed.get(key, [])
        if newest and newest.ticket.generation >= generation:
            assert got == Follow(newest.ticket)
            newest.waiters += not background
            newest.background = newest.background or background
        elif failures and self.now < failures[-1] + 0.5 * 2 ** (len(failures) - 1):
            assert isinstance(got, HoldOff)
            assert got.retry_after_s is not None
        elif sum(not ask.ended for ask in self.asks) == 3:
            assert got == HoldOff(None)
        else:
            assert isinstance(got, Lead)
            assert got.ticket.number not in {ask.ticket.number for ask in self.asks}
            self.asks.append(Model(got.ticket, background=background))

    @rule(which=st.integers(0, 4))
    def leave(self, which: int) -> None:
        if which < len(self.asks):
            ask = self.asks[-1 - which]
            cancel = not ask.ended and ask.waiters == 1 and not ask.background
            assert self.flights.leave(ask.ticket) is cancel
            if not ask.ended:
                ask.waiters = max(0, ask.waiters - 1)
            ask.ended = ask.ended or cancel

    @rule(which=st.integers(0, 4), landing=st.sampled_from(Landing))
    def settle(self, which: int, landing: Landing) -> None:
        if which < len(self.asks):
            ask = self.asks[-1 - which]
            assert self.flights.settle(ask.ticket, landing, self.now) is not ask.ended
            if not ask.ended and landing is Landing.FAILED:
                self.failed.setdefault(ask.ticket.key, []).append(self.now)
            if not ask.ended and landing is Landing.ANSWERED:
                self.failed.pop(ask.ticket.key, None)
            ask.ended = True

    @invariant()
    def the_same_are_in_the_air(self) -> None:
        assert self.flights.in_the_air == sum(not ask.ended for ask in self.asks)
        for ask in self.asks:
            assert self.flights.waiting(ask.ticket) == (0 if ask.ended else ask.waiters)
            assert ask.ended or ask.waiters or ask.background


TestFlightsAgreeWithAList = FlightsMachine.TestCase
TestFlightsAgreeWithAList.settings = settings(
    max_examples=min(100, settings().max_examples), stateful_step_count=15
)

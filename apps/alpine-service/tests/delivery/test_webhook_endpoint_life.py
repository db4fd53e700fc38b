from datetime import UTC, datetime, timedelta
from itertools import product

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from alpine_service.domain.delivery.answer import Verdict
from alpine_service.domain.delivery.endpoint import (
    PATIENCE,
    TRANSITIONS,
    Happening,
    Health,
    OffReason,
    State,
)

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_the_table_says_what_happens_in_every_state() -> None:
    assert set(TRANSITIONS) == set(product(State, Happening))


def test_410_turns_an_endpoint_off_at_once() -> None:
    health = Health().after_attempt(Verdict.GONE, 0, NOW)

    assert (health.state, health.reason) == (State.OFF, OffReason.GONE)


def test_five_days_of_nothing_but_failures_turn_it_off() -> None:
    health = Health().after_attempt(Verdict.FAILED, 0, NOW)
    almost = health.after_attempt(Verdict.FAILED, 0, NOW + PATIENCE - timedelta(microseconds=1))
    over = almost.after_attempt(Verdict.FAILED, 0, NOW + PATIENCE)

    assert (almost.state, almost.failing_since) == (State.FAILING, NOW)
    assert (over.state, over.reason) == (State.OFF, OffReason.WORN_OUT)


def test_one_success_begins_the_five_days_anew() -> None:
    failing = Health().after_attempt(Verdict.FAILED, 0, NOW)
    well = failing.after_attempt(Verdict.SUCCEEDED, 0, NOW + PATIENCE - HOUR)

    assert well == Health()
    assert well.after_attempt(Verdict.FAILED, 0, NOW + PATIENCE).state is State.FAILING


def test_an_owner_turns_on_what_anybody_turned_off() -> None:
    off = Health().after(Happening.TURNED_OFF, NOW)

    assert off.reason is OffReason.OWNER
    assert off.after(Happening.TURNED_ON, NOW) == Health(era=1)


@given(st.sampled_from([each for each in Happening if each is not Happening.TURNED_ON]))
def test_nothing_but_the_owner_turns_it_on_again(happening: Happening) -> None:
    off = Health().after_attempt(Verdict.GONE, 0, NOW)

    assert off.after(happening, NOW) == off


@given(st.sampled_from(Verdict))
def test_answers_to_an_earlier_era_say_nothing(verdict: Verdict) -> None:
    health = Health(era=2)

    assert health.after_attempt(verdict, 1, NOW) == health


def test_a_new_url_is_not_blamed_for_the_old_one() -> None:
    failing = Health().after_attempt(Verdict.FAILED, 0, NOW)

    assert failing.moved() == Health(era=1)


def test_a_new_url_does_not_turn_it_on() -> None:
    off = Health().after_attempt(Verdict.GONE, 0, NOW)

    assert off.moved() == evolve(off, era=1)


@given(st.lists(st.tuples(st.sampled_from(Verdict), st.integers(0, 200)), max_size=30))
def test_it_is_off_exactly_after_410_or_five_days_without_success(
    story: list[tuple[Verdict, int]],
) -> None:
    health, at, since, off = Health(), NOW, None, False
    for verdict, hours in story:
        at += hours * HOUR
        health = health.after_attempt(verdict, 0, at)
        if not off:
            since = None if verdict is Verdict.SUCCEEDED else since or at
            worn_out = verdict is Verdict.FAILED and since is not None and at - since >= PATIENCE
            off = verdict is Verdict.GONE or worn_out
        assert (health.state is State.OFF) == off

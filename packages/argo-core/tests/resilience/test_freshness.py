"""What may still be said about a stored answer."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from argo_core.errors import (
    InvalidInput,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.resilience.freshness import (
    Entry,
    Freshness,
    Slot,
    Windows,
    excuses_staleness,
    stored,
)

START = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
WINDOWS = Windows(revalidate_s=2, error_s=5)
seconds = st.integers(0, 12)


def _at(offset_s: float) -> datetime:
    return START + timedelta(seconds=offset_s)


def _entry(asked: float = 0, ttl: float = 3, as_of: float = -1, generation: int = 0) -> Entry[str]:
    return stored(
        f"asked at {asked}",
        as_of=_at(as_of),
        asked_at=_at(asked),
        soft=_at(asked + ttl),
        windows=WINDOWS,
        generation=generation,
    )


@pytest.mark.parametrize(
    ("after_s", "state"),
    [
        (0, Freshness.FRESH),
        (2.999999, Freshness.FRESH),
        (3, Freshness.STALE_REVALIDATE),
        (4.999999, Freshness.STALE_REVALIDATE),
        (5, Freshness.STALE_IF_ERROR),
        (7.999999, Freshness.STALE_IF_ERROR),
        (8, Freshness.MISS),
    ],
)
def test_an_answer_ages_through_its_windows(after_s: float, state: Freshness) -> None:
    slot = Slot(_entry())
    assert slot.state(_at(after_s)) is state
    assert slot.get(_at(after_s)).state is state


@given(seconds)
def test_whatever_is_found_comes_with_its_age_and_the_vendors_time(after_s: int) -> None:
    found = Slot(_entry()).get(_at(after_s))
    if found.state is Freshness.MISS:
        assert (found.entry, found.age_s, found.as_of) == (None, None, None)
    else:
        assert (found.age_s, found.as_of) == (after_s, _at(-1))


def test_nothing_stored_is_a_miss() -> None:
    assert Slot().state(START) is Freshness.MISS
    assert Slot().get(START).entry is None


def test_a_clock_behind_the_one_that_stored_finds_no_negative_age() -> None:
    assert Slot(_entry(asked=3)).get(START).age_s == 0


@given(seconds, seconds, seconds, seconds)
def test_served_age_stays_within_the_stale_if_error_bound(
    ttl: int, revalidate: int, more: int, after_s: int
) -> None:
    windows = Windows(revalidate, revalidate + more)
    entry = stored(0, as_of=START, asked_at=START, soft=_at(ttl), windows=windows, generation=0)
    found = Slot(entry).get(_at(after_s))
    assert (found.state is Freshness.MISS) == (after_s >= ttl + windows.error_s)
    if found.age_s is not None:
        assert found.age_s < ttl + windows.error_s


def test_an_invalidated_answer_is_not_fresh_but_of_use_while_it_is_refreshed() -> None:
    slot = Slot(_entry()).invalidate()
    assert slot.state(_at(0)) is Freshness.STALE_REVALIDATE
    assert slot.state(_at(6)) is Freshness.STALE_IF_ERROR
    assert slot.state(_at(8)) is Freshness.MISS


def test_an_invalidation_during_a_flight_is_not_undone() -> None:
    in_the_air = _entry(asked=1, generation=0)
    slot = Slot(_entry()).invalidate().offer(in_the_air)
    assert slot.entry == _entry()
    assert slot.state(_at(1)) is Freshness.STALE_REVALIDATE


def test_an_answer_asked_for_after_the_invalidation_is_fresh() -> None:
    slot = Slot(_entry()).invalidate().offer(_entry(asked=1, generation=1))
    assert slot.state(_at(1)) is Freshness.FRESH


def test_an_older_answer_does_not_replace_a_newer_one() -> None:
    slot = Slot(_entry(as_of=-1))
    assert slot.offer(_entry(asked=1, as_of=-2)) is slot
    assert not slot.accepts(_entry(asked=1, as_of=-2))


def test_an_answer_of_the_same_vendor_time_renews_the_entry() -> None:
    renewed = _entry(asked=1, as_of=-1)
    assert Slot(_entry(as_of=-1)).offer(renewed).entry is renewed


@pytest.mark.parametrize(
    ("error", "excused"),
    [
        (VendorUnavailable, True),
        (VendorThrottled, False),
        (VendorRefused, False),
        (VendorGarbled, False),
    ],
)
def test_only_a_vendor_that_is_away_excuses_an_old_answer(
    error: type[VendorError], excused: bool
) -> None:
    assert excuses_staleness(error("grok", "for a test")) is excused


def test_windows_that_make_no_sense_are_refused() -> None:
    with pytest.raises(InvalidInput, match="revalidate_s"):
        Windows(-1, 2)
    with pytest.raises(InvalidInput, match="error_s"):
        Windows(3, 2)
    with pytest.raises(InvalidInput, match="error_s"):
        Windows(3, float("nan"))


def test_an_entry_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidInput, match="soft"):
        _entry(ttl=-1)
    with pytest.raises(InvalidInput, match="as_of"):
        stored(
            0,
            as_of=datetime(2024, 1, 1),  # noqa: DTZ001 - the naive one is to be refused
            asked_at=START,
            soft=START,
            windows=WINDOWS,
            generation=0,
        )


class SlotMachine(RuleBasedStateMachine):
    """A slot beside a list of everything that was ever offered to it."""

    def __init__(self) -> None:
        super().__init__()
        self.slot: Slot[str] = Slot()
        self.generation = 0
        self.now = 0
        self.asks: list[tuple[int, int]] = []  # when, in which generation
        self.kept: list[Entry[str]] = []

    @rule(by=st.integers(0, 3))
    def time_passes(self, by: int) -> None:
        self.now += by

    @rule()
    def ask(self) -> None:
        self.asks.append((self.now, self.generation))

    @rule(which=st.integers(0, 3), as_of=st.integers(0, 3), ttl=st.integers(0, 4))
    def an_answer_comes(self, which: int, as_of: int, ttl: int) -> None:
        if which >= len(self.asks):
            return
        asked, generation = self.asks.pop(which)
        entry = _entry(asked, ttl, as_of, generation)
        newest = max((kept.as_of for kept in self.kept), default=entry.as_of)
        welcome = generation == self.generation and entry.as_of >= newest
        assert self.slot.accepts(entry) is welcome
        self.slot = self.slot.offer(entry)
        if welcome:
            self.kept.append(entry)

    @rule()
    def invalidate(self) -> None:
        self.generation += 1
        self.slot = self.slot.invalidate()

    @invariant()
    def it_says_what_the_list_says(self) -> None:
        found = self.slot.get(_at(self.now))
        if not self.kept:
            assert found.state is Freshness.MISS
            return
        last = self.kept[-1]
        assert last.as_of == max(kept.as_of for kept in self.kept)
        age = self.now - (last.stored_at - START).total_seconds()
        ttl = (last.soft - last.stored_at).total_seconds()
        stale = age >= ttl or last.generation < self.generation
        if age >= ttl + WINDOWS.error_s:
            assert found.state is Freshness.MISS
        elif age >= ttl + WINDOWS.revalidate_s:
            assert found.state is Freshness.STALE_IF_ERROR
        else:
            assert (found.state is Freshness.STALE_REVALIDATE) == stale
            assert (found.state is Freshness.FRESH) != stale
        assert found.entry is (None if found.state is Freshness.MISS else last)
        assert found.age_s is None or 0 <= found.age_s < ttl + WINDOWS.error_s


TestSlotAgreesWithAList = SlotMachine.TestCase
TestSlotAgreesWithAList.settings = settings(
    max_examples=min(100, settings().max_examples), stateful_step_count=15
)

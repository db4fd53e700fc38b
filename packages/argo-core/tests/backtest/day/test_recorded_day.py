"""A recorded day decided anew gives what the live engine gave, to the byte."""

import asyncio
from datetime import timedelta

import pytest

from argo_core.backtest.day.clock import DayClock, at_once
from argo_core.backtest.day.run import run
from argo_core.backtest.recording import Recording, dump
from argo_core.codec.outcome import read_outcome
from argo_core.consensus.reasons import Direction
from argo_core.engine.inputs import Decided, Settled, Started, Worded
from argo_core.engine.picture import Outcome
from argo_core.errors import InvalidInput
from argo_core.ledger.entry import decode_entry
from argo_core.testing.fake_clock import BEGINNING


@pytest.mark.parametrize("sealed", [False, True])
@pytest.mark.parametrize("keyed", [False, True])
async def test_the_signals_of_a_recorded_day_are_the_live_ones_to_the_byte(
    live_through, key, sealed, keyed
):
    day = await live_through(sealed=sealed)
    recording = Recording(dump(day.about, day.told))
    again = run(recording.about, recording, reveal_key=key if keyed else None)
    live = day.live()
    assert len(live) > 15
    assert [one.body for one in again.signals] == [one.body for one in live]
    assert [one.index for one in again.signals] == [one.index for one in live]
    assert [one.capsule for one in again.signals] == [one.capsule for one in live]
    # Nonces are made with the key, so without it the commitments are others.
    same = [one.entry for one in again.signals] == [one.entry for one in live]
    assert same is (keyed or not sealed)
    assert again.registration == again.recorded_registration == day.registration
    assert again.as_recorded
    assert again.keyed is keyed
    assert again.inputs == len(day.told)


async def test_outcomes_of_a_recorded_day_are_the_live_ones(live_through):
    day = await live_through(cycles=80)
    again = run(day.about, day.told)
    live = [one for one in map(decode_entry, day.entries) if one.kind == "outcome"]
    assert len(live) > 5
    assert [(one.index, one.outcome) for one in again.resolved] == [
        (one.number("signal_index"), read_outcome(one)) for one in live
    ]


async def test_a_day_says_how_much_was_decided_and_when(live_through):
    day = await live_through()
    again = run(day.about, day.told)
    decided = [one.at for one in day.told if isinstance(one, Decided)]
    assert again.cycles == len(decided)
    assert (again.begins, again.ends) == (decided[0], decided[-1])
    assert sum(again.outcomes.values()) == 3 * again.cycles
    assert again.outcomes[Outcome.SIGNAL] == len(again.signals)
    assert sum(again.reasons.values()) == 3 * again.cycles - len(again.signals)
    assert sum(map(again.count, Direction)) == len(again.signals)
    assert again.paper is None


async def test_the_same_day_has_the_same_hash_and_another_has_another(live_through):
    day, other = await live_through(cycles=20), await live_through(cycles=25)
    assert run(day.about, day.told).sha256 == run(day.about, day.told).sha256
    assert run(day.about, day.told).sha256 != run(other.about, other.told).sha256


async def test_a_run_that_goes_on_with_a_log_has_its_signals_where_the_log_has_them(live_through):
    first = await live_through(cycles=12, sealed=True)
    day = await live_through(log=first.log, sealed=True, begins=timedelta(minutes=2))
    [started] = [one for one in day.told if isinstance(one, Started)]
    assert started.standing
    assert started.hidden
    again = run(day.about, day.told)
    live = [one for one in day.live() if one.index >= started.size]
    assert again.first == started.size
    assert [one.body for one in again.signals] == [one.body for one in live]


async def test_what_the_log_refused_for_good_is_no_signal_of_the_day(live_through):
    day = await live_through(cycles=4)
    place = next(at for at, one in enumerate(day.told) if isinstance(one, Worded) and one.words)
    again = run(day.about, [*day.told[: place + 1], Settled(None)])
    assert again.signals == ()
    assert again.ends is not None


async def test_words_without_a_decision_are_refused(live_through):
    day = await live_through(cycles=1)
    with pytest.raises(InvalidInput, match="nothing was decided"):
        run(day.about, [day.told[0], Worded({})])


async def test_a_recording_in_which_nobody_starts_is_refused(live_through):
    day = await live_through(cycles=1)
    with pytest.raises(InvalidInput, match="no engine was started in it"):
        run(day.about, [])
    with pytest.raises(InvalidInput, match="started twice"):
        run(day.about, day.told * 2)


@pytest.mark.parametrize("traded", [False, True])
async def test_a_settled_batch_that_nobody_decided_is_nothing(live_through, plan, traded):
    day = await live_through(cycles=1)
    again = run(day.about, [day.told[0], Settled(3)], paper=plan if traded else None)
    assert (again.begins, again.ends, again.signals, again.paper) == (None, None, (), None)


async def test_another_reveal_key_is_refused(live_through):
    day = await live_through(cycles=1, sealed=True)
    with pytest.raises(InvalidInput, match="this is another one"):
        run(day.about, day.told, reveal_key=b"?" * 32)


async def test_a_day_clock_is_moved_by_whoever_sleeps_and_never_goes_back():
    clock = DayClock(BEGINNING)
    at_once(clock.sleep(90))
    at_once(clock.sleep(-1))
    clock.move(BEGINNING)
    assert clock.now() == BEGINNING + timedelta(seconds=90)
    assert clock.monotonic() == 90
    async with clock.timeout(0):
        at_once(clock.sleep(10))
    assert clock.monotonic() == 100


def test_work_that_waits_is_none_that_is_done_at_once():
    async def waits() -> None:
        await asyncio.sleep(0)  # noqa: TID251 - something that waits

    with pytest.raises(InvalidInput, match="it waits for something"):
        at_once(waits())

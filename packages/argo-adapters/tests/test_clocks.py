"""The machine's clock and a recording's keep what `Clock` promises."""

from datetime import UTC, datetime, timedelta

import pytest

from argo_adapters.clocks.system import SystemClock
from argo_adapters.clocks.tape import TapeClock
from argo_core.errors import InvalidInput
from argo_core.testing.clock_contract import ClockCase, ClockContract

STARTS = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)


async def really(waiting, _seconds):
    return await waiting


class TestSystemClock(ClockContract):
    @pytest.fixture
    def case(self):
        return ClockCase(SystemClock(), 0.01, really)


class TestTapeClock(ClockContract):
    @pytest.fixture
    def case(self):
        return ClockCase(TapeClock(STARTS), 0.01, really)


class TestTapeClockPlayedFast(ClockContract):
    @pytest.fixture
    def case(self):
        return ClockCase(TapeClock(STARTS, speed=1_000), 0.05, really)


def test_a_machine_clock_that_is_set_back_stands_still_until_it_has_caught_up():
    readings = iter([0, 10, -3_600, 9, 11])
    clock = SystemClock(lambda: STARTS + timedelta(seconds=next(readings)))
    passed = [(clock.now() - STARTS).total_seconds() for _ in range(4)]
    assert passed == [10, 10, 10, 11]


async def test_a_recording_played_fast_moves_now_and_leaves_timeouts_on_the_wall():
    clock = TapeClock(STARTS, speed=1_000)
    began = clock.monotonic()
    await clock.sleep(20)
    assert clock.now() >= STARTS + timedelta(seconds=20)
    assert clock.monotonic() - began < 5


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf"), 10_001])
def test_a_pace_that_is_none_is_refused(speed):
    with pytest.raises(InvalidInput, match="speed"):
        TapeClock(STARTS, speed)

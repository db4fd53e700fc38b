"""What happened, as lines of JSON."""

import asyncio
import io
import threading

import orjson
from hypothesis import example, given
from hypothesis import strategies as st

from alpine_service.adapters.observers.fan_out import FanOut
from alpine_service.adapters.observers.json_log import JsonLog
from alpine_service.ports.observing import Fact, Weight
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver


async def test_a_happening_is_a_line_with_its_time() -> None:
    out = io.BytesIO()
    log = JsonLog(out, FakeClock())
    async with log.writing():
        log.tell("ingest.refused", Weight.ALERT, reason="fork", index=7, size=None)

    assert out.getvalue() == (
        b'{"at":"2026-03-02T12:00:00.000000Z","what":"ingest.refused","weight":"alert",'
        b'"reason":"fork","index":7,"size":null}\n'
    )


FACTS = st.dictionaries(
    st.sampled_from(["at", "address", "x"]),
    st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()),
)


@given(st.lists(FACTS, max_size=5))
@example([{"x": -(2**63) - 1}, {"x": "\ud800"}])
def test_whatever_is_told_is_one_line_each_and_nothing_can_pose_as_another(
    told: list[dict[str, Fact]],
) -> None:
    out = io.BytesIO()
    log = JsonLog(out, FakeClock())

    for facts in told:
        log.tell("a.thing", Weight.INFO, **facts)
    log._write_all()

    lines = out.getvalue().splitlines() if told else []
    assert len(lines) == len(told)
    for line in lines:
        said = orjson.loads(line)
        assert (said["what"], said["weight"]) == ("a.thing", "info")
        assert said["at"] == "2026-03-02T12:00:00.000000Z"


class SlowPipe(io.BytesIO):
    """A reader that does not read before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.reading, self.drained = (threading.Event() for _ in range(3))

    def write(self, data: object) -> int:
        self.reached.set()
        self.reading.wait(10)
        assert isinstance(data, bytes)
        count = super().write(data)
        if b'"number":3' in data:
            self.drained.set()
        return count


async def test_who_tells_never_waits_for_who_reads_and_what_is_lost_is_said() -> None:
    pipe = SlowPipe()
    log = JsonLog(pipe, FakeClock(), most=3, every_s=0.001)
    async with log.writing():
        log.tell("a.thing", number=0)
        assert await asyncio.to_thread(pipe.reached.wait, 10)
        for number in range(1, 50):
            log.tell("a.thing", number=number)
        pipe.reading.set()
        await asyncio.to_thread(pipe.drained.wait, 10)
        log.tell("the.last")

    said = [orjson.loads(line) for line in pipe.getvalue().splitlines()]
    kept = [each["number"] for each in said if each["what"] == "a.thing"]
    (dropped,) = (each for each in said if each["what"] == "log.dropped")
    assert kept == [0, 1, 2, 3]
    assert dropped["lines"] == 46
    assert said[-1]["what"] == "the.last"


async def test_a_reader_that_is_stuck_does_not_hold_up_the_end() -> None:
    pipe = SlowPipe()
    log = JsonLog(pipe, FakeClock(), every_s=0.001)
    async with log.writing():
        log.tell("a.thing")

    pipe.reading.set()


class ClosedPipe(io.BytesIO):
    """Nobody reads any more."""

    def write(self, line: object) -> int:
        raise BrokenPipeError


async def test_a_log_that_nobody_reads_stops_nothing() -> None:
    log = JsonLog(ClosedPipe(), FakeClock())
    async with log.writing():
        log.tell("a.thing")
        log.tell("a.thing")


def test_all_observers_are_told() -> None:
    one, other = FakeObserver(), FakeObserver()

    FanOut((one, other)).tell("a.thing", Weight.WARNING, number=1)

    assert one.told == other.told
    assert one.names() == ["a.thing"]

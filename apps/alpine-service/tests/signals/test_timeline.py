"""When what was told of a signal, as one asker saw it."""

from collections.abc import Collection

from attrs import evolve, frozen

from alpine_service.domain.signals.event import Audience, EventKind
from alpine_service.domain.signals.price_point import PricePoint
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.timeline import Timeline, Told
from alpine_service.services.board import Board
from alpine_service.testing.fake_platform import DELAYED, REALTIME
from alpine_service.testing.stored_signals import BEGIN_US, MINUTE_US, WITNESSED_US, a_signal

EVENTS = {
    Audience.EVERYBODY: [
        Told(0, EventKind.SIGNAL_COMMITTED, 10),
        Told(1, EventKind.SIGNAL_REVEALED, 40),
        Told(7, EventKind.SIGNAL_PUBLISHED, 60),
        Told(1_000_007, EventKind.OUTCOME_RESOLVED, 70),
    ],
    Audience.REALTIME: [
        Told(0, EventKind.SIGNAL_PUBLISHED, 20),
        Told(1_000_000, EventKind.OUTCOME_RESOLVED, 30),
    ],
}


@frozen
class Events:
    """Tells of events only, and only those that are asked for."""

    async def standing(self, audience: Audience, most: int) -> list[SignalRecord]:
        return []

    async def standing_beside(
        self, log_indices: Collection[int], audience: Audience
    ) -> list[SignalRecord]:
        return []

    async def sealed(self, audience: Audience, most: int) -> list[SignalRecord]:
        return []

    async def prices(
        self, symbols: Collection[str], audience: Audience, most_each: int
    ) -> list[PricePoint]:
        return []

    async def told(self, log_indices: Collection[int], audience: Audience) -> list[Told]:
        visible = [one for level in Audience if level <= audience for one in EVENTS[level]]
        return [one for one in visible if one.log_index in log_indices]


COMMIT = evolve(
    a_signal(0, disclosure=Disclosure.DELAYED, audience=Audience.REALTIME, result="target"),
    revealed_index=None,
)
REVEALED = a_signal(0, disclosure=Disclosure.DELAYED, result="target")
DUE_US = BEGIN_US + 15 * MINUTE_US


async def test_a_stranger_is_told_of_a_sealed_signal_only_that_it_was_committed() -> None:
    seen = await Board(Events()).timeline(COMMIT, None)

    assert seen == Timeline(BEGIN_US, BEGIN_US + WITNESSED_US, 10, None, DUE_US, None, None)
    assert await Board(Events()).timeline(COMMIT, DELAYED) == seen


async def test_a_real_time_plan_was_told_it_early_and_its_outcome_too() -> None:
    seen = await Board(Events()).timeline(COMMIT, REALTIME)

    assert seen == Timeline(BEGIN_US, BEGIN_US + WITNESSED_US, 10, 20, DUE_US, None, 30)


async def test_with_the_reveal_everybody_is_told_what_it_said_and_what_came_of_it() -> None:
    stranger = await Board(Events()).timeline(REVEALED, None)
    realtime = await Board(Events()).timeline(REVEALED, REALTIME)

    assert (stranger.delivered_us, stranger.revealed_us, stranger.resolved_us) == (40, 40, 40)
    assert (realtime.delivered_us, realtime.revealed_us, realtime.resolved_us) == (20, 40, 30)


async def test_an_open_signal_is_delivered_when_it_is_told() -> None:
    seen = await Board(Events()).timeline(a_signal(7, result="stop"), None)

    assert (seen.told_us, seen.delivered_us, seen.due_us, seen.revealed_us) == (60, 60, None, None)
    assert seen.resolved_us == 70


async def test_what_was_not_told_and_not_witnessed_has_no_time() -> None:
    seen = await Board(Events()).timeline(evolve(a_signal(3), official_s=None), None)

    assert seen == Timeline(BEGIN_US + 3 * MINUTE_US, None, None, None, None, None, None)

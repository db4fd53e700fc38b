"""What is known of those who listen, without HTTP."""

from attrs import define, field

from alpine_service.api.listeners import CHECK_S, Listeners
from alpine_service.domain.accounts.principal import Principal
from alpine_service.errors import DatabaseAway
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_platform import somebody


@define
class Desk:
    """Knows somebody, if it is not away, and counts how often it was asked."""

    known: Principal | None = field(factory=somebody)
    is_away: bool = False
    asked: int = 0

    async def look(self) -> Principal | None:
        self.asked += 1
        if self.is_away:
            raise DatabaseAway("the database", "gone")
        return self.known


async def test_a_key_is_looked_up_once_in_a_while_however_many_streams_it_has() -> None:
    desk, clock, listeners, who = Desk(), FakeClock(), Listeners(), somebody()
    async with (
        listeners.listening(who, desk.look, clock) as door,
        listeners.listening(who, desk.look, clock) as again,
    ):
        assert again is door
        await clock.advance(CHECK_S)
        assert desk.asked == 1
        assert await door.who() == who
        assert desk.asked == 1


async def test_what_could_not_be_looked_up_in_time_is_looked_up_when_there_is_news() -> None:
    desk, clock = Desk(is_away=True), FakeClock()
    async with Listeners().listening(somebody(), desk.look, clock) as door:
        await clock.advance(CHECK_S)
        desk.is_away, desk.known = False, None

        assert await door.who() is None


async def test_nothing_is_looked_up_for_those_who_left() -> None:
    desk, clock, listeners = Desk(), FakeClock(), Listeners()
    async with listeners.listening(somebody(), desk.look, clock):
        pass
    await clock.advance(10 * CHECK_S)

    assert desk.asked == 0
    assert not listeners.open

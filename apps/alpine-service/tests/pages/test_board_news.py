"""Rows for a board that is open: what stands where something happened, as after a reload."""

import pytest

from alpine_service.testing.pages.story import EARLY, SEALED
from alpine_service.testing.pages.world import World
from alpine_service.testing.whole.browser import Browser


def as_guest(world: World, name: str) -> Browser:
    guest = world.guest(name)
    return Browser(world.url, cookie=f"{guest.cookie}={guest.secret}")


async def rows(world: World, name: str, *signals: int) -> list[dict[str, object]]:
    named = ",".join(str(each) for each in signals)
    answer = await as_guest(world, name).get(f"/signals/rows?signals={named}")
    assert answer.status == 200
    found: list[dict[str, object]] = answer.json["rows"]
    return found


@pytest.mark.parametrize("name", ["free", "pro"])
async def test_rows_that_are_asked_for_by_name_are_those_of_the_board(
    world: World, name: str
) -> None:
    """An outcome of a signal that another followed, or of a retired strategy, brings none back."""
    asker = as_guest(world, name)
    board = {each["key"]: each for each in (await asker.get("/signals/rows")).json["rows"]}
    signals = [index for id_, index in world.teller.indices.items() if id_ != SEALED]
    for place in range(0, len(signals), 100):
        for row in await rows(world, name, *signals[place : place + 100]):
            assert board[row["key"]] == row
    old = next(index for id_, index in world.teller.indices.items() if id_.startswith("omega"))
    assert await rows(world, name, old) == []


async def test_a_sealed_signal_that_is_named_does_not_tell_of_which_symbol_it_is(
    world: World,
) -> None:
    assert await rows(world, "free", world.index(EARLY)) == []
    assert await rows(world, "pro", world.index(SEALED)) == []
    assert len(await rows(world, "pro", world.index(EARLY))) == 1


async def test_names_that_cannot_be_are_passed_by(world: World) -> None:
    board = (await as_guest(world, "pro").get("/signals/rows")).json["rows"]
    first = board[0]["index"]
    assert await rows(world, "pro", first, 10**17, 10**400) == [board[0]]


async def test_a_filter_that_nobody_can_mean_asks_for_nothing(world: World) -> None:
    for odd in ("%00", "%C3%9F", "a%0Ab"):
        asked = f"/signals/record?strategy={odd}&symbol={odd}"
        assert (await as_guest(world, "free").get(asked)).status == 200

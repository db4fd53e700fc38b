"""The world that pages are tested in: it has what the story says, and goes on when asked to."""

from datetime import timedelta

import pytest

from alpine_service.testing.pages.accessibility import violations
from alpine_service.testing.pages.looks import Looks
from alpine_service.testing.pages.reading import LOOKS, NO_SCRIPTS, Look, Readers
from alpine_service.testing.pages.story import EARLY, GAMMA, NOW, OVERDUE, SEALED
from alpine_service.testing.pages.world import World
from alpine_service.testing.whole.browser import Browser

DOCS = "/docs"


def as_guest(world: World, name: str) -> Browser:
    guest = world.guest(name)
    return Browser(world.url, cookie=f"{guest.cookie}={guest.secret}")


async def test_the_record_has_three_strategies_and_every_kind_of_end(world: World) -> None:
    told = (await Browser(world.url).get("/v1/performance")).json
    assert [each["strategy"] for each in told["strategies"]] == ["alpha", "gamma", "omega"]
    whole = told["overall"]
    assert whole["signals"] == 124
    assert (whole["sealed"], whole["overdue"]) == (2, 1)
    assert min(whole[each] for each in ("holds", "pending", "void", "resolved", "hits")) >= 2
    for result in ("target", "stop", "expired", "void"):
        found = (await as_guest(world, "free").get(f"/v1/signals?result={result}")).json
        assert {each["result"] for each in found["signals"]} == {result}


@pytest.mark.parametrize(
    ("name", "states"),
    [("free", ("sealed", "sealed", "sealed")), ("pro", ("sealed", "early", "sealed"))],
)
async def test_what_is_sealed_is_open_early_to_real_time_plans(
    world: World, name: str, states: tuple[str, ...]
) -> None:
    asker = as_guest(world, name)
    found = [
        (await asker.get(f"/v1/signals/{world.index(each)}")).json["state"]
        for each in (SEALED, EARLY, OVERDUE)
    ]
    assert tuple(found) == states


async def test_everybody_is_signed_in_on_their_plan(world: World) -> None:
    for name in ("free", "basic", "pro", "support", "admin"):
        told = (await as_guest(world, name).get("/v1/account")).json
        is_staff = name in {"support", "admin"}
        assert told["second_factor"] is is_staff
        assert told["plan"] == ("free" if is_staff else name)
    assert (await as_guest(world, "admin").get("/v1/admin/users")).status == 200


async def test_webhooks_were_delivered_delayed_and_turned_off(world: World) -> None:
    asker = as_guest(world, "pro")
    found = (await asker.get("/v1/webhooks")).json["webhooks"]
    assert [each["state"] for each in found] == ["active", "failing", "off"]
    states = set()
    for each in found:
        told = (await asker.get(f"/v1/webhooks/{each['id']}/deliveries")).json["deliveries"]
        states |= {delivery["state"] for delivery in told}
    assert states >= {"delivered", "pending", "dead"}


async def test_it_is_always_the_same_afternoon(world: World, readers: Readers) -> None:
    told = (await Browser(world.url).get("/v1/log")).json
    assert (told["freshness"], told["silent_s"]) == ("fresh", 0.0)
    page = await (await readers.open()).go(DOCS)
    assert await page.evaluate("Date.now()") == NOW.timestamp() * 1000


async def test_a_world_of_ones_own_goes_on(own_world: World, own_readers: Readers) -> None:
    asker = as_guest(own_world, "pro")
    entry = await own_world.publish("live-1", "TSLA", -8_100)
    told = (await asker.get(f"/v1/signals/{entry.index}")).json
    assert (told["symbol"], told["direction"]) == ("TSLA", "SELL")
    committed = own_world.line("live-2", strategy=GAMMA)
    await own_world.tell(committed)
    await own_world.reveal(committed)
    await own_world.end(committed)
    told = (await asker.get(f"/v1/signals/{own_world.index('live-2')}")).json
    assert told["state"] == "public"
    assert told["outcome"] is not None
    page = await (await own_readers.open()).go(DOCS)
    assert await page.evaluate("Date.now()") > NOW.timestamp() * 1000


async def test_what_one_world_does_another_does_not_know(own_world: World, world: World) -> None:
    assert own_world.log.size == world.log.size
    await own_world.publish("live-1")
    assert own_world.log.size == world.log.size + 1
    own_world.clock.set(NOW + timedelta(days=1))
    assert world.clock.now() == NOW
    told = (await Browser(world.url).get("/v1/log")).json
    assert told["size"] == world.log.size


@pytest.mark.parametrize("look", LOOKS, ids=str)
async def test_a_page_about_a_problem_is_clean(readers: Readers, looks: Looks, look: Look) -> None:
    page = await (await readers.open(look)).go("/problems/not-there")
    await looks.keep(page, f"problem-{look}")
    assert await page.title()
    assert await violations(page) == []


async def test_the_page_of_the_interface_can_be_read_without_scripts(readers: Readers) -> None:
    page = await (await readers.open(NO_SCRIPTS)).go(DOCS)
    assert await page.title()

"""Blue and green on one record: killed, paused, robbed, and asked to change places."""

import asyncio
import signal
from typing import Any

import pytest

from argo_adapters.keys.key_file import read_key_file
from argo_adapters.sqlite.log import SqliteLog
from argo_service.record_keys import key_path

LEASE_S = 6.0
BEAT_S = 1.0
# Of a machine that has others to think of.
SLACK_S = 10.0


@pytest.mark.timed
async def test_a_publisher_that_is_killed_is_followed_before_its_lease_would_end(
    stage: Any,
) -> None:
    blue, green = await stage.both()
    await stage.more_signals(3)
    shown = (await blue.get("signals?limit=100"))["signals"]

    await blue.kill()
    killed_at, there = stage.seconds(), len(stage.signals())
    body = await green.becomes("publishing")
    assert stage.seconds() - killed_at < LEASE_S + BEAT_S + SLACK_S
    assert body["fence"] == body["newest_fence"] == 2
    assert await green.status("health?level=ready") == 200
    await stage.more_signals(there)

    await green.stop()
    await stage.check_record()
    # Whatever anybody was shown is there.
    places = {one["index"] for one in shown}
    kept = {place for place, one in enumerate(stage.entries()) if one["kind"] == "signal"}
    assert places <= kept


@pytest.mark.timed
async def test_a_publisher_that_was_paused_stands_by_when_it_wakes(stage: Any) -> None:
    blue, green = await stage.both()
    await stage.more_signals(0)

    blue.send(signal.SIGSTOP)
    await green.becomes("publishing")
    blue.send(signal.SIGCONT)

    body = await blue.becomes("standby")
    assert (body["fence"], body["newest_fence"]) == (None, 2)
    await blue.until("publisher", lambda body: "green" in (body["holder"] or ""))
    assert await blue.metric('argo_role_changes_total{role="lost"}') == 1
    # It shows what green publishes from now on.
    size = (await green.get("signals?limit=1"))["log"]["size"]
    await blue.until("signals?limit=1", lambda body: body["log"]["size"] > size)

    await blue.stop()
    await green.stop()
    await stage.check_record()


@pytest.mark.timed
async def test_a_standby_whose_clock_is_behind_the_log_publishes_once_it_has_caught_up(
    stage: Any,
) -> None:
    blue = await stage.serve("blue")
    await blue.becomes("publishing")
    green = await stage.serve("green", behind_s=8.0)
    await green.becomes("standby")
    await stage.more_entries(len(stage.entries()))

    await blue.kill()
    body = await green.until("publisher", lambda one: "the clock" in one["reason"])
    assert body["role"] != "publishing"
    there = len(stage.entries())
    await green.becomes("publishing")
    await stage.more_entries(there)

    await green.stop()
    await stage.check_record()


@pytest.mark.timed
async def test_colours_change_places_when_they_are_asked_to_and_back(stage: Any) -> None:
    blue, green = await stage.both()
    for fence, before, after in ((2, blue, green), (3, green, blue)):
        there = len(stage.entries())
        assert (await before.ask("release"))["role"] == "standby"
        body = await after.ask("take-over")
        assert (body["role"], body["fence"], body["newest_fence"]) == ("publishing", fence, fence)
        for one in (before, after):
            assert await one.status("health?level=ready") == 200
        await after.until("health", lambda body: body["services"]["performance"]["total_cycles"])
        assert len(stage.entries()) > there
    health = await blue.get("health?level=deep")
    assert (health["colour"], health["role"], health["fence"]) == ("blue", "publishing", 3)
    assert [one["name"] for one in health["checks"] if not one["ok"]] == []
    await green.stop()
    await blue.stop()
    await stage.check_record()


@pytest.mark.timed
async def test_a_late_write_is_refused_by_the_fence_and_counted(stage: Any) -> None:
    blue = await stage.serve("blue")
    await blue.becomes("publishing")
    signer = await asyncio.to_thread(read_key_file, key_path(stage.database))
    assert signer is not None
    # Somebody opens the log whose lease blue knows nothing of; what it believes is wrong now.
    async with SqliteLog.open(stage.database, signer, writing=False) as log:
        await log.begin_writing(await log.newest_fence())
        await blue.until("publisher", lambda body: body["newest_fence"] > 1)

        async def refused() -> bool:
            return await blue.metric("argo_fenced_writes_total") >= 1

        await stage.wait(refused)
    # Nobody else wants the lease, so it takes it again, with a later fence.
    body = await blue.until("publisher", lambda one: one["role"] == "publishing")
    assert body["fence"] > 2
    await blue.stop()
    await stage.check_record()

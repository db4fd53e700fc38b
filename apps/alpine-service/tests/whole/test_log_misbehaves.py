"""The log goes away, lies and comes back; what was verified is served all the while."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from alpine_service.testing.lies import LIES
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.tricks import TRICKS
from alpine_service.testing.whole.browser import Browser
from alpine_service.testing.whole.people import add_admin, add_people
from alpine_service.testing.whole.service import Service

PATIENCE_S = 25.0


@pytest_asyncio.fixture
async def reader(alpine: Service, log: SmallLog) -> AsyncIterator[Browser]:
    """Somebody in real time, over a log of which four entries are read."""
    (pro,) = await add_people(alpine, [("pro", "pro")])
    reader = Browser(alpine.url, pro.headers)
    await log.append(strategy_members("open"), *(signal_members(f"true-{n}") for n in range(3)))
    await read_up_to(reader, 4)
    yield reader


async def read_up_to(reader: Browser, size: int) -> None:
    async def is_read() -> bool:
        return bool((await reader.get("/v1/log")).json.get("size", 0) >= size)

    await until(is_read, PATIENCE_S, f"{size} entries are read")


async def events(reader: Browser) -> bytes:
    return (await reader.get("/v1/events")).body


@pytest.mark.parametrize("name", ["forged_signature", "altered_entry", "forked_history"])
async def test_nothing_of_a_lie_is_told_and_an_admin_decides(
    alpine: Service, log: SmallLog, reader: Browser, name: str
) -> None:
    before = await events(reader)
    truth = list(log.entries)
    LIES[name].tell(log)

    async def is_refused() -> bool:
        return bool((await reader.get("/v1/log")).json["refused"])

    await until(is_refused, PATIENCE_S, "the lie is refused")
    stood = (await reader.get("/v1/log")).json
    assert await events(reader) == before
    assert stood["size"] == 4

    admin = await add_admin(alpine)
    refused = (await admin.get("/v1/admin/quarantine")).json["refusals"]
    # Two histories under one key are called a fork, however they were found out.
    assert {each["reason"] for each in refused} <= LIES[name].reasons | {"fork"}
    for each in refused:
        assert each["evidence"]
        kept = await admin.get(
            f"/v1/admin/quarantine/{each['id']}/evidence?name={each['evidence'][0]}"
        )
        assert kept.body

    # The log comes back to the truth, and goes on.
    log.record.rewrite(truth)
    log.server.tricks.clear()
    log.add(signal_members("true-again"), seq=4)
    await log.publish()
    for each in refused:
        assert (await admin.post(f"/v1/admin/quarantine/{each['id']}/resolve")).status == 204
    await read_up_to(reader, 5)
    assert b"true-again" in await events(reader)
    assert not (await reader.get("/v1/log")).json["is_halted"]


@pytest.mark.parametrize("name", ["failing", "bomb"])
async def test_tricks_keep_nobody_from_what_was_verified(
    log: SmallLog, reader: Browser, name: str
) -> None:
    before = await events(reader)
    for path in ("/checkpoint", "/tile", "/api"):
        log.server.tricks[path] = TRICKS[name]
    log.add(signal_members("behind-the-trick"))
    await log.publish()
    for _ in range(5):
        assert await events(reader) == before
        assert (await reader.get("/v1/signals")).status == 200
    log.server.tricks.clear()
    await read_up_to(reader, 5)
    assert b"behind-the-trick" in await events(reader)


async def test_a_log_that_is_away_is_said_to_be_and_read_when_it_is_back(
    log: SmallLog, reader: Browser
) -> None:
    port = int(log.url.rpartition(":")[2])
    await log.server.stop()

    async def is_silent() -> bool:
        return bool((await reader.get("/v1/status")).json["silent_s"] > 3)

    await until(is_silent, PATIENCE_S, "the silence is told")
    assert b"true-2" in await events(reader)
    log.add(signal_members("later"))
    await log.server.start(port)
    await log.publish()
    await read_up_to(reader, 5)
    assert (await reader.get("/v1/status")).json["silent_s"] < 3

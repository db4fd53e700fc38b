"""The ways of a server to misbehave, seen from outside."""

import zlib
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientError, ClientPayloadError, ClientResponse, ClientSession, ClientTimeout

from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.tricks import ENDLESS_BYTES, TRICKS

PATIENCE = ClientTimeout(total=0.5)


@pytest.fixture
async def log() -> AsyncIterator[SmallLog]:
    async with SmallLog() as log:
        await log.append(strategy_members(), signal_members("one"))
        yield log


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=PATIENCE, auto_decompress=False) as session:
        yield session


def use(log: SmallLog, name: str, path: str = "/checkpoint") -> str:
    log.server.tricks[path] = TRICKS[name]
    return f"{log.url}{path}"


async def some(response: ClientResponse, count: int) -> int:
    """How much came before it was enough."""
    taken = 0
    async for piece in response.content.iter_any():
        taken += len(piece)
        if taken > count:
            break
    response.close()
    return taken


async def test_an_endless_answer_goes_on(log: SmallLog, session: ClientSession) -> None:
    async with session.get(use(log, "endless")) as response:
        assert response.content_length is None
        assert await some(response, 2_000_000) > 2_000_000


async def test_a_bomb_is_small_and_unpacks_to_gigabytes(
    log: SmallLog, session: ClientSession
) -> None:
    async with session.get(use(log, "bomb")) as response:
        assert response.headers["Content-Encoding"] == "deflate"
        packed = await response.content.readexactly(20_000)
        response.close()
    assert len(zlib.decompressobj().decompress(packed)) > 10_000_000
    assert ENDLESS_BYTES > 10**10


@pytest.mark.parametrize("name", ["slow", "silent", "stalled"])
async def test_an_answer_that_does_not_come_in_time(
    log: SmallLog, session: ClientSession, name: str
) -> None:
    with pytest.raises(TimeoutError):
        async with session.get(use(log, name)) as response:
            await response.read()


@pytest.mark.parametrize(("name", "status"), [("failing", 500), ("busy", 429), ("absent", 404)])
async def test_an_answer_that_is_an_error(
    log: SmallLog, session: ClientSession, name: str, status: int
) -> None:
    async with session.get(use(log, name)) as response:
        assert response.status == status


async def test_a_redirect_leads_to_the_honest_answer(log: SmallLog, session: ClientSession) -> None:
    url = use(log, "redirecting")
    async with session.get(url, allow_redirects=False) as response:
        assert response.status == 302
    async with session.get(url) as response:
        assert await response.read() == log.checkpoint


async def test_an_answer_shorter_than_its_length(log: SmallLog, session: ClientSession) -> None:
    with pytest.raises(ClientPayloadError):
        async with session.get(use(log, "truncated")) as response:
            await response.read()


async def test_an_answer_longer_than_its_length(log: SmallLog, session: ClientSession) -> None:
    async with session.get(use(log, "overlong")) as response:
        assert await response.read() == log.checkpoint[:-1]


@pytest.mark.parametrize("name", ["reset", "garbled"])
async def test_no_answer_at_all(log: SmallLog, session: ClientSession, name: str) -> None:
    with pytest.raises(ClientError):
        await session.get(use(log, name))


async def test_a_checkpoint_of_a_megabyte(log: SmallLog, session: ClientSession) -> None:
    async with session.get(use(log, "huge")) as response:
        body = await response.read()
    assert len(body) > 1_000_000
    assert body.endswith(log.checkpoint)


async def test_a_page_for_people(log: SmallLog, session: ClientSession) -> None:
    async with session.get(use(log, "page", "/tile")) as response:
        assert response.content_type == "text/html"


async def test_a_stream_that_ends_in_the_middle(log: SmallLog, session: ClientSession) -> None:
    async with session.get(use(log, "cut_stream", "/api/v1/stream")) as response:
        assert (await response.read()).endswith(b"event: sig")


async def test_only_the_paths_that_were_named_are_concerned(
    log: SmallLog, session: ClientSession
) -> None:
    use(log, "failing", "/tile/entries")
    async with session.get(f"{log.url}/tile/0/000.p/2") as response:
        assert response.status == 200
    log.server.tricks.clear()
    async with session.get(f"{log.url}/tile/entries/000.p/2") as response:
        assert response.status == 200


async def test_a_server_stops_in_the_middle_of_a_trick(session: ClientSession) -> None:
    for name in ("endless", "bomb", "slow", "silent", "stalled"):
        async with SmallLog() as log:
            response = None
            try:
                response = await session.get(use(log, name))
            except TimeoutError:
                assert name == "silent"
        if response is not None:
            response.close()

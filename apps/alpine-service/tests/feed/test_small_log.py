"""The publisher for tests keeps the protocol: what it serves is right, until it is told to lie."""

import asyncio
import json
from base64 import b64decode
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientConnectorError, ClientSession, ClientTimeout, web

from alpine_service.adapters.secrets.ed25519 import make_signer, verify_ed25519
from alpine_service.domain.feed.add_checkpoint import Consent, Standing, consider
from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.commitment import opens
from alpine_service.domain.feed.cosignature import cosignature_line, cosignature_message
from alpine_service.domain.feed.entry import read_entry
from alpine_service.domain.feed.policy import Policy, read_witnessed
from alpine_service.domain.feed.proving import plan_consistency
from alpine_service.domain.feed.sequence import follow_all
from alpine_service.domain.feed.standing import Standing as Followed
from alpine_service.domain.feed.tile import bundles_of, read_bundle, read_tile, tiles_of
from alpine_service.domain.feed.tree import (
    EMPTY_ROOT,
    Frontier,
    check_consistency,
    leaf_hash,
)
from alpine_service.domain.feed.verdict import State, check_entry
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.errors import FeedError, Refuted
from alpine_service.testing.lies import LIES, Lie, false_body, false_nonce, grow
from alpine_service.testing.members import (
    correct_members,
    key_members,
    outcome_members,
    quiet_members,
    retire_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.small_log import SmallLog

WITNESS = make_signer("witness.example/one", b"\x02" * 32, Algorithm.COSIGNATURE)


class Reader:
    """Reads a whole log over HTTP and checks all that the protocol says."""

    def __init__(self, log: SmallLog, session: ClientSession) -> None:
        self._log = log
        self._session = session
        self.kept = Head(log.name, 0, EMPTY_ROOT)

    async def get(self, path: str) -> bytes:
        async with self._session.get(f"{self._log.url}/{path}") as response:
            assert response.status == 200, path
            return await response.read()

    async def read(self) -> Followed:
        policy = Policy(self._log.key)
        head = read_witnessed(await self.get("checkpoint"), policy, verify_ed25519).head
        if head.size < self.kept.size:
            raise Refuted("bad-consistency", "the log was longer")
        plan = plan_consistency(self.kept.size, head.size)
        tiles = {tile: read_tile(tile, await self.get(tile.path)) for tile in plan.tiles}
        check_consistency(self.kept.size, self.kept.root, head.size, head.root, plan.fold(tiles))
        data: list[bytes] = []
        for bundle in bundles_of(head.size):
            data.extend(read_bundle(bundle, await self.get(bundle.path)))
        if Frontier().extended(map(leaf_hash, data)).root() != head.root:
            raise Refuted("wrong-root", "the entries have another root")
        entries = [read_entry(index, one) for index, one in enumerate(data)]
        followed = follow_all(head.origin, Followed(), entries)
        self.kept = head
        return followed


@pytest.fixture
async def session() -> AsyncIterator[ClientSession]:
    async with ClientSession(timeout=ClientTimeout(total=10)) as session:
        yield session


@pytest.fixture
async def log() -> AsyncIterator[SmallLog]:
    async with SmallLog(heartbeat_s=0.05) as log:
        await log.append(strategy_members(), *(signal_members(f"s{n}") for n in range(5)))
        yield log


async def test_everything_a_log_may_say_is_read_and_followed(
    log: SmallLog, session: ClientSession
) -> None:
    reader = Reader(log, session)
    await reader.read()
    await log.append(strategy_members("delayed"), strategy="beta")
    commit = await log.commit(signal_members("sealed"), "beta")
    signal = log.add(signal_members("shown", direction="SELL"))
    log.add(outcome_members(signal.index, signal.members))
    log.add(outcome_members(commit.index, signal_members("sealed"), "void"), "beta")
    await log.reveal(commit.index)
    for number in range(300):
        log.add(signal_members(f"many-{number}", direction=("BUY", "SELL", "HOLD")[number % 3]))
    log.add(quiet_members(1, 2))
    log.add(trade_members("o", signal_index=signal.index))
    log.add(correct_members(signal.index))
    log.add(key_members(str(log.key)))
    log.add(retire_members())
    await log.publish()
    followed = await reader.read()
    assert reader.kept.size == log.size == log.record.size
    assert followed.strategies["alpha"].is_retired
    for tile in tiles_of(log.size):
        read_tile(tile, await reader.get(tile.path))
    for index in (0, 255, 256, log.size - 1):
        data = await reader.get(f"api/v1/entries/{index}")
        file = await reader.get(f"proof/{index}.tlog-proof")
        verdict = check_entry(data, file, Policy(log.key), verify_ed25519)
        assert verdict.state is State.PROVED


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_a_lie_is_refused_for_its_reason(
    log: SmallLog, session: ClientSession, lie: Lie
) -> None:
    reader = Reader(log, session)
    await reader.read()
    lie.tell(log)
    with pytest.raises(FeedError) as refusal:
        await reader.read()
    assert getattr(refusal.value, "reason", None) in lie.reasons


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/000",
        "tile/0/000.p/7",
        "tile/1/000.p/1",
        "tile/0/0",
        "tile/entries/001.p/1",
        "proof/6.tlog-proof",
        "proof/x.tlog-proof",
        "api/v1/entries/6",
        "api/v1/entries/06",
    ],
)
async def test_what_is_not_published_is_not_there(
    log: SmallLog, session: ClientSession, path: str
) -> None:
    log.add(signal_members("not yet"))
    async with session.get(f"{log.url}/{path}") as response:
        assert response.status == 404
        assert response.content_type == "application/problem+json"


async def _events(
    session: ClientSession,
    log: SmallLog,
    query: str,
    until: bytes,
    begun: asyncio.Event | None = None,
) -> bytes:
    """The stream up to some bytes in it; `begun` is set once it is there."""
    headers = {"Last-Event-ID": query.partition("#")[2]} if "#" in query else {}
    found = b""
    url = f"{log.url}/api/v1/stream{query.partition('#')[0]}"
    async with session.get(url, headers=headers) as response:
        assert response.status == 200
        assert response.content_type == "text/event-stream"
        if begun is not None:
            begun.set()
        while until not in found:
            found += await response.content.readany()
    return found


async def test_the_stream_sends_entries_then_their_checkpoint(
    log: SmallLog, session: ClientSession
) -> None:
    for query in ("?since=4", "#3"):
        found = await _events(session, log, query, b"data: \n\n")
        lines = b"".join(b"data: " + line + b"\n" for line in log.checkpoint.split(b"\n"))
        assert found == (
            b"id: 4\nevent: signal\ndata: " + log.entries[4] + b"\n\n"
            b"id: 5\nevent: signal\ndata: " + log.entries[5] + b"\n\n"
            b"event: checkpoint\n" + lines + b"\n"
        )


async def test_the_stream_goes_on_with_what_is_published_later(
    log: SmallLog, session: ClientSession
) -> None:
    begun = asyncio.Event()
    reading = asyncio.create_task(_events(session, log, "", b"event: checkpoint", begun))
    await begun.wait()
    entry = log.add(signal_members("new"))
    await log.publish()
    found = await reading
    assert b"id: 6\nevent: signal\ndata: " + entry.data in found


async def test_a_comment_is_sent_without_news(log: SmallLog, session: ClientSession) -> None:
    assert await _events(session, log, "?since=6", b"\n\n") == b": nothing new\n\n"


async def test_an_entry_that_is_no_json_has_an_event_all_the_same(
    log: SmallLog, session: ClientSession
) -> None:
    log.record.add_anything(b"not json")
    await log.publish()
    found = await _events(session, log, "?since=6", b"checkpoint")
    assert found.startswith(b"id: 6\nevent: message\ndata: not json\n\n")


@pytest.mark.parametrize("query", ["?since=7", "?since=x", "#6"])
async def test_a_place_that_the_log_has_not_is_refused(
    log: SmallLog, session: ClientSession, query: str
) -> None:
    path, _, last = query.partition("#")
    headers = {"Last-Event-ID": last} if last else {}
    async with session.get(f"{log.url}/api/v1/stream{path}", headers=headers) as response:
        assert response.status == 400


async def test_bodies_come_in_pages_and_open_their_commits(session: ClientSession) -> None:
    async with SmallLog() as log:
        await log.append(strategy_members("delayed"))
        for number in range(3):
            await log.commit(signal_members(f"s{number}"))
        log.record.commit(signal_members("not published"))
        reader, start, found = Reader(log, session), 0, []
        for _ in range(2):
            page = json.loads(await reader.get(f"api/v1/bodies?from={start}&limit=2"))
            start = page["next"]
            found += page["bodies"]
        assert start == log.size == 4
        assert [one["index"] for one in found] == [1, 2, 3]
        for one in found:
            assert opens(b64decode(one["nonce"]), b64decode(one["body"]), one["commitment"])
        for lie in (false_body, false_nonce):
            lie(log, 2)
            (one, *_) = json.loads(await reader.get("api/v1/bodies?from=2"))["bodies"]
            assert not opens(b64decode(one["nonce"]), b64decode(one["body"]), one["commitment"])
        for query in ("from=x", "limit=0", "limit=501"):
            async with session.get(f"{log.url}/api/v1/bodies?{query}") as response:
                assert response.status == 400


@pytest.mark.parametrize(
    ("key", "stream", "bodies"),
    [(None, 401, 401), ("wrong", 401, 401), ("reader", 200, 403), ("both", 200, 200)],
)
async def test_keys_have_scopes(
    session: ClientSession, key: str | None, stream: int, bodies: int
) -> None:
    keys = {"reader": frozenset({"read"}), "both": frozenset({"read", "realtime"})}
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with SmallLog(api_keys=keys) as log:
        for path, status in (("api/v1/stream", stream), ("api/v1/bodies", bodies)):
            async with session.get(f"{log.url}/{path}", headers=headers) as response:
                assert response.status == status
        async with session.get(f"{log.url}/checkpoint") as response:
            assert response.status == 200


class Witness:
    """A witness over HTTP, as small as can be."""

    def __init__(self, log: SmallLog) -> None:
        self.known = {log.name: Standing(log.key)}

    async def answer(self, request: web.Request) -> web.Response:
        answer = consider(await request.read(), self.known, verify_ed25519)
        if not isinstance(answer, Consent):
            headers = {"Content-Type": answer.content_type}
            return web.Response(status=answer.status, body=answer.body.encode(), headers=headers)
        head = answer.head
        self.known[head.origin] = Standing(self.known[head.origin].key, head.size, head.root)
        signature = WITNESS.sign(cosignature_message(7, head.text()))
        return web.Response(text=cosignature_line(WITNESS.verifier_key, 7, signature))


async def test_a_witness_is_asked_and_its_lines_are_published() -> None:
    log = SmallLog()
    witness = Witness(log)
    app = web.Application()
    app.router.add_post("/add-checkpoint", witness.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    log.witness_urls = (f"http://127.0.0.1:{runner.addresses[0][1]}",)
    policy = Policy(log.key, (WITNESS.verifier_key,), 1)
    try:
        for number in range(3):
            await log.append(signal_members(f"s{number}"))
            assert read_witnessed(log.checkpoint, policy, verify_ed25519).is_met
        assert witness.known[log.name].size == 3
        assert log.refusals == []
        log.record.rewrite(log.entries[:2])
        await log.publish()
        assert not read_witnessed(log.checkpoint, policy, verify_ed25519).is_met
        assert [status for _, status, _ in log.refusals] == [400]
    finally:
        await runner.cleanup()


async def test_it_can_be_away_and_come_back(log: SmallLog, session: ClientSession) -> None:
    reader = Reader(log, session)
    await reader.read()
    port = int(log.url.rpartition(":")[2])
    await log.server.stop()
    with pytest.raises(ClientConnectorError):
        await reader.read()
    grow(log)
    await log.server.start(port)
    await reader.read()
    assert reader.kept.size == 7


async def test_bytes_at_a_path_can_be_replaced(log: SmallLog, session: ClientSession) -> None:
    log.server.replaced["tile/0/000.p/6"] = b"something else"
    assert await Reader(log, session).get("tile/0/000.p/6") == b"something else"

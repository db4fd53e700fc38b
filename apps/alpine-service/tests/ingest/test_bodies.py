"""Bodies of commits before their reveal: what opens a commitment counts, and nothing else."""

import orjson
import pytest
from attrs import evolve

from alpine_service.domain.feed import base64_strict
from alpine_service.domain.feed.canonical import decode, encode
from alpine_service.domain.signals.bodies import read_bodies
from alpine_service.errors import Malformed
from alpine_service.testing.lies import false_body, false_nonce
from alpine_service.testing.members import outcome_members, signal_members, strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import Reader, open_reader
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.tricks import TRICKS

NONCE = base64_strict.encode(bytes(32))
BODY = {"index": 1, "nonce": NONCE, "body": ""}


async def published(reader: Reader) -> list[int]:
    return [each.log_index for each in await reader.events() if each.kind == "signal.published"]


@pytest.mark.parametrize("lie", [false_body, false_nonce])
async def test_a_false_body_is_kept_as_evidence_and_told_to_nobody(
    lie: object, database: TestDatabase
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        await log.commit(signal_members("sealed"))
        true = log.record.sealed[1]
        lie(log, 1)  # type: ignore[operator]
        await reader.catch_up()
        assert await published(reader) == []
        (refused,) = await reader.refused()
        assert (refused.reason, refused.log_index) == ("bad-opening", 1)
        served = log.record.sealed[1]
        assert await reader.quarantine.evidence(refused.id, "body") == served.body
        # The reveal opens it all the same.
        log.record.sealed[1] = true
        await log.reveal(1)
        await reader.catch_up()
        assert (await reader.events())[-1].kind == "signal.revealed"


async def test_a_body_of_which_the_outcome_says_otherwise_is_refused(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        log.record.commit(signal_members("sealed"))
        log.record.commit(signal_members("held", direction="HOLD"))
        log.add(outcome_members(1, signal_members("another")))
        log.add(outcome_members(2, signal_members("held")))
        await log.publish()
        await reader.catch_up()
        assert await published(reader) == []
        assert {each.reason for each in await reader.refused()} == {"bad-outcome"}


async def test_a_body_whose_outcome_came_first_is_told(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        log.record.commit(signal_members("sealed"))
        log.add(outcome_members(1, signal_members("sealed")))
        await log.publish()
        await reader.catch_up()
        assert await published(reader) == [1]
        row = await database.app.fetchrow("SELECT result, signal_id FROM signals")
        assert row is not None
        assert tuple(row) == ("target", "sealed")


async def test_an_id_that_is_taken_is_refused_of_a_body(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("taken"))
        log.record.commit(signal_members("taken"), "other")
        log.record.commit(signal_members("twice"), "other")
        log.record.commit(signal_members("twice"), "other")
        await log.publish()
        await reader.catch_up()
        assert await published(reader) == [0, 2]
        assert [each.reason for each in await reader.refused()] == ["reused-id", "reused-id"]


async def test_an_entry_with_the_id_of_a_body_that_came_early_is_refused(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.commit(signal_members("taken"), "other")
        await reader.catch_up()
        await log.append(signal_members("taken"))
        await reader.catch_up()
        assert [each.reason for each in await reader.refused()] == ["reused-id"]


async def test_bodies_come_page_by_page(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        for number in range(120):
            log.record.commit(signal_members(f"sealed-{number}"))
        await log.publish()
        await reader.catch_up()
        assert await published(reader) == list(range(1, 121))
        asked = [path for path in log.server.asked if path.startswith("/api/v1/bodies")]
        assert len(asked) == 3
        # With nothing missing nothing is asked.
        await reader.catch_up()
        assert len([path for path in log.server.asked if "bodies" in path]) == 3


async def test_bodies_beyond_what_was_accepted_wait(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        await log.commit(signal_members("one"))
        await reader.ingest.look()
        old = log.checkpoint
        await log.commit(signal_members("two"))
        log.server.replaced["checkpoint"] = old
        await reader.catch_up()
        assert await published(reader) == [1]
        log.server.replaced.clear()
        await reader.catch_up()
        assert await published(reader) == [1, 2]


async def test_bodies_that_are_none_are_kept_as_evidence(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.commit(signal_members("sealed"))
        log.server.tricks["/api/v1/bodies"] = TRICKS["page"]
        await reader.catch_up()
        (refused,) = await reader.refused()
        assert refused.reason == "bad-bodies"
        assert await reader.quarantine.evidence(refused.id, "answer") is not None
        log.server.tricks.clear()
        await reader.clock.advance(1)
        await reader.catch_up()
        assert await published(reader) == [0]


async def test_a_key_that_is_refused_for_bodies_keeps_nothing_else_from_being_read(
    database: TestDatabase,
) -> None:
    keys = {"other": frozenset({"read", "realtime"})}
    async with SmallLog(api_keys=keys) as log, open_reader(log, database.app) as reader:
        await log.append(strategy_members("delayed"))
        await log.commit(signal_members("sealed"))
        for number in range(3):
            await log.append(signal_members(f"{number}"), strategy="open")
            await reader.clock.advance(100)
            assert await reader.catch_up() == 1.0
        assert await reader.refused() == []
        assert await published(reader) == [2, 3, 4]
        assert reader.observer.names().count("ingest.no_bodies") == 1
        assert len([path for path in log.server.asked if "bodies" in path]) == 3
        log.api_keys["key"] = frozenset({"realtime"})
        await reader.clock.advance(100)
        await reader.catch_up()
        assert await published(reader) == [2, 3, 4, 1]


async def test_bodies_are_left_alone_as_long_as_the_server_asks_for(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.commit(signal_members("sealed"))
        log.server.tricks["/api/v1/bodies"] = TRICKS["busy"]
        await reader.catch_up()
        log.server.tricks.clear()
        await reader.clock.advance(6)
        await reader.catch_up()
        assert await published(reader) == []
        await reader.clock.advance(1)
        await reader.catch_up()
        assert await published(reader) == [0]


async def test_bodies_without_an_end_are_refused_and_nothing_else_waits(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.commit(signal_members("sealed"))
        log.server.tricks["/api/v1/bodies"] = TRICKS["endless"]
        assert await reader.catch_up() == 1.0
        assert [each.reason for each in await reader.refused()] == ["too-large"]


async def test_a_reveal_after_the_body_fills_it_in_once_more(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        entry = await log.commit(signal_members("sealed"))
        await reader.catch_up()
        before = await database.app.fetchrow("SELECT data, nonce, signal_id FROM signals")
        await log.reveal(entry.index)
        await reader.catch_up()
        after = await database.app.fetchrow("SELECT data, nonce, signal_id FROM signals")
        assert before == after


async def test_a_reveal_of_what_is_no_signal_is_refused(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("before"))
        await log.commit({"kind": "correct", "index": 0, "note": "hidden"})
        await reader.catch_up()
        assert [each.reason for each in await reader.refused()] == ["bad-opening"]
        log.add(signal_members("after"))
        await log.reveal(1)
        await reader.ingest.look()
        assert (await reader.refused())[0].log_index == 3
        assert [each.kind.value for each in await reader.events()] == [
            "signal.published",
            "signal.committed",
        ]


async def test_a_body_may_be_no_entry_at_all(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.commit(signal_members("sealed"))
        sealed = log.record.sealed[0]
        body = encode({**decode(sealed.body), "mood": "good"})
        log.record.sealed[0] = evolve(sealed, body=body)
        await reader.catch_up()
        assert [each.reason for each in await reader.refused()] == ["bad-opening"]


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"[]",
        b'{"next":1}',
        b'{"bodies":{},"next":1}',
        b'{"bodies":[]}',
        b'{"bodies":[],"next":-1}',
        b'{"bodies":[],"next":true}',
        b'{"bodies":[],"next":9007199254740992}',
        orjson.dumps({"bodies": [1], "next": 1}),
        orjson.dumps({"bodies": [{**BODY, "index": "1"}], "next": 1}),
        orjson.dumps({"bodies": [{**BODY, "nonce": None}], "next": 1}),
        orjson.dumps({"bodies": [{**BODY, "nonce": "AA=="}], "next": 1}),
        orjson.dumps({"bodies": [{**BODY, "body": "A"}], "next": 1}),
        orjson.dumps({"bodies": [{"index": 1, "nonce": NONCE}], "next": 1}),
    ],
)
def test_what_is_no_page_of_bodies_is_refused(page: bytes) -> None:
    with pytest.raises(Malformed):
        read_bodies(page)


def test_members_that_the_protocol_does_not_name_are_ignored() -> None:
    page = orjson.dumps({"bodies": [{**BODY, "more": 1}], "next": 2, "log": {}})
    assert [each.index for each in read_bodies(page).bodies] == [1]

"""A log that grows, lies and vanishes, read by readers that are killed, beside a plain model.

Whatever happens: events are numbered without a gap, one for each entry and kind, in the log's
order; nothing of a lie is there; and everybody sees no more than the log has revealed.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from copy import deepcopy
from typing import Any, TypeVar

import orjson
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.roles import Urls
from alpine_service.services.ingest_chunk import ChunkSize
from alpine_service.services.ingest_pace import PACE
from alpine_service.testing.lies import LIES
from alpine_service.testing.members import (
    outcome_members,
    signal_members,
    strategy_members,
    trade_members,
)
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import Reader, open_reader
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.tricks import TRICKS

T = TypeVar("T")

_EMPTY = """
TRUNCATE feed_head, entries, tiles, checkpoints, witness_head, strategies, signals, quarantine,
    evidence, events, stream_head CASCADE;
INSERT INTO stream_head (number) VALUES (0);
"""
_TOLD = {
    "strategy": "strategy.registered",
    "signal": "signal.published",
    "commit": "signal.committed",
    "reveal": "signal.revealed",
    "outcome": "outcome.resolved",
    "trade": "trade.reported",
}
_BAD_SERVERS = ("failing", "redirecting", "reset", "page", "truncated", "absent")


class Reading(RuleBasedStateMachine):
    """Rules are synchronous, so each run has a loop of its own."""

    urls: Urls

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.stack = AsyncExitStack()
        self.reading: AsyncExitStack | None = None
        self.do(self._begin())

    async def _begin(self) -> None:
        self.database = await self.stack.enter_async_context(open_database(self.urls.app))
        async with open_database(self.urls.owner, size=1) as owner:
            await owner.execute(_EMPTY)
        self.log = await self.stack.enter_async_context(SmallLog())
        self.judged: set[int] = set()
        self.revealed: set[int] = set()
        await self.log.append(strategy_members(), *(signal_members(f"s-{n}") for n in range(4)))
        await self._restart()
        await self.reader.catch_up()

    async def _restart(self) -> None:
        if self.reading is not None:
            await self.reading.aclose()
        self.reading = AsyncExitStack()
        self.reader: Reader = await self.reading.enter_async_context(
            open_reader(self.log, self.database, chunk_size=ChunkSize(entries=256))
        )

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(coroutine)

    def teardown(self) -> None:
        if self.reading is not None:
            self.do(self.reading.aclose())
        self.do(self.stack.aclose())
        self.loop.close()

    @rule(count=st.sampled_from([1, 3, 300]))
    def signals(self, count: int) -> None:
        for _ in range(count):
            self.log.add(signal_members(f"s-{self.log.record.size}", facts=0, sources=("prices",)))
        self.do(self.log.publish())

    @rule()
    def commits(self) -> None:
        self.do(self.log.commit(signal_members(f"c-{self.log.record.size}"), "sealed"))

    @precondition(lambda self: self.log.record.sealed.keys() - self.revealed)
    @rule(data=st.data())
    def reveals(self, data: st.DataObject) -> None:
        left = sorted(self.log.record.sealed.keys() - self.revealed)
        index = data.draw(st.sampled_from(left))
        self.revealed.add(index)
        self.do(self.log.reveal(index))

    @precondition(lambda self: self.log.record.sealed.keys() - self.judged)
    @rule(data=st.data())
    def judges(self, data: st.DataObject) -> None:
        left = sorted(self.log.record.sealed.keys() - self.judged)
        index = data.draw(st.sampled_from(left))
        self.judged.add(index)
        body = orjson.loads(self.log.record.sealed[index].body)
        self.log.add(outcome_members(index, body), "sealed")
        self.log.add(trade_members("order", body["symbol"], signal_index=index), "sealed")
        self.do(self.log.publish())

    @rule()
    def looks(self) -> None:
        self.do(self.reader.ingest.look())

    @rule()
    def restarts(self) -> None:
        self.do(self._restart())

    @rule(turns=st.integers(0, 60))
    def is_killed(self, turns: int) -> None:
        self.do(self._kill(turns))

    async def _kill(self, turns: int) -> None:
        looking = asyncio.create_task(self.reader.ingest.look())
        for _ in range(turns):
            await self.reader.clock.advance(0)
        looking.cancel()
        await asyncio.wait([looking])
        await self._restart()

    @rule(name=st.sampled_from(sorted(LIES)))
    def lies(self, name: str) -> None:
        self.do(self._lie(name))

    async def _lie(self, name: str) -> None:
        await self.reader.catch_up()
        honest, size, checkpoint = deepcopy(self.log.record), self.log.size, self.log.checkpoint
        LIES[name].tell(self.log)
        if name != "reordered_tiles":
            # With honest entries these tiles are not asked for, or the reading is refused.
            before = await self.reader.events()
            await self.reader.catch_up()
            assert await self.reader.events() == before
        self.log.server.tricks.clear()
        self.log.record = honest
        self.log.show(size, checkpoint)
        for refused in await self.reader.refused():
            await self.reader.standing.resolve(refused.id, "usr_operator")

    @rule(name=st.sampled_from(_BAD_SERVERS), path=st.sampled_from(["/", "/tile", "/api"]))
    def misbehaves(self, name: str, path: str) -> None:
        self.log.server.tricks[path] = TRICKS[name]
        self.do(self.reader.ingest.look())
        self.log.server.tricks.clear()

    @rule()
    def catches_up(self) -> None:
        # Bodies wait longer with each time that they were not to be had.
        self.do(self.reader.clock.advance(2 * PACE.longest_s))
        self.do(self.reader.catch_up())
        told = [(each.log_index, each.kind.value) for each in self.do(self.reader.events())]
        members = [orjson.loads(data) for data in self.log.entries[: self.log.size]]
        expected = [(index, _TOLD[each["kind"]]) for index, each in enumerate(members)]
        early = {(index, "signal.published") for index in self.log.record.sealed}
        assert [each for each in told if each not in early] == expected
        # Of a commit whose reveal came with it nothing is told early.
        assert early - set(told) <= {(index, "signal.published") for index in self.revealed}

    @invariant()
    def events_have_no_gap(self) -> None:
        events = self.do(self.reader.events())
        assert [each.number for each in events] == list(range(1, len(events) + 1))
        assert len({(each.log_index, each.kind) for each in events}) == len(events)

    @invariant()
    def what_is_stored_is_the_beginning_of_the_log(self) -> None:
        rows = self.do(self.database.fetch("SELECT data FROM entries ORDER BY log_index"))
        assert [row["data"] for row in rows] == self.log.entries[: len(rows)]

    @invariant()
    def everybody_sees_what_was_revealed(self) -> None:
        rows = self.do(
            self.database.fetch(
                "SELECT log_index FROM signals WHERE disclosure = 'delayed' AND audience = 0"
            )
        )
        assert {row["log_index"] for row in rows} <= self.revealed


def test_whatever_happens_events_are_those_of_the_log(database: TestDatabase) -> None:
    Reading.urls = database.urls
    run_state_machine_as_test(
        Reading,
        settings=settings(max_examples=min(settings().max_examples, 30), stateful_step_count=12),
    )

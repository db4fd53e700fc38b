"""Commands to a real server are spans while tracing is on, without what they carry."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from argo_adapters.redis.link import RedisLink
from argo_adapters.tracing.finished import Finished
from argo_adapters.tracing.opened import OpenTracing, TracePlan

CANARY = "canary-0123456789"


@pytest.fixture
def kept() -> list[Finished]:
    return []


@pytest.fixture
async def tracing(kept: list[Finished]) -> AsyncIterator[OpenTracing]:
    def opened() -> OpenTracing:
        made = OpenTracing(TracePlan("argo", "1.0"), None, kept.append)
        made.trace_redis()
        return made

    tracing = await asyncio.to_thread(opened)
    yield tracing
    await asyncio.to_thread(tracing.close)


async def test_a_command_is_a_part_of_what_it_is_for_without_its_arguments(
    tracing: OpenTracing, kept: list[Finished], link: RedisLink
) -> None:
    with tracing.tracer.span("cycle"):
        await link.command("SET", CANARY, CANARY)
    sent, cycle = kept
    assert (sent.name, sent.parent) == ("SET", cycle.id)
    assert CANARY not in repr(kept)


async def test_once_tracing_is_off_commands_are_no_spans(
    tracing: OpenTracing, kept: list[Finished], link: RedisLink
) -> None:
    await asyncio.to_thread(tracing.close)
    await link.command("PING")
    assert kept == []

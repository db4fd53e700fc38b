"""Statements to a real server are spans while tracing is on, without what they carry."""

import asyncio

from argo_adapters.postgres.link import address_of, connected
from argo_adapters.tracing.finished import Finished
from argo_adapters.tracing.opened import OpenTracing, TracePlan

CANARY = "canary-0123456789"


async def test_a_statement_is_a_part_of_what_it_is_for_without_its_arguments(
    bare: object, superuser_url: str
) -> None:
    kept: list[Finished] = []

    def opened() -> OpenTracing:
        made = OpenTracing(TracePlan("argo", "1.0"), None, kept.append)
        made.trace_postgres()
        return made

    tracing = await asyncio.to_thread(opened)
    try:
        async with connected(address_of(superuser_url), call_s=20) as connection:
            with tracing.tracer.span("append"):
                assert await connection.fetchval("SELECT $1::text", CANARY) == CANARY
            sent, append = kept
            await asyncio.to_thread(tracing.close)
            kept.clear()
            await connection.fetchval("SELECT 1")
    finally:
        await asyncio.to_thread(tracing.close)
    assert (sent.name, sent.parent) == ("SELECT", append.id)
    assert CANARY not in repr(sent)
    assert kept == []

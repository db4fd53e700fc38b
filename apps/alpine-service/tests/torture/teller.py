"""A stand-in for a service: tells numbers one after the other, and writes down how many there are.

With `honest` both are one transaction. With `careless` they are not, so a blow can fall between.
"""

import asyncio
import sys

import asyncpg


async def tell(url: str, *, honest: bool) -> None:
    connection = await asyncpg.connect(url, timeout=5, command_timeout=5)
    while True:
        if honest:
            async with connection.transaction():
                await step(connection)
        else:
            await step(connection)


async def step(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    await connection.execute("UPDATE counter SET n = n + 1")
    # Most of the time goes by in the middle, so that most blows fall there.
    await connection.execute("SELECT pg_sleep(0.02)")
    await connection.execute("INSERT INTO told SELECT n FROM counter")


asyncio.run(tell(sys.argv[1], honest=sys.argv[2] == "honest"))

"""The record depends on what the sources said, not on who said it first."""

import asyncio
from itertools import permutations

import pytest

from argo_core.consensus.opinion import Fact

CYCLES = 12
STRENGTHS = {"massive": 0.9, "alpha_vantage": 0.8, "grok": 1.0, "sonar": 0.7}


async def recorded(world, order, swing):
    """Every entry and capsule of an engine that hears the sources in that order."""
    for place, name in enumerate(order):
        source = world.sources[name]
        source.seconds = 0.01 * (1 + place)
        # The vendor's own time is what counts, whenever its answer arrives.
        at = world.clock.now()
        facts = (Fact("RSI", f"{len(name)}", "", at), Fact("volume", "1.5", "x", at))
        for symbol, side in (("AZO", 1), ("BTC/USD", -1)):
            source.say(symbol, side * STRENGTHS[name], as_of=at, facts=facts)
    engine = world.engine()
    await engine.start()
    for number in range(CYCLES):
        for feed in world.feeds:
            feed.price("AZO", f"{3100 + swing * number}.00")
        task = asyncio.create_task(engine.cycle())
        await world.clock.advance(5)
        await task
    await engine.stop()
    entries = await world.log.entries(0, 1000)
    assert len(entries) > 2
    return [one.data for one in entries], world.log._capsules


@pytest.mark.parametrize("swing", [0, 17])
async def test_the_order_in_which_answers_arrive_leaves_no_trace(world, swing):
    orders = sorted(permutations(STRENGTHS))[::5]
    records = []
    for order in orders:
        fresh = type(world)(world.instruments, world.profile)
        for name in world.sources:
            fresh.sources[name] = type(world.sources[name])(name, clock=fresh.clock)
        for feed in world.feeds:
            new = type(feed)(fresh.clock, name=feed.name, feed=feed.name)
            new.price("AZO", "3100.00")
            new.price("BTC/USD", "95000.00")
            fresh.feeds.append(new)
        records.append(await recorded(fresh, order, swing))
    assert len(records) == 5
    assert all(record == records[0] for record in records)

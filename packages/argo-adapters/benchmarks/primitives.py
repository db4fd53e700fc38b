"""What the machinery costs a call: breaker, limiter, cache, encoding, consensus, and peers.

Every line runs in turns with the bare await of a trivial coroutine and with the named peers, in
one process. A breaker's line contains one such await, as its peers' do. The queue's line is the
share of an allowed 2,000 calls a second that comes through when callers wait in it; timers are the
limit there. The last line is one JSON object.
"""

import argparse
import asyncio
import json
import random
import time
from datetime import UTC, datetime, timedelta

import orjson
from benchmarks._peers import PEERS, PLENTY, VALUE, ready, trivial
from benchmarks._race import AWAIT, Line, Result, about, race

from argo_adapters.clocks.system import SystemClock
from argo_adapters.memory.cache import MemoryCache
from argo_core.consensus.gate import worth_asking
from argo_core.consensus.opinion import ALPHA_VANTAGE, GROK, MASSIVE, SONAR, Opinion
from argo_core.consensus.pool import pool
from argo_core.consensus.profile import Profile
from argo_core.engine.turnstile import GuardedTurnstile
from argo_core.events import Event
from argo_core.ledger.canonical import decode, encode
from argo_core.market.instrument import Symbol
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.breaker import Breaker
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.freshness import Freshness, Windows, stored
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.permit import Outcome, Permit
from argo_core.resilience.queue import Urgency
from argo_core.testing.entries import tiny_signal

ROUNDS = 60
SHORT_ROUNDS = 8
NOW = datetime(2024, 11, 25, 17, 0, tzinfo=UTC)
MANY = 100
QUEUE_PER_S = 2_000.0
QUEUE_S = 3.0
CALLERS = 100

# What is to be reached, as written in the specification: times a bare await, or nanoseconds.
REACH_RATIO = {"breaker": 8.0, "limiter": 4.0, "cache_hit": 3.0}
REACH_NS = {"consensus": 10_000.0}
REACH_SHARE = 0.95

POLICY = LimitPolicy((Allowance(float(PLENTY), float(PLENTY)),))


class Unheard:
    """An observer for lines that count nothing."""

    def notice(self, event: Event) -> None:
        """Nothing."""


async def awaiting(times: int) -> None:
    for _ in range(times):
        await trivial()


def breaker_line() -> Line:
    breaker, now, chance = Breaker(BreakerPolicy(slow_s=10.0)), time.monotonic, random.random
    success = Outcome.SUCCESS

    async def work(times: int) -> None:
        for _ in range(times):
            permit, _ = breaker.acquire(now(), chance())
            assert type(permit) is Permit
            await trivial()
            breaker.settle(permit, now(), success, chance())

    return work


def turnstile_line(policy: LimitPolicy = POLICY) -> tuple[GuardedTurnstile, Line]:
    turnstile = GuardedTurnstile(
        GROK,
        limits=policy,
        breaker=BreakerPolicy(slow_s=10.0),
        clock=SystemClock(),
        chance=random.random,
        observer=Unheard(),
    )

    async def work(times: int) -> None:
        for _ in range(times):
            async with turnstile.call(Urgency.REFRESH, 10.0):
                await trivial()

    return turnstile, work


def limiter_line() -> Line:
    limiter, now = Limiter(POLICY), time.monotonic

    async def work(times: int) -> None:
        for _ in range(times):
            assert limiter.take(now())

    return work


async def cache_line(keys: int) -> Line:
    """Looks that find `keys` fresh entries, of which each counts for one."""
    cache: MemoryCache[object] = MemoryCache()
    names = tuple(f"opinion:grok:SIM{number:04d}" for number in range(keys))
    soft = NOW + timedelta(minutes=1)
    entry = stored(VALUE, as_of=NOW, asked_at=NOW, soft=soft, windows=Windows(60, 60), generation=0)
    await cache.put(dict.fromkeys(names, entry))
    fresh = Freshness.FRESH

    async def work(times: int) -> None:
        for _ in range(max(1, times // keys)):
            for slot in (await cache.get(names)).values():
                assert slot.state(NOW) is fresh

    return work


def canonical_line() -> Line:
    fields = decode(tiny_signal(0))

    async def work(times: int) -> None:
        for _ in range(times):
            encode(fields)

    return work


def bare_json_line() -> Line:
    fields = decode(tiny_signal(0))

    async def work(times: int) -> None:
        for _ in range(times):
            orjson.dumps(fields, option=orjson.OPT_SORT_KEYS)

    return work


def opinions() -> tuple[Opinion, ...]:
    said = ((MASSIVE, 0.6123, 20), (ALPHA_VANTAGE, 0.3, 100), (GROK, -0.2, 130), (SONAR, 0.55, 200))
    return tuple(
        Opinion(name, Symbol("NVR"), x, NOW - timedelta(seconds=age), 3_600, "0" * 64, "any-1")
        for name, x, age in said
    )


def consensus_line() -> Line:
    profile, panel = Profile(), opinions()

    async def work(times: int) -> None:
        for _ in range(times):
            pool(panel, profile, NOW)

    return work


def gate_line() -> Line:
    profile, panel = Profile(), opinions()[:2]

    async def work(times: int) -> None:
        for _ in range(times):
            worth_asking(panel, profile, NOW, (GROK, SONAR))

    return work


async def own_lines() -> dict[str, Line]:
    _, turnstile = turnstile_line()
    return {
        AWAIT: awaiting,
        "breaker": breaker_line(),
        "turnstile": turnstile,
        "limiter": limiter_line(),
        "cache_hit": await cache_line(1),
        "cache_hit_of_100": await cache_line(MANY),
        "canonical": canonical_line(),
        "canonical_limit": bare_json_line(),
        "consensus": consensus_line(),
        "gate": gate_line(),
    }


async def queue_share(seconds: float) -> float:
    """The part of the allowed rate that callers get who always wait for their turn."""
    _, work = turnstile_line(LimitPolicy((Allowance(QUEUE_PER_S, 1),)))
    done = 0

    async def caller() -> None:
        nonlocal done
        while time.monotonic() < ends:
            await work(1)
            done += 1

    began = time.monotonic()
    ends = began + seconds
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return done / ((time.monotonic() - began) * QUEUE_PER_S)


def told(name: str, result: Result) -> str:
    """One line of the table, with what is to be reached beside what is."""
    kind = PEERS[name.removeprefix("peer:")][0] if name.startswith("peer:") else name
    if not name.startswith("peer:") and name in REACH_RATIO:
        reach = f"reach <= {REACH_RATIO[name]:g} x"
    elif name in REACH_NS:
        reach = f"reach <= {REACH_NS[name]:,.0f} ns"
    else:
        reach = f"beside {kind}" if kind != name else ""
    figures = f"{result.ns:10,.0f} ns {result.ratio:8.1f} x  spread {result.spread:4.0%}"
    return f"{name:20} {figures}  {reach}".rstrip()


async def measured(rounds: int, queue_s: float) -> dict[str, object]:
    facts = about(*PEERS, "argo-core", "argo-adapters", "orjson")
    peers, reasons = await ready()
    lines = await own_lines() | {f"peer:{name}": line for name, line in peers.items()}
    results = await race(lines, rounds)
    for name, result in results.items():
        print(told(name, result))
    for name, reason in reasons.items():
        print(f"peer:{name:15} could not be run: {reason}")
    share = await queue_share(queue_s)
    print(f"{'queue':20} {share:.1%} of {QUEUE_PER_S:g} calls a second  reach >= {REACH_SHARE:.0%}")
    found: dict[str, object] = {
        name: {"ns": round(result.ns, 1), "x_await": round(result.ratio, 2)}
        for name, result in results.items()
    }
    found["queue"] = {"allowed_per_s": QUEUE_PER_S, "share": round(share, 4)}
    found |= {f"peer:{name}": {"reason": reason} for name, reason in reasons.items()}
    spread = {name: round(result.spread, 3) for name, result in results.items()}
    reach = {
        "x_await": REACH_RATIO,
        "ns": REACH_NS,
        "queue_share": REACH_SHARE,
        "canonical": "canonical_limit is orjson alone on the same fields",
    }
    return {"lines": found, "about": facts | {"rounds": rounds, "spread": spread, "reach": reach}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--short", action="store_true", help="few rounds, one second of queueing")
    given = parser.parse_args()
    rounds, queue_s = (SHORT_ROUNDS, 1.0) if given.short else (given.rounds, QUEUE_S)
    print(json.dumps(asyncio.run(measured(rounds, queue_s))))


if __name__ == "__main__":
    main()

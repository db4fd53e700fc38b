"""Pages of fifty signals for those with a key, and a login."""

import time
from collections.abc import Sequence
from statistics import median

import orjson
from aiohttp import ClientSession
from attrs import frozen
from benchmarks._asking import Ask, Asked, ask
from benchmarks._bare import bare
from benchmarks._child import Child, child
from benchmarks._machine import cpu_s, quantile, spread
from benchmarks._people import EMAIL, PASSWORD, Subscriber
from benchmarks._service import Alpine

PAGE = 50
_PAGE = f"/v1/signals?limit={PAGE}"


@frozen
class ReadingSize:
    """So many rounds of so many seconds, each of the service and of its limit in turn."""

    rounds: int
    seconds: float
    connections: int = 32
    logins: int = 10


async def read_pages(
    alpine: Alpine, people: Sequence[Subscriber], size: ReadingSize
) -> dict[str, object]:
    """`per_s` is the newest page over and over; `new_pages_per_s` a page nobody had, each time."""
    keys = tuple(each.key for each in people)
    host, port = alpine.address
    ours, limits, new, took = list[float](), list[float](), list[float](), list[float]()
    async with child(ask) as asker, child(bare) as limit:
        bare_port = await limit.answer()

        async def asked(port: int, path: str, seconds: float) -> Asked:
            return await _asked(asker, Ask(host, port, path, keys, size.connections, seconds))

        body = (await asked(port, _PAGE, min(0.2, size.seconds))).body
        assert len(orjson.loads(body)["signals"]) == PAGE, "there are not enough signals"
        await limit.ask(("page", body))
        busy, requests = 0.0, 0
        for _ in range(size.rounds):
            before = cpu_s(alpine.pid)
            own = await asked(port, _PAGE, size.seconds)
            busy, requests = busy + cpu_s(alpine.pid) - before, requests + len(own.took_ms)
            ours.append(len(own.took_ms) / own.seconds)
            took.extend(own.took_ms)
            there = await asked(bare_port, "/page", size.seconds)
            assert there.body == body
            limits.append(len(there.took_ms) / there.seconds)
            # The cursor is beyond the newest, so that each such page has as many signals.
            fresh = await asked(port, f"{_PAGE}&cursor=5000000{{}}", size.seconds / 2)
            assert len(orjson.loads(fresh.body)["signals"]) == PAGE
            new.append(len(fresh.took_ms) / fresh.seconds)
    ratios = [own / limit for own, limit in zip(ours, limits, strict=True)]
    return {
        "per_s": round(median(ours)),
        "of_limit": round(median(ratios), 3),
        "p99_ms": round(quantile(took, 99), 1),
        "p50_ms": round(median(took), 1),
        "spread_per_s": spread(ours),
        "bare_per_s": round(median(limits)),
        "new_pages_per_s": round(median(new)),
        "cpu_us_per_request": round(1e6 * busy / requests, 1),
        "bytes": len(body),
    }


async def _asked(asker: Child, order: Ask) -> Asked:
    found = await asker.ask(order)
    assert isinstance(found, Asked)
    return found


async def log_in(alpine: Alpine, times: int) -> dict[str, object]:
    """Logins one after another, each a hash, in ms."""
    took, busy = [], cpu_s(alpine.pid)
    body = {"email": EMAIL, "password": PASSWORD}
    for _ in range(times):
        async with ClientSession() as session:
            began = time.perf_counter()
            async with session.post(alpine.url / "v1/account/login", json=body) as response:
                assert response.status == 200, await response.text()
            took.append((time.perf_counter() - began) * 1e3)
    busy = (cpu_s(alpine.pid) - busy) / times
    return {
        "login_ms": round(median(took), 1),
        "spread_ms": spread(took),
        "cpu_ms": round(1e3 * busy, 1),
    }

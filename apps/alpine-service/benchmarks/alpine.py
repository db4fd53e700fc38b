"""Alpine under load: the real service in a process of its own, and its clients in others.

    python -m benchmarks.alpine [--short] [--only ingest,api,login,sse,webhooks,watching,start]

The last line is one JSON object. PostgreSQL is a server of our own, as durable as in service, and
everything goes over loopback. Beside each figure stands what the same machine does in the same run
without us: COPY of the same rows, bare aiohttp with the same bytes, a bare client's requests.
`cpu_us_...` are microseconds that the service's process took, which others on the machine change
less than they change the clock's. `missed` names what does not reach its goal.

    ingest    signals a second from the log's HTTP into PostgreSQL, verified
    api       a page of fifty signals with a key: requests a second, and milliseconds
    login     milliseconds
    sse       milliseconds from the start of a broadcast, and from the commit, to every listener
    webhooks  deliveries a second: made, claimed, signed, sent, written down
    watching  CPU of a request, what telling of it takes of that, and what traces add to it
    start     seconds from `alpine serve` to its first answer, on a database that exists
"""

import argparse
import asyncio
import json
import os
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median

from attrs import frozen
from benchmarks._ingest import ingested
from benchmarks._machine import about, cpu_s, raise_files, spread
from benchmarks._people import Subscriber, add_reader, add_subscribers
from benchmarks._reading import ReadingSize, log_in, read_pages
from benchmarks._service import Alpine, environment, serving, settings_of
from benchmarks._stream import StreamSize, streamed
from benchmarks._watching import WatchingSize, collector, watched
from benchmarks._webhooks import WebhookSize, delivered

from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.embedded import embedded_database
from alpine_service.adapters.postgres.roles import Urls
from alpine_service.wiring.ground import Ground
from alpine_service.wiring.offline import offline

PARTS = ("ingest", "api", "login", "sse", "webhooks", "watching", "start")
# The pro plan has ten streams and ten endpoints for each account.
_PER_ACCOUNT = 10
_ON_ITS_LINE = {
    "ingest per_s": (5_000, True),
    "api per_s": (1_000, True),
    "api of_limit": (0.15, True),
    "sse p99_ms": (150, False),
    "sse commit_p99_ms": (500, False),
    "webhooks per_s": (1_000, True),
    "login login_ms": (250, False),
    "start start_s": (2.0, False),
    "watching of_request_metrics": (0.02, False),
}


@frozen
class Size:
    """How much of everything."""

    signals: int
    reading: ReadingSize
    stream: StreamSize
    webhooks: WebhookSize
    starts: int
    watching: WatchingSize = WatchingSize(rounds=2, seconds=1)


LONG = Size(
    signals=100_000,
    reading=ReadingSize(rounds=5, seconds=4),
    stream=StreamSize(clients=2_000, broadcasts=60),
    webhooks=WebhookSize(endpoints=100, events=100),
    starts=5,
    watching=WatchingSize(rounds=5, seconds=4),
)
SHORT = Size(
    signals=20_000,
    reading=ReadingSize(rounds=2, seconds=1, logins=5),
    stream=StreamSize(clients=2_000, broadcasts=8),
    webhooks=WebhookSize(endpoints=100, events=30),
    starts=1,
)


@frozen
class House:
    """A folder for the service, and a database that is there before it."""

    folder: Path
    urls: Urls

    @property
    def own(self) -> Path:
        """The service's folder."""
        return self.folder / "alpine"

    @asynccontextmanager
    async def beside(self) -> AsyncIterator[Ground]:
        """What works beside the service, with its settings and its secrets."""
        async with offline(settings_of(self.own, self.urls.app)) as ground:
            yield ground


async def measured(house: House, size: Size, parts: Sequence[str]) -> dict[str, object]:
    """The figures of all parts that need the database, by their names."""
    figures: dict[str, object] = {}
    if "ingest" in parts or "api" in parts:
        figures["ingest"] = say("ingest", await ingested(house.folder, house.urls, size.signals))
    accounts = max(20, size.stream.clients // _PER_ACCOUNT, size.webhooks.endpoints // _PER_ACCOUNT)
    given = environment(house.own, house.urls.app)
    async with (
        house.beside() as ground,
        serving(given, house.folder / "serve.log") as alpine,
    ):
        people: list[Subscriber] = await add_subscribers(ground, accounts)
        if "api" in parts:
            figures["api"] = say("api", await read_pages(alpine, people, size.reading))
        if "login" in parts:
            await add_reader(ground)
            figures["login"] = say("login", await log_in(alpine, size.reading.logins))
        if "sse" in parts:
            figures["sse"] = say(
                "sse", await streamed(alpine, ground.database, people, size.stream)
            )
        if "webhooks" in parts:
            figures["webhooks"] = say(
                "webhooks", await delivered(alpine, ground, people, size.webhooks)
            )
        if "watching" in parts:
            figures["watching"] = say("watching", await watching(house, alpine, people, size))
    return figures


async def watching(
    house: House, plain: Alpine, people: Sequence[Subscriber], size: Size
) -> dict[str, object]:
    """The service as it is, beside others that take all traces, a tenth of them, or lose them."""
    async with AsyncExitStack() as stack:
        taking = await stack.enter_async_context(collector())
        ways: dict[str, dict[str, str]] = {
            # The same once more: what it differs by says how much of the rest to believe.
            "again": {},
            "traced": {"TRACES": taking},
            "tenth": {"TRACES": taking, "TRACES_SHARE": "0.1"},
            # A port that nobody listens on.
            "away": {"TRACES": "http://127.0.0.1:9"},
        }
        services = {"plain": plain}
        for name, given in ways.items():
            settings = environment(house.own, house.urls.app, **given)
            serve = serving(settings, house.folder / f"serve-{name}.log")
            services[name] = await stack.enter_async_context(serve)
        return await watched(services, people, size.watching)


async def started(house: House, times: int, database_url: str | None) -> dict[str, object]:
    """Seconds from the command to the first good answer."""
    took, busy = list[float](), list[float]()
    for number in range(times):
        given = environment(house.own, database_url)
        async with serving(given, house.folder / f"start-{number}.log") as alpine:
            took.append(alpine.start_s)
            busy.append(cpu_s(alpine.pid))
    return {
        "start_s": round(median(took), 2),
        "spread_s": spread(took),
        "cpu_s": round(median(busy), 2),
    }


async def run(size: Size, parts: Sequence[str]) -> dict[str, object]:
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # PostgreSQL's own account passes through it, where we are root.
        await asyncio.to_thread(folder.chmod, 0o711)
        await asyncio.to_thread((folder / "alpine").mkdir, 0o711)
        async with embedded_database(folder / "alpine" / "postgres") as urls:
            house = House(folder, urls)
            figures = await measured(house, size, parts)
            async with open_database(urls.app, size=1) as database:
                postgres = {
                    each: await database.fetchval(f"SHOW {each}")
                    for each in ("server_version", "fsync", "synchronous_commit")
                }
            if "start" in parts:
                figures["start"] = await started(house, size.starts, urls.app)
        if "start" in parts:
            # The same data, and now the service brings the server along.
            own = await started(house, size.starts, None)
            figures["start"] = say("start", {**_known(figures["start"]), "own_server": own})
    figures["missed"] = missed(figures)
    figures["about"] = about(postgres=postgres, load_before=load)
    return figures


def say(name: str, figures: dict[str, object]) -> dict[str, object]:
    """Print a part's figures as soon as they are there."""
    said = ", ".join(f"{each} {value}" for each, value in figures.items())
    print(f"{name}: {said}", flush=True)
    return figures


def missed(figures: dict[str, object]) -> dict[str, str]:
    """What was measured and does not reach its goal."""
    found = {}
    for name, (goal, is_least) in _ON_ITS_LINE.items():
        part, _, each = name.partition(" ")
        if part in figures:
            value = float(str(_known(figures[part])[each]))
            # Written so that NaN misses its goal.
            if not (value >= goal if is_least else value <= goal):
                found[name] = f"{value}, to be {'at least' if is_least else 'at most'} {goal}"
    return found


def _known(figures: object) -> dict[str, object]:
    assert isinstance(figures, dict)
    return figures


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="less of everything: a minute")
    parser.add_argument("--only", default=",".join(PARTS), help="some parts, with commas")
    given = parser.parse_args(arguments)
    parts = given.only.split(",")
    if strange := set(parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(strange))}")
    size = SHORT if given.short else LONG
    raise_files(size.stream.clients)
    print(json.dumps(asyncio.run(run(size, parts))))


if __name__ == "__main__":
    main()

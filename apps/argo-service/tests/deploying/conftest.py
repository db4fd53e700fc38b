"""Both colours as processes on one record, behind a real HAProxy with the shipped configuration."""

import asyncio
import json
import math
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import (
    AbstractContextManager,
    AsyncExitStack,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from attrs import Factory, define, field

from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.simulation import KEY
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_service.demo.stage import opening

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
SCRIPT: Final = Path(__file__).with_name("colour_on_tape.py")
SPEED: Final = 5.0
PATIENCE_S: Final = 90.0
VENDORS: Final = ("massive", "alpha_vantage", "grok", "sonar")
KEYS: Final = (
    *(f"ARGO_SOURCES__{name.upper()}__KEY" for name in VENDORS),
    *("ARGO_ALPACA__KEY_ID", "ARGO_ALPACA__SECRET_KEY"),
)
UNLIMITED: Final = '["100000000/s burst 100000000"]'
SETTINGS: Final = """
symbols = {symbols}
database = "argo.sqlite3"
yfinance.enabled = false
alpaca.base_url = "{alpaca}"
alpaca.limits = {unlimited}
consensus.theta_bp = 5200
consensus.publish_step_bp = 20
api.requests_per_minute = 100000
api.public_requests_per_minute = 100000
standby.enabled = true
{sources}
"""
# What answers `--start` and `--stop`: the test, at a socket, as a service manager would.
ASK: Final = """
import socket, sys
with socket.socket(socket.AF_UNIX) as manager:
    manager.connect(sys.argv[1])
    manager.sendall(" ".join(sys.argv[2:]).encode() + b"\\n")
    said = manager.makefile().read().strip()
sys.exit(0 if said == "done" else said)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@define(eq=False)
class Load:
    """Backtests that are asked for on connections that stay open; one that is known is answered."""

    url: str
    statuses: Counter[str] = Factory(Counter)
    ids: dict[str, set[str]] = Factory(dict)
    slowest_s: float = 0.0
    over: bool = False

    @property
    def asked(self) -> int:
        return self.statuses.total()

    async def ask_on(self, capital: int) -> None:
        body = {
            "dataset": "ordinary-day",
            "strategy": "sma-cross",
            "symbols": ["SW"],
            "start": "2024-11-25",
            "benchmarks": False,
            "capital": str(capital),
        }
        one = TCPConnector(limit=1)
        async with ClientSession(connector=one, timeout=ClientTimeout(total=15)) as session:
            while not self.over:
                began = time.monotonic()
                try:
                    async with session.post(f"{self.url}/api/v1/backtest", json=body) as answer:
                        told = await answer.json(content_type=None)
                    self.statuses[str(answer.status)] += 1
                    self.ids.setdefault(str(capital), set()).add(str(told.get("id", told)))
                except (ClientError, TimeoutError) as error:
                    self.statuses[type(error).__name__] += 1
                self.slowest_s = max(self.slowest_s, time.monotonic() - began)
                await asyncio.sleep(0.05)


@define(eq=False)
class Listener:
    """Somebody who follows the record through the proxy, and comes back whenever it ends."""

    url: str
    heard: list[tuple[int, bytes]] = Factory(list)

    @property
    def last(self) -> int:
        return self.heard[-1][0] if self.heard else -1

    async def listen(self) -> None:
        patience = ClientTimeout(total=None, sock_read=40)
        async with ClientSession(timeout=patience) as session:
            while True:
                with suppress(ClientError, TimeoutError):
                    await self._once(session)
                await asyncio.sleep(0.1)

    async def _once(self, session: ClientSession) -> None:
        query = {} if self.heard else {"since": "0"}
        headers = {"Last-Event-ID": str(self.last)} if self.heard else {}
        url = f"{self.url}/api/v1/stream"
        async with session.get(url, params=query, headers=headers) as stream:
            block: dict[bytes, bytes] = {}
            async for line in stream.content:
                name, found, value = line.rstrip(b"\n").partition(b":")
                # A checkpoint has no id.
                if line == b"\n" and b"id" in block:
                    self.heard.append((int(block[b"id"]), block[b"data"]))
                if line == b"\n":
                    block = {}
                elif found and line.endswith(b"\n"):
                    block[name] = value.strip()


@define(eq=False)
class Colours:
    """The processes, the proxy, and the vendors that both of them ask."""

    tape: Tape
    simulator: Simulator
    folder: Path
    began: float
    session: ClientSession
    ports: dict[str, int] = Factory(lambda: {"blue": free_port(), "green": free_port()})
    proxy_port: int = field(factory=free_port)
    processes: dict[str, subprocess.Popen[bytes]] = Factory(dict)
    codes: list[int] = Factory(list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.proxy_port}"

    def address(self, colour: str) -> str:
        return f"http://127.0.0.1:{self.ports[colour]}"

    def configure(self) -> None:
        sources = "\n".join(
            f'sources.{name}.base_url = "{self.simulator.url(name)}{suffix}"\n'
            f"sources.{name}.limits = {UNLIMITED}"
            for name, suffix in zip(VENDORS, ("", "", "/v1", ""), strict=True)
        )
        symbols = json.dumps([str(one.symbol) for one in self.tape.instruments][:6])
        text = SETTINGS.format(
            symbols=symbols,
            alpaca=self.simulator.url("alpaca"),
            sources=sources,
            unlimited=UNLIMITED,
        )
        (self.folder / "argo.toml").write_text(text)

    def environment(self, colour: str) -> dict[str, str]:
        plain = dict(os.environ)
        bare = {name: value for name, value in plain.items() if not name.startswith("ARGO_")}
        ours = {
            "ARGO_STANDBY__COLOUR": colour,
            "ARGO_LISTEN__PORT": str(self.ports[colour]),
            "PYTHONUNBUFFERED": "1",
        }
        return bare | dict.fromkeys(KEYS, KEY) | ours

    def start(self, colour: str) -> None:
        """Start it anew; blocking."""
        self.stop(colour)
        starts = opening(self.tape, None).isoformat()
        with (self.folder / f"{colour}.log").open("ab") as log:
            self.processes[colour] = subprocess.Popen(  # noqa: S603 - our own command
                [
                    *(sys.executable, str(SCRIPT), starts, repr(self.began), str(SPEED)),
                    *("serve", "--quiet"),
                ],
                cwd=self.folder,
                env=self.environment(colour),
                stdout=log,
                stderr=log,
            )

    def stop(self, colour: str) -> None:
        """Ask it to end, and wait for that; blocking."""
        process = self.processes.pop(colour, None)
        if process is not None:
            process.send_signal(signal.SIGTERM)
            try:
                self.codes.append(process.wait(30))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.codes.append(-9)

    def said(self, colour: str) -> str:
        """The end of what it wrote."""
        path = self.folder / f"{colour}.log"
        return path.read_text(errors="replace")[-3_000:] if path.exists() else ""

    async def role(self, colour: str) -> str | None:
        """Its role; None while it does not answer."""
        try:
            async with self.session.get(f"{self.address(colour)}/api/v1/publisher") as answer:
                return str((await answer.json(content_type=None)).get("role"))
        except (ClientError, ValueError):
            return None

    async def publishing(self, colour: str) -> None:
        """Return once it publishes and is ready."""

        async def met() -> bool:
            if await self.role(colour) != "publishing":
                return False
            async with self.session.get(f"{self.address(colour)}/api/v1/health") as answer:
                return answer.status == 200

        await until(met, lambda: f"{colour} does not publish: {self.said(colour)}")

    async def deploy(self, *more: str) -> tuple[int, Any]:
        """`argo deploy` as an operator calls it; its exit code and its document."""
        words = [
            *("deploy", "--json", "--proxy", str(self.folder / "haproxy.sock")),
            *("--state", str(self.folder / "haproxy.state"), "--watch-s", "2"),
            *("--start-s", "180", "--drain-s", "10", "--mean-ms", "60000"),
        ]
        for colour in self.ports:
            words += [f"--{colour}", self.address(colour)]
        for verb in ("start", "stop"):
            ask = [sys.executable, "-I", "-c", ASK, str(self.folder / "manager"), verb]
            words += [f"--{verb}", f"{shlex.join(ask)} {{colour}}"]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "argo_service.cli", *words, *more),
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
        )
        said, _ = await asyncio.wait_for(process.communicate(), 2 * PATIENCE_S)
        assert process.returncode is not None
        return process.returncode, json.loads(said)

    @asynccontextmanager
    async def load(self, connections: int) -> AsyncIterator[Load]:
        """Backtests of four kinds are asked for, for the block."""
        load = Load(self.url)
        tasks = [
            asyncio.create_task(load.ask_on(100_000 + number % 4)) for number in range(connections)
        ]
        try:
            yield load
        finally:
            load.over = True
            await asyncio.gather(*tasks)

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[Listener]:
        """Somebody follows the record for the block."""
        listener = Listener(self.url)
        task = asyncio.create_task(listener.listen())
        try:
            yield listener
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def until(met: Callable[[], Any], complaint: Callable[[], str]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not await met():
        assert time.monotonic() < deadline, complaint()
        await asyncio.sleep(0.05)


@pytest.fixture
def program() -> str:
    """HAProxy; skips where there is none, and fails in CI."""
    found = shutil.which("haproxy", path="/usr/local/sbin:/usr/sbin:/usr/bin")
    if found is None:
        assert not os.environ.get("CI"), "CI has no HAProxy"
        pytest.skip("needs HAProxy")
    return found


@contextmanager
def proxied(program: str, folder: Path, port: int, ports: Mapping[str, int]) -> Iterator[None]:
    """The proxy for the block; what belongs to one machine is exchanged in its configuration."""
    text = (DEPLOY / "haproxy.cfg").read_text()
    exchanged = {
        ":443 ssl crt /etc/haproxy/argo.pem alpn h2,http/1.1": f"127.0.0.1:{port}",
        "/run/haproxy/argo.sock": str(folder / "haproxy.sock"),
        "/var/lib/haproxy/argo.state": str(folder / "haproxy.state"),
        "    user haproxy\n    group haproxy\n": "",
        "127.0.0.1:8090": f"127.0.0.1:{ports['blue']}",
        "127.0.0.1:8095": f"127.0.0.1:{ports['green']}",
    }
    for theirs, ours in exchanged.items():
        assert theirs in text
        text = text.replace(theirs, ours)
    (folder / "haproxy.cfg").write_text(text)
    (folder / "haproxy.state").write_text("1\n")
    with (folder / "haproxy.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - our own words
            [program, "-db", "-f", str(folder / "haproxy.cfg")], stdout=log, stderr=log
        )
        try:
            yield
        finally:
            process.kill()
            process.wait()


@pytest.fixture
def behind_proxy(program: str, tmp_path: Path) -> Callable[[int], AbstractContextManager[str]]:
    """A proxy before whoever answers at that port of this machine; gives its address."""

    @contextmanager
    def before(blue: int) -> Iterator[str]:
        port = free_port()
        with proxied(program, tmp_path, port, {"blue": blue, "green": free_port()}):
            yield f"http://127.0.0.1:{port}"

    return before


@pytest.fixture(scope="session")
def tape() -> Tape:
    """The ordinary day; read here, because the event loop must not wait for a file."""
    return shipped("ordinary-day")


@pytest.fixture
async def colours(tape: Tape, program: str, tmp_path: Path) -> AsyncIterator[Colours]:
    """Blue publishes and gets the requests; green does not run."""
    began = time.monotonic()
    app = await asyncio.to_thread(
        lambda: simulate(
            tape, tape_clock(tape), latency_scale=math.inf, limits=False, seed=tape.seed
        )
    )
    async with AsyncExitStack() as stack:
        simulator = await stack.enter_async_context(serving(app))
        session = await stack.enter_async_context(ClientSession())
        colours = Colours(tape, simulator, tmp_path, began, session)
        await asyncio.to_thread(colours.configure)

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            verb, colour = (await reader.readline()).decode().split()
            await asyncio.to_thread(colours.start if verb == "start" else colours.stop, colour)
            writer.write(b"done\n")
            await writer.drain()
            writer.close()

        manager = await asyncio.start_unix_server(answer, tmp_path / "manager")
        stack.callback(manager.close)
        proxy = proxied(program, tmp_path, colours.proxy_port, colours.ports)
        await asyncio.to_thread(proxy.__enter__)
        stack.callback(proxy.__exit__, None, None, None)
        try:
            await asyncio.to_thread(colours.start, "blue")
            await colours.publishing("blue")
            yield colours
        finally:
            for colour in tuple(colours.processes):
                await asyncio.to_thread(colours.stop, colour)


def tape_clock(tape: Tape) -> Any:
    """The vendors' clock, from ten o'clock in New York on."""
    from argo_adapters.clocks.tape import TapeClock  # noqa: PLC0415 - only here

    return TapeClock(opening(tape, None), SPEED)

"""Two colours of the whole service on one record, each a process, among simulated vendors."""

import asyncio
import json
import math
import os
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientError, ClientSession
from attrs import define, field

from argo_adapters.clocks.tape import TapeClock
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.simulation import KEY
from argo_adapters.sqlite.verify import verify
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_service.demo.stage import opening

SPEED: Final = 5.0
"""A beat is a second of the wall."""
PATIENCE_S: Final = 60.0
SCRIPT: Final = Path(__file__).parents[1] / "trading" / "end_to_end" / "serve_on_tape.py"
VENDORS: Final = ("massive", "alpha_vantage", "grok", "sonar")
KEYS: Final = (
    *(f"ARGO_SOURCES__{name.upper()}__KEY" for name in VENDORS),
    *("ARGO_ALPACA__KEY_ID", "ARGO_ALPACA__SECRET_KEY"),
)
UNLIMITED: Final = '["100000000/s burst 100000000"]'
SETTINGS: Final = """
symbols = {symbols}
database = "argo.sqlite3"
listen.port = 0
yfinance.enabled = false
alpaca.base_url = "{alpaca}"
alpaca.limits = {unlimited}
consensus.theta_bp = 5200
consensus.horizon_s = 120
consensus.publish_step_bp = 20
standby.enabled = true
{sources}
"""


@define
class Colour:
    """A running `argo serve` that has a standby, or is one."""

    name: str
    process: asyncio.subprocess.Process
    address: str
    session: ClientSession
    errors: Path

    async def get(self, path: str) -> Any:
        """What the API answers, whatever its status."""
        async with self.session.get(f"{self.address}/api/v1/{path}") as response:
            return await response.json(content_type=None)

    async def status(self, path: str) -> int:
        async with self.session.get(f"{self.address}/api/v1/{path}") as response:
            return response.status

    async def ask(self, what: str) -> Any:
        """Release, or take over."""
        url = f"{self.address}/api/v1/publisher/{what}"
        async with self.session.post(url, json={"reason": "a test"}) as response:
            body = await response.json(content_type=None)
            assert response.status == 200, (body, self.complaint())
            return body

    async def metric(self, name: str) -> float:
        async with self.session.get(f"{self.address}/metrics") as response:
            lines = (await response.text()).splitlines()
        (value,) = (line.split()[-1] for line in lines if line.startswith(f"{name} "))
        return float(value)

    async def until(self, path: str, condition: Callable[[Any], object]) -> Any:
        """The first answer of which that is so."""

        async def met() -> Any:
            try:
                body = await self.get(path)
            except (ClientError, TimeoutError):
                return None
            return body if condition(body) else None

        return await until(met, self.complaint)

    async def becomes(self, role: str) -> Any:
        return await self.until("publisher", lambda body: body["role"] == role)

    def send(self, which: signal.Signals) -> None:
        self.process.send_signal(which)

    async def stop(self) -> None:
        """Ask it to stop, politely."""
        self.process.terminate()
        await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        assert self.process.returncode == 0, self.complaint()
        assert "Traceback" not in self.complaint()

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        await self.process.wait()

    def complaint(self) -> str:
        return self.errors.read_text()[-4000:]


@define
class Stage:
    """A tape that plays, its vendors, and the folder of the two."""

    tape: Tape
    simulator: Simulator
    folder: Path
    began: float
    session: ClientSession
    secrets: dict[str, str] = field(factory=dict)
    colours: list[Colour] = field(factory=list)

    @property
    def database(self) -> Path:
        return self.folder / "argo.sqlite3"

    def configure(self, more: str = "") -> None:
        """Write the settings."""
        sources = "\n".join(
            f'sources.{name}.base_url = "{self.simulator.url(name)}{suffix}"\n'
            f"sources.{name}.limits = {UNLIMITED}"
            for name, suffix in zip(VENDORS, ("", "", "/v1", ""), strict=True)
        )
        text = SETTINGS.format(
            symbols=json.dumps([str(one.symbol) for one in self.tape.instruments]),
            alpaca=self.simulator.url("alpaca"),
            sources=sources,
            unlimited=UNLIMITED,
        )
        (self.folder / "argo.toml").write_text(text + more)

    async def serve(self, colour: str, behind_s: float = 0.0) -> Colour:
        """Start one whose clock is that many wall seconds behind, and wait until it answers."""
        errors = self.folder / f"errors-{colour}-{len(self.colours)}"
        plain = dict(os.environ)
        bare = {name: value for name, value in plain.items() if not name.startswith("ARGO_")}
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(SCRIPT), opening(self.tape, None).isoformat()),
                *(repr(self.began + behind_s), str(SPEED), "serve", "--quiet"),
                cwd=self.folder,
                env=bare
                | {"PYTHONUNBUFFERED": "1", "ARGO_STANDBY__COLOUR": colour}
                | dict.fromkeys(KEYS, KEY)
                | self.secrets,
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode()
        assert "Argo answers on" in line, errors.read_text()
        one = Colour(colour, process, line.split()[-1], self.session, errors)
        self.colours.append(one)
        return one

    async def both(self) -> tuple[Colour, Colour]:
        """Blue publishes, and green stands by, warmed up."""
        blue = await self.serve("blue")
        await blue.becomes("publishing")
        green = await self.serve("green")
        await green.becomes("standby")
        await green.until("health?level=ready", lambda body: body["status"] != "unhealthy")
        return blue, green

    def entries(self) -> list[dict[str, Any]]:
        """The log's entries so far."""
        with closing(sqlite3.connect(self.database)) as connection:
            rows = connection.execute("SELECT data FROM entries ORDER BY idx").fetchall()
        return [json.loads(data) for (data,) in rows]

    def signals(self) -> list[dict[str, Any]]:
        return [one for one in self.entries() if one["kind"] == "signal"]

    async def more_signals(self, than: int) -> None:
        """Wait until there are more."""

        async def met() -> bool:
            return len(self.signals()) > than

        await self.wait(met)

    async def more_entries(self, than: int) -> None:
        """The same of entries."""

        async def met() -> bool:
            return len(self.entries()) > than

        await self.wait(met)

    async def wait(self, met: Callable[[], Awaitable[Any]]) -> None:
        """Until it is so."""
        await until(met, lambda: "\n".join(one.complaint() for one in self.colours))

    def seconds(self) -> float:
        """What has passed on the wall since the tape began to play."""
        return time.monotonic() - self.began

    async def check_record(self) -> None:
        """Nothing is missing in it, nothing is there twice, and it is what was signed."""
        verdict = await asyncio.to_thread(verify, self.database)
        assert verdict.verified, verdict
        entries = self.entries()
        assert [one["seq"] for one in entries] == list(range(len(entries)))
        decided = [one["decided_us"] for one in entries]
        assert decided == sorted(decided)
        spoken = [(one["symbol"], one["decided_us"]) for one in self.signals()]
        assert len(set(spoken)) == len(spoken)


async def until(met: Callable[[], Awaitable[Any]], complaint: Callable[[], str]) -> Any:
    """What it gives at last."""
    ends = time.monotonic() + PATIENCE_S
    while not (found := await met()):
        assert time.monotonic() < ends, complaint()
        await asyncio.sleep(0.05)
    return found


@pytest.fixture(scope="session")
def tape() -> Tape:
    """The ordinary day; read here, because the event loop must not wait for a file."""
    return shipped("ordinary-day")


@pytest.fixture
async def stage(tape: Tape, tmp_path: Path) -> AsyncIterator[Stage]:
    """The day from ten o'clock in New York, at five times its pace."""
    began = time.monotonic()
    clock = TapeClock(opening(tape, None), SPEED)
    app = await asyncio.to_thread(
        lambda: simulate(tape, clock, latency_scale=math.inf, limits=False, seed=tape.seed)
    )
    async with serving(app) as simulator, ClientSession() as session:
        stage = Stage(tape, simulator, tmp_path, began, session)
        stage.configure()
        try:
            yield stage
        finally:
            for one in stage.colours:
                if one.process.returncode is None:
                    one.process.kill()
                    await one.process.wait()

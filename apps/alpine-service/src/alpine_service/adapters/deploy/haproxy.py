"""HAProxy by its runtime API: the port `Proxy`.

A server there is `ready`, drains, or is in maintenance. While it drains, what runs on it goes on,
and every other request goes elsewhere, also on connections that clients keep open.
"""

import asyncio
import csv
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import frozen

from alpine_service.domain.deploy.colour import Behind, Colour, Traffic
from alpine_service.errors import StepFailed

PATIENCE_S = 5.0
_LONGEST_ANSWER = 4 * 2**20
_STATES = {Traffic.NEW: "ready", Traffic.RUNNING: "drain", Traffic.NOTHING: "maint"}
_STATUSES = ("hrsp_1xx", "hrsp_2xx", "hrsp_3xx", "hrsp_4xx", "hrsp_5xx", "hrsp_other")


@frozen
class Haproxy:
    """The servers `blue` and `green` of some backends, which are switched together.

    What is under way is counted in the first backend only: the others have streams, which have no
    end of their own. Where `state` is a file, the proxy finds its servers' states there when it
    starts.
    """

    socket: Path
    backends: Sequence[str]
    state: Path | None = None

    async def behind(self) -> Mapping[Colour, Behind]:
        rows = _rows(await self._ask("show stat"))
        first = {row["svname"]: row for row in rows if row["pxname"] == self.backends[0]}
        for colour in Colour:
            if colour not in first:
                problem = f"backend {self.backends[0]} has no server {colour}"
                raise StepFailed(f"{self.socket}: {problem}")
        try:
            return {colour: _behind(first[colour]) for colour in Colour}
        except (KeyError, ValueError) as error:
            raise StepFailed(f"{self.socket}: what it shows is not understood") from error

    async def send(self, colour: Colour, traffic: Traffic) -> None:
        for backend in self.backends:
            said = await self._ask(f"set server {backend}/{colour} state {_STATES[traffic]}")
            # It says nothing if it did as it was told.
            if said.strip():
                raise StepFailed(f"{self.socket}: {backend}/{colour}: {said.strip()[:200]}")

    async def remember(self) -> None:
        if self.state is None:
            return
        states = await self._ask("show servers state")
        try:
            await asyncio.to_thread(_write, self.state, states)
        except OSError as error:
            raise StepFailed(f"{self.state}: {error.strerror}") from error

    async def _ask(self, command: str) -> str:
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await asyncio.open_unix_connection(self.socket)
                try:
                    writer.write(command.encode() + b"\n")
                    await writer.drain()
                    answer = bytearray()
                    while piece := await reader.read(65_536):
                        answer += piece
                        if len(answer) > _LONGEST_ANSWER:
                            raise StepFailed(f"{self.socket}: an answer without an end")
                finally:
                    writer.close()
        except TimeoutError as error:
            raise StepFailed(f"{self.socket}: no answer in {PATIENCE_S:g} s") from error
        except OSError as error:
            fix = "is HAProxy running, and may we write to its socket?"
            raise StepFailed(f"{self.socket}: {error.strerror}; {fix}") from error
        text = answer.decode(errors="replace")
        if "Permission denied" in text or "Unknown command" in text:
            problem = f"{self.socket}: {command!r} is refused; its level has to be admin"
            raise StepFailed(problem)
        return text


def _rows(answer: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.lstrip("# "))))


def _behind(row: Mapping[str, str]) -> Behind:
    status = row["status"]
    if "MAINT" in status:
        traffic = Traffic.NOTHING
    elif "DRAIN" in status or row["weight"] == "0":
        traffic = Traffic.RUNNING
    else:
        traffic = Traffic.NEW
    answers = sum(_number(row[name]) for name in _STATUSES)
    broken = _number(row["econ"]) + _number(row["eresp"])
    return Behind(
        traffic,
        # "UP 1/2" is on its way down; without checks it says "no check".
        is_up=status.startswith(("UP", "DRAIN", "no check")),
        under_way=_number(row["scur"]) + _number(row["qcur"]),
        answers=answers + broken,
        failures=_number(row["hrsp_5xx"]) + broken,
        answer_ms=_number(row["ttime"]),
    )


def _number(text: str) -> int:
    return int(text or 0)


def _write(path: Path, text: str) -> None:
    """Whole or not at all, because the proxy may start at any moment."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name, delete=False) as half:
        try:
            half.write(text)
            half.flush()
            os.fsync(half.fileno())
            Path(half.name).chmod(0o644)
            Path(half.name).replace(path)
        except BaseException:
            Path(half.name).unlink(missing_ok=True)
            raise

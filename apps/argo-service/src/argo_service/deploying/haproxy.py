"""HAProxy as the proxy of a deployment, told by its runtime API.

Each backend has a server per colour. `ready` gets requests, `drain` keeps what it has, `maint` gets
nothing; a request on a connection that a client keeps open goes wherever new ones go.
"""

import asyncio
import csv
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from attrs import frozen

from argo_service.deploying.colour import AtProxy, Colour, Traffic
from argo_service.errors import StepFailed

TIMEOUT_S: Final = 5.0
MAX_BYTES: Final = 4_000_000
_STATES: Final = {Traffic.ALL: "ready", Traffic.LEFT: "drain", Traffic.NONE: "maint"}
_REFUSALS: Final = ("Permission denied", "Unknown command")


@frozen
class Haproxy:
    """The proxy that listens at `socket`; all `backends` are switched alike.

    Requests under way are those of the first backend; others carry streams, which never end by
    themselves. `state` is the file from which the proxy takes its servers' states when it starts.
    """

    socket: Path
    backends: tuple[str, ...]
    state: Path | None = None

    async def seen(self) -> Mapping[Colour, AtProxy]:
        text = await self._said("show stat")
        rows = csv.DictReader(text.removeprefix("# ").splitlines())
        servers = {(row.get("pxname"), row.get("svname")): row for row in rows}
        for colour in Colour:
            if (self.backends[0], colour) not in servers:
                raise self._failed(f"backend {self.backends[0]} has no server {colour}")
        return {colour: self._read(servers[self.backends[0], colour]) for colour in Colour}

    async def give(self, colour: Colour, traffic: Traffic) -> None:
        for backend in self.backends:
            said = await self._said(f"set server {backend}/{colour} state {_STATES[traffic]}")
            if said.strip():
                raise self._failed(f"{backend}/{colour}: {said.strip()[:200]}")

    async def keep(self) -> None:
        if self.state is None:
            return
        text = await self._said("show servers state")
        try:
            await asyncio.to_thread(_replace, self.state, text)
        except OSError as error:
            raise StepFailed(f"{self.state}: {error.strerror}") from error

    async def _said(self, command: str) -> str:
        try:
            async with asyncio.timeout(TIMEOUT_S):
                text = await self._talk(command)
        except TimeoutError as error:
            raise self._failed(f"no answer within {TIMEOUT_S:g} s") from error
        except OSError as error:
            said = error.strerror or type(error).__name__
            raise self._failed(f"{said}; is HAProxy there, and may we write to it?") from error
        if text.startswith(_REFUSALS):
            raise self._failed("it refuses; give its socket `level admin`")
        return text

    async def _talk(self, command: str) -> str:
        reader, writer = await asyncio.open_unix_connection(self.socket)
        try:
            writer.write(f"{command}\n".encode())
            await writer.drain()
            said = bytearray()
            while piece := await reader.read(65_536):
                said += piece
                if len(said) > MAX_BYTES:
                    raise self._failed("its answer has no end")
            return said.decode(errors="replace")
        finally:
            writer.close()

    def _read(self, row: Mapping[str, str]) -> AtProxy:
        try:
            status = row["status"]
            broken = _count(row["econ"]) + _count(row["eresp"])
            kinds = ("1xx", "2xx", "3xx", "4xx", "5xx", "other")
            return AtProxy(
                traffic=_traffic(status),
                # While it goes down it says so, as in "UP 1/2", and is up still.
                is_up=status.startswith(("UP", "DRAIN", "no check")),
                under_way=_count(row["scur"]) + _count(row["qcur"]),
                answers=broken + sum(_count(row[f"hrsp_{kind}"]) for kind in kinds),
                failures=broken + _count(row["hrsp_5xx"]),
                mean_ms=_count(row["ttime"]),
            )
        except (KeyError, ValueError) as error:
            raise self._failed("its figures are not understood") from error

    def _failed(self, problem: str) -> StepFailed:
        return StepFailed(f"HAProxy at {self.socket}: {problem}")


def _traffic(status: str) -> Traffic:
    if "MAINT" in status:
        return Traffic.NONE
    return Traffic.LEFT if "DRAIN" in status else Traffic.ALL


def _count(text: str) -> int:
    return int(text) if text else 0


def _replace(path: Path, text: str) -> None:
    """The proxy may start at any moment, and is to find the old file or the new one."""
    half = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with half.open("x") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        half.chmod(0o644)
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)

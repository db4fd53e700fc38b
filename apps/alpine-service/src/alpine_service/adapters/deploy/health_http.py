"""A colour's health, asked over HTTP at its internal address: the port `Looks`."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import orjson
from aiohttp import ClientError, ClientSession, ClientTimeout
from attrs import frozen

from alpine_service.domain.deploy.colour import Colour, Said
from alpine_service.errors import StepFailed

_PATIENCE = ClientTimeout(total=5)
_LONGEST = 2**20
_KNOWN = (200, 503)


@frozen
class HealthHttp:
    """Asks each colour at the address that the operator has for it."""

    session: ClientSession
    addresses: Mapping[Colour, str]

    async def ask(self, colour: Colour, level: str) -> Said:
        url = f"{self.addresses[colour]}/health"
        try:
            async with self.session.get(url, params={"level": level}) as response:
                told = await response.content.read(_LONGEST)
                status = response.status
        except (ClientError, TimeoutError) as error:
            raise StepFailed(f"{colour} does not answer at {url}") from error
        if status not in _KNOWN:
            raise StepFailed(f"{colour} answers {status} at {url}")
        try:
            return _said(orjson.loads(told))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StepFailed(f"{colour} says what is no health at {url}") from error


@asynccontextmanager
async def open_health(addresses: Mapping[Colour, str]) -> AsyncIterator[HealthHttp]:
    """Connections for the block; redirects and proxies of the environment are not followed."""
    async with ClientSession(timeout=_PATIENCE, trust_env=False) as session:
        yield HealthHttp(session, addresses)


def _said(told: dict[str, Any]) -> Said:
    probes = told["probes"]
    return Said(
        status=str(told["status"]),
        version=" ".join(str(told[name]) for name in ("version", "build") if _is_known(told, name)),
        probes={name: str(found["status"]) for name, found in probes.items()},
        problems=tuple(
            f"{name}: {found['problem']}" for name, found in probes.items() if "problem" in found
        ),
    )


def _is_known(told: dict[str, Any], name: str) -> bool:
    return told.get(name) not in {None, "", "unknown"}

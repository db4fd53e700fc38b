"""Argo with one of its optimisations switched off, as a wrapper or a setting, never as a branch."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal
from typing import Any

from attrs import evolve, frozen

from argo_core.consensus.opinion import Opinion
from argo_core.engine import guarded_opinions, refresh
from argo_core.engine.gate_memo import GateMemo
from argo_core.engine.known import Known
from argo_core.errors import VendorError
from argo_core.market.instrument import Instrument
from argo_core.market.quote import Quote
from argo_core.ports import Answer, OpinionSource, Quotes
from argo_service import wiring
from argo_service.config.tree import Settings

OPTIMISATIONS = ("skip", "bulk", "gate", "freshness", "trigger", "swr")
SAYS = {
    "skip": "every symbol is evaluated anew in every cycle",
    "bulk": "one symbol a call",
    "gate": "paid opinions are asked for whether they could matter or not",
    "freshness": "prices live as long as the seed's table says, not as long as they may be trusted",
    "trigger": "a price move makes no opinion stale before its time",
    "swr": "every source that is due is awaited in the cycle",
}


@frozen
class OneByOne:
    """A source that is asked one symbol a call, all calls beside each other."""

    inner: OpinionSource

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        return await _merged([self.inner.opinions((one,), now) for one in asked])


@frozen
class QuotesOneByOne:
    """A feed that is asked one symbol a call, all calls beside each other."""

    inner: Quotes

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def quotes(self, asked: Sequence[Instrument]) -> Answer[Quote]:
        return await _merged([self.inner.quotes((one,)) for one in asked])


async def _merged(asks: Sequence[Any]) -> Any:
    """The answers as one; what could not be had is missing, and only if nothing came, an error."""
    whole: list[Answer[Any]] = []
    errors: list[VendorError] = []
    for answer in await asyncio.gather(*asks, return_exceptions=True):
        if isinstance(answer, Answer):
            whole.append(answer)
        elif isinstance(answer, VendorError):
            errors.append(answer)
        else:
            raise answer
    if errors and not whole:
        raise errors[0]
    parts: list[Answer[Any] | VendorError] = [*whole, *errors]
    return Answer(
        items=tuple(item for answer in whole for item in answer.items),
        missing=tuple(one for answer in whole for one in answer.missing),
        calls=sum(part.calls for part in parts),
        usd=sum((part.usd for part in parts), start=Decimal(0)),
    )


def settings_without(name: str, settings: Settings) -> Settings:
    """`settings` with what settings can switch off."""
    if name == "freshness":
        return evolve(settings, freshness=evolve(settings.freshness, policy="table"))
    return settings


@contextmanager
def switched_off(name: str) -> Iterator[None]:
    """What no setting can switch off, for engines that are built and run inside."""
    with ExitStack() as stack:
        for owner, attribute, replacement in _replacements(name):
            stack.callback(setattr, owner, attribute, getattr(owner, attribute))
            setattr(owner, attribute, replacement)
        yield


def _replacements(name: str) -> Sequence[tuple[Any, str, Callable[..., Any]]]:
    plug_in, pictures = wiring.plug_in, Known.pictures

    def one_by_one(*given: Any, **named: Any) -> Any:
        vendors = plug_in(*given, **named)
        sources = tuple(OneByOne(source) for source in vendors.sources)
        return evolve(vendors, sources=sources, prices=QuotesOneByOne(vendors.prices))

    def never_seen(*given: Any, **named: Any) -> Any:
        return tuple(evolve(one, last=None) for one in pictures(*given, **named))

    def always_worth(*_: Any) -> bool:
        return True

    def never_outdated(*_: Any) -> bool:
        return False

    known: dict[str, Sequence[tuple[Any, str, Callable[..., Any]]]] = {
        "bulk": [(wiring, "plug_in", one_by_one)],
        "skip": [(Known, "pictures", never_seen)],
        "gate": [(GateMemo, "worth_asking", always_worth)],
        "trigger": [
            (refresh, "outdates", never_outdated),
            (guarded_opinions, "outdates", never_outdated),
        ],
    }
    return known.get(name, ())

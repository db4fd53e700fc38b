"""What is thought of an instrument, and said of a signal."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.market.instrument import Instrument
from argo_core.ports.answers import Answer
from argo_core.resilience.budget import Amount
from argo_core.signals.brief import Brief
from argo_core.signals.prose import Prose


class OpinionSource(Protocol):
    """Opinions on many symbols in as few calls as the vendor allows."""

    @property
    def name(self) -> SourceName:
        """The source's name in the profile."""
        ...

    @property
    def model(self) -> str:
        """What forms the opinion, pinned: a rule version or a model name, for the record."""
        ...

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """The most that an ask about these can cost, to be set aside before it is made."""
        ...

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """At most one opinion for each instrument, in any order.

        A symbol the source cannot judge is `missing`; an error is never a neutral opinion.

        Raises:
            VendorError: no answer could be had for any of them.
        """
        ...


class Reasoner(Protocol):
    """Prose about a signal that is decided; it never decides anything."""

    @property
    def name(self) -> SourceName:
        """The vendor, whose budget and limits an ask counts against."""
        ...

    @property
    def model(self) -> str:
        """What writes, pinned: the same brief and model may be answered from a cache."""
        ...

    def most(self, brief: Brief) -> Amount:
        """The most that an ask about this brief can cost, to be set aside before it is made."""
        ...

    async def prose(self, brief: Brief) -> Answer[Prose]:
        """One item: words about the brief, well-formed and otherwise not to be believed.

        Raises:
            VendorError: none could be had; its `usd` is what that cost.
        """
        ...

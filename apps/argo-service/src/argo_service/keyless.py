"""Stand-ins for vendors whose key is missing: asked like the others, they say what to set."""

from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.errors import VendorRefused
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument
from argo_core.market.quote import Quote
from argo_core.ports import Answer
from argo_core.resilience.budget import Amount


class Keyless:
    """An opinion source, a price feed and a history that all refuse, naming the setting."""

    def __init__(
        self, name: SourceName, variable: str, model: str = "none: the key is missing"
    ) -> None:
        self._name = name
        self._variable = variable
        self._model = model

    @property
    def name(self) -> SourceName:
        return self._name

    @property
    def model(self) -> str:
        return self._model

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """Nothing: it never asks."""
        return Amount()

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """Refuse."""
        self._refuse()

    async def quotes(self, asked: Sequence[Instrument]) -> Answer[Quote]:
        """Refuse."""
        self._refuse()

    async def minute_bars(
        self, asked: Sequence[Instrument], since: datetime, until: datetime
    ) -> Answer[Bar]:
        """Refuse."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise VendorRefused(self._name, f"the key is missing; set {self._variable}", calls=0)

"""Massive's opinions: bulk snapshots, and indicators kept here from one to the next.

One ask costs a call for every 250 symbols, or one for all stocks past 500 of them, and one more
for each symbol whose indicators have to be opened: at the start, and after a pause in which
minutes were lost. Only so many are opened in one ask; the others are missing until their turn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from argo_adapters.http import HttpClient
from argo_adapters.vendors.massive.api import snapshot
from argo_adapters.vendors.massive.rows import Row
from argo_adapters.vendors.massive.warm_up import Sighting, WarmUp
from argo_adapters.visit import Visit
from argo_core.consensus.opinion import MASSIVE, Opinion, SourceName
from argo_core.consensus.rules.technicals import RULE, score
from argo_core.errors import InvalidInput
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.ports import Answer, Missing

HORIZON_S = 3_600
SKEW = timedelta(seconds=5)
"""How far Massive's clock may be ahead of ours."""


class MassiveTechnicals:
    """The port `OpinionSource`. Holds indicator handles, so one instance serves one process.

    `client` authenticates by header. `call_timeout_s` bounds each call, `warm_up_s` all calls of an
    ask that open indicators together, and `warm_ups` their number.
    """

    def __init__(
        self,
        client: HttpClient,
        *,
        call_timeout_s: float = 2.0,
        warm_up_s: float = 1.5,
        warm_ups: int = 40,
    ) -> None:
        self._client = client
        self._call_timeout_s = call_timeout_s
        self._warm_up = WarmUp(client, most=warm_ups, seconds=warm_up_s)

    @property
    def name(self) -> SourceName:
        """`massive`."""
        return MASSIVE

    @property
    def model(self) -> str:
        """The version of the technical rule."""
        return RULE

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """Technicals of each instrument as of its row in the snapshot.

        Raises:
            VendorError: no snapshot could be had.
        """
        if not asked:
            return Answer((), calls=0)
        visit = Visit(self._client, self._call_timeout_s)
        seen = await snapshot(self._client, visit, asked)
        rows = {symbol: row for symbol, row in seen.rows.items() if row.at <= now + SKEW}
        sightings = _sightings(asked, rows)
        cold = [one for one in sightings.values() if not self._warm_up.follow(one)]
        await self._warm_up.open(visit, cold, now)
        items, missing = [], []
        for symbol in dict.fromkeys(one.symbol for one in asked):
            if symbol in rows:
                outcome = self._opinion(rows[symbol], now)
            elif symbol in seen.rows:
                outcome = f"from the future: {seen.rows[symbol].at.isoformat()}"
            else:
                outcome = seen.problems.get(symbol, "not in the snapshot")
            if isinstance(outcome, Opinion):
                items.append(outcome)
            else:
                missing.append(Missing(symbol, outcome))
        return Answer(tuple(items), tuple(missing), calls=visit.calls)

    def _opinion(self, row: Row, now: datetime) -> Opinion | str:
        reading = self._warm_up.reading(row.symbol)
        if reading is None:
            return self._warm_up.reason(row.symbol)
        try:
            scored = score(reading, row.price, row.at)
        except InvalidInput as error:
            if error.field == "price":
                # A split, most likely: bars adjusted for it are to be had, these are lost.
                self._warm_up.put_off(row.symbol, now, error.problem)
            return error.problem
        return Opinion(
            MASSIVE,
            row.symbol,
            scored.strength,
            row.at,
            HORIZON_S,
            row.raw_sha256,
            RULE,
            scored.facts,
        )


def _sightings(asked: Sequence[Instrument], rows: Mapping[Symbol, Row]) -> dict[Symbol, Sighting]:
    """Each row with Massive's own time, which is the newest stamp of any row in its asset class.

    A delayed plan is a quarter of an hour behind for stocks, and may not be for crypto.
    """
    clocks: dict[AssetClass, datetime] = {}
    present = [one for one in asked if one.symbol in rows]
    for one in present:
        at = rows[one.symbol].at
        clocks[one.asset_class] = max(at, clocks.get(one.asset_class, at))
    return {one.symbol: Sighting(one, rows[one.symbol], clocks[one.asset_class]) for one in present}

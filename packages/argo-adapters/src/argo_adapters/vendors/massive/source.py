"""Massive's opinions: bulk snapshots, and indicators kept here from one to the next.

One ask costs a call for every 250 symbols, or one for all stocks past 500 of them, and one more
for each symbol whose indicators have to be opened: at the start, and after a pause in which
minutes were lost. Only so many are opened in one ask; the others are missing until their turn.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import aiohttp
from attrs import field, frozen

from argo_adapters.http.client import HttpClient
from argo_adapters.http.key import Key, KeyUse, as_key
from argo_adapters.http.visit import Visit
from argo_adapters.vendors.massive.api import CHUNK, PAGES, Snapshot, snapshot
from argo_adapters.vendors.massive.rows import Row
from argo_adapters.vendors.massive.warm_up import Sighting, WarmUp
from argo_core.consensus.opinion import MASSIVE, Opinion, SourceName
from argo_core.consensus.rules.technicals import RULE, score
from argo_core.errors import InvalidInput, VendorGarbled
from argo_core.market.instrument import AssetClass, Instrument, Symbol
from argo_core.ports import Answer, Missing, Turnstile
from argo_core.resilience.budget import Amount

HORIZON_S = 3_600
SKEW = timedelta(seconds=5)
"""How far Massive's clock may be ahead of ours."""


@frozen
class MassiveSettings:
    """How Massive is asked.

    Wall seconds: `timeout_s` bounds each call, `warm_up_s` all calls of one ask that open
    indicators, which are at most `warm_ups`. Together they stay below the profile's 4 s for an ask.
    """

    key: Key = field(repr=False, converter=as_key)
    base_url: str = "https://api.massive.com"
    timeout_s: float = 2.0
    warm_up_s: float = 1.5
    warm_ups: int = 40


class MassiveTechnicals:
    """The port `OpinionSource`. Holds indicator handles, so one instance serves one process."""

    def __init__(
        self, session: aiohttp.ClientSession, settings: MassiveSettings, *, turnstile: Turnstile
    ) -> None:
        # The key may go into the query as well, but from there it would leak into logs.
        use = KeyUse(settings.key)
        self._client = HttpClient(session, MASSIVE, settings.base_url, turnstile=turnstile, key=use)
        self._timeout_s = settings.timeout_s
        self._warm_up = WarmUp(self._client, most=settings.warm_ups, seconds=settings.warm_up_s)

    @property
    def name(self) -> SourceName:
        """`massive`."""
        return MASSIVE

    @property
    def model(self) -> str:
        """The version of the technical rule."""
        return RULE

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """The calls of a flat rate: all pages of every chunk, and as many openings as one ask may.

        The whole market is one call, and stands for as many chunks as it replaces.
        """
        chunks = -(-len(asked) // CHUNK)
        return Amount(calls=chunks * PAGES + min(len(asked), self._warm_up.most))

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """Technicals of each instrument as of its row in the snapshot.

        Raises:
            VendorError: no snapshot could be had, or no row of it can be believed.
        """
        if not asked:
            return Answer((), calls=0)
        visit = Visit(self._client, self._timeout_s)
        seen = await snapshot(self._client, visit, asked)
        rows = {symbol: row for symbol, row in seen.rows.items() if row.at <= now + SKEW}
        sightings = _sightings(asked, rows)
        cold = [one for one in sightings.values() if not self._warm_up.follow(one)]
        await self._warm_up.open(visit, cold, now)
        if not rows:
            _refuse_all(visit, seen)
        items, missing = [], []
        for symbol in dict.fromkeys(one.symbol for one in asked):
            if symbol in rows:
                outcome = self._opinion(rows[symbol], now)
            elif symbol in seen.rows:
                outcome = _future(seen.rows[symbol])
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


def _future(row: Row) -> str:
    return f"from the future: {row.at.isoformat()}"


def _refuse_all(visit: Visit, seen: Snapshot) -> None:
    """Without a single row to believe, the fault is the vendor's and no symbol's."""
    for problem in (*(_future(row) for row in seen.rows.values()), *seen.distrusted):
        raise visit.failed(VendorGarbled(MASSIVE, f"not one row can be believed: {problem}"))


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

"""Whether our clock says the time that others' do."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from argo_core.ports import Clock
from argo_service.api.errors import NotWell
from argo_service.api.probes import Level, Probe
from argo_service.config.tree import Settings

LARGEST_SKEW_S: Final = 1.0
KEPT_S: Final = 60.0
"""So long a vendor's answer serves, which is asked for nothing else."""
_DATE_S: Final = 1.0
_WHOLE_S: Final = 1.5
_LAST_YEAR: Final = 9_000

TheirNow = Callable[[], Awaitable[datetime | None]]


def clock_probe(clock: Clock, whose: str, their_now: TheirNow, unit_s: float = 0.0) -> Probe:
    """A deep check; `their_now` is what theirs says, in whole units of so many seconds.

    Nothing is wrong with ours where nobody answers.
    """

    async def look() -> str:
        before = clock.now()
        theirs = await their_now()
        after = clock.now()
        if theirs is None:
            return f"{whose} did not say what time it is"
        # The answer was formed at some moment in between.
        ahead = (before - theirs.astimezone(UTC)).total_seconds() - unit_s
        behind = (theirs.astimezone(UTC) - after).total_seconds()
        skew = max(ahead, behind, 0.0)
        said = f"ours differs from {whose}'s by {skew:.1f} s at least"
        if skew > LARGEST_SKEW_S:
            raise NotWell(f"{said}; set both machines' clocks, for example by NTP")
        return said

    return Probe("clock_skew", Level.DEEP, look)


def clock_probe_of(settings: Settings, session: aiohttp.ClientSession, clock: Clock) -> Probe:
    """Against the database's where the log is in one, otherwise against the price feed's."""
    url = settings.log.database_url
    if url is not None:

        async def of_database() -> datetime | None:
            # Its library is there already, as the log is in it.
            from argo_service.record_in_postgres import database_now  # noqa: PLC0415 - see above

            return await database_now(url)

        return clock_probe(clock, "the database", of_database)
    if settings.alpaca.key_id is None:
        # Whoever is not asked for prices is not asked for the time either.
        return Probe("clock_skew", Level.DEEP, _nobody)
    return clock_probe(clock, "alpaca", _Dated(session, settings.alpaca.base_url, clock), _DATE_S)


async def _nobody() -> str:
    return "nobody is asked what time it is"


class _Dated:
    """The header `Date` of a vendor's answers, asked for once a minute at most."""

    def __init__(self, session: aiohttp.ClientSession, url: str, clock: Clock) -> None:
        self._session = session
        self._url = url
        self._clock = clock
        self._heard: tuple[float, datetime] | None = None

    async def __call__(self) -> datetime | None:
        now_s = self._clock.monotonic()
        if self._heard is not None and now_s < self._heard[0] + KEPT_S:
            # Their clock has gone on since as ours has that nobody sets.
            passed_s = now_s - self._heard[0]
            return datetime.fromtimestamp(self._heard[1].timestamp() + passed_s, UTC)
        timeout = aiohttp.ClientTimeout(total=_WHOLE_S)
        try:
            # Without a key, because any answer at all bears the date.
            asking = self._session.head(self._url, allow_redirects=False, timeout=timeout)
            async with asking as response:
                dated = parsedate_to_datetime(response.headers.get("Date", ""))
            # The end of the last year there is has no name in our zone.
            if dated.tzinfo is None or dated.year > _LAST_YEAR:
                return None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, TypeError):
            return None
        self._heard = self._clock.monotonic(), dated
        return dated

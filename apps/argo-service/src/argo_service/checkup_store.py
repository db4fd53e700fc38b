"""Whether the database of the record answers, is of a version we know, and has our time."""

from datetime import UTC, datetime
from typing import Final

from argo_core.errors import ArgoError
from argo_core.ports import Clock
from argo_service.config.tree import Settings
from argo_service.finding import Finding, State

CALL_S: Final = 5.0
LARGEST_SKEW_S: Final = 1.0
OLDEST: Final = 150_000
_NAME: Final = "postgresql"


async def store_findings(settings: Settings, clock: Clock) -> tuple[Finding, ...]:
    """Nothing where the log is in a file."""
    if settings.log.database_url is None:
        return ()
    # The library is loaded only where there is such a database.
    from argo_adapters.postgres.link import address_of, connected, translated  # noqa: PLC0415

    fix = "start the server, or correct log.database_url"
    try:
        address = address_of(settings.log.database_url.reveal())
        async with connected(address, call_s=CALL_S) as connection:
            with translated(address.label):
                before = clock.now()
                row = await connection.fetchrow(
                    "SELECT clock_timestamp() AS now,"
                    " current_setting('server_version_num')::int AS number,"
                    " current_setting('server_version') AS version"
                )
                after = clock.now()
    except ArgoError as error:
        return (Finding(_NAME, State.FAULT, str(error), fix),)
    return tuple(judged(row["number"], row["version"], row["now"], before, after))


def judged(
    number: int, version: str, theirs: datetime, before: datetime, after: datetime
) -> list[Finding]:
    """What the server's version and its clock, read between two moments of ours, mean."""
    detail = f"version {version} answers in {(after - before).total_seconds() * 1000:.0f} ms"
    found = [Finding(_NAME, State.GOOD, detail)]
    if number < OLDEST:
        fix = f"use PostgreSQL {OLDEST // 10_000} or newer"
        found = [Finding(_NAME, State.FAULT, detail, fix)]
    theirs = theirs.astimezone(UTC)
    # The answer was formed at some moment in between.
    skew = max((before - theirs).total_seconds(), (theirs - after).total_seconds(), 0.0)
    if skew > LARGEST_SKEW_S:
        detail = f"ours differs from the database's by {skew:.0f} s"
        fix = "set both machines' clocks, for example by NTP"
        found.append(Finding("clock", State.FAULT, detail, fix))
    return found

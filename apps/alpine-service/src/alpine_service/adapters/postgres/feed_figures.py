"""How much there is of what was read of the log, in numbers."""

from attrs import frozen

from alpine_service.adapters.postgres.database import Database

_FIGURES = """
SELECT coalesce((SELECT size FROM feed_head), 0) AS verified,
    coalesce((SELECT max(size) FROM checkpoints WHERE cosigned_s IS NOT NULL), 0) AS cosigned,
    (SELECT count(*) FROM signals) AS signals,
    (SELECT count(*) FROM events) AS events
"""


@frozen
class FeedFigures:
    """Entries that were verified, and how many of them a witness vouches for; what came of them."""

    verified: int
    cosigned: int
    signals: int
    events: int


async def feed_figures(database: Database) -> FeedFigures:
    """The numbers now."""
    row = await database.fetchrow(_FIGURES)
    assert row is not None  # noqa: S101 - a row of four numbers comes from no table
    return FeedFigures(**row)

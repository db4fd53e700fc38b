"""The book of spending, read beside whoever writes it."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from argo_adapters.sqlite.connection import connect
from argo_adapters.sqlite.spending import APPLICATION_ID, BUSY_S
from argo_adapters.whole_amounts import from_whole
from argo_core.consensus.opinion import SourceName
from argo_core.errors import LogUnusable, SharedAway
from argo_core.signals.skill.price import Spent

_TOTALS = "SELECT source, min(day), sum(usd) FROM spending GROUP BY source ORDER BY source"


def read_spent(path: Path) -> Mapping[SourceName, Spent]:
    """What every payer in that book has cost since its first day there; blocks.

    A vendor's day begins at its own midnight; here it is taken to be that of UTC. Without a file
    nothing was spent.

    Raises:
        SharedAway: it cannot be read, or is not a book of spending.
    """
    if not path.exists():
        return {}
    try:
        db = connect(path, read_only=True, busy_s=BUSY_S)
        with closing(db):
            (application,) = db.execute("PRAGMA application_id").fetchone()
            if application != APPLICATION_ID:
                raise SharedAway(f"{path}: it is no book of spending")
            rows = db.execute(_TOTALS).fetchall()
    except (sqlite3.Error, LogUnusable) as error:
        raise SharedAway(f"{path}: {error}") from error
    return {
        SourceName(source): Spent(
            from_whole((usd, 0, 0)).usd, datetime.fromisoformat(day).replace(tzinfo=UTC)
        )
        for source, day, usd in rows
    }
